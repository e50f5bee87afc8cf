/** What a person sees. */

/**
 * @param {string} tag
 * @param {Record<string, any>} [properties] attributes; `on…` are listeners
 * @param {(Node | string)[]} [children]
 */
function element(tag, properties = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

const NOTE = "This is a simulator: nothing here reaches WhatsApp.";
const TICKS = new Map([[-1, "failed"], [0, "…"], [1, "sent"], [2, "delivered"], [3, "read"]]);

/** A line for a message. @param {any} msg */
function shownText(msg) {
  if (msg.get("type") === "chat") return msg.get("body") ?? "";
  return [`[${msg.get("type")}]`, msg.get("filename"), msg.get("caption")].filter(Boolean).join(" ");
}

const view = {
  /** @type {any} */
  openedChat: null,
  /** @type {string | null} */
  pairingCode: null,
  /** What is typed but not sent: it outlives the drawings. */
  _draft: "",
  /** What is shown, as a function that shows it again. */
  _draw: () => {},

  /** @param {() => Node[]} draw */
  _show(draw) {
    this._draw = () => document.getElementById("app")?.replaceChildren(...draw());
    this._draw();
  },

  /** @param {string} title @param {(Node | string)[]} more */
  _card(title, more, side = /** @type {Node[]} */ ([])) {
    const note = element("p", { class: "note" }, [NOTE]);
    const words = element("div", { class: "words" }, [element("h1", {}, [title]), ...more, note]);
    this._show(() => [element("main", { class: "stage" }, [element("div", { class: "card" }, [words, ...side])])]);
  },

  starting() {
    this.progress(0, "Connecting…");
  },

  /** @param {number} percent */
  progress(percent, label = "Loading your chats…") {
    const bar = element("progress", { max: 100, value: percent, "aria-label": label });
    this._show(() => [
      element("main", { class: "stage" }, [element("div", { class: "loading" }, [element("p", {}, [label]), bar])]),
    ]);
  },

  /** @param {string} text @param {string[]} matrix */
  qr(text, matrix) {
    const canvas = /** @type {HTMLCanvasElement} */ (
      element("canvas", { "aria-label": "Scan this QR code to link a device!", role: "img" })
    );
    paintMatrix(canvas, matrix);
    const code = element("div", { class: "code", "data-ref": text, "data-testid": "link-device-qr-code" }, [canvas]);
    const steps = ["Open the app on your phone.", "Go to Linked devices.", "Point the phone at this code."];
    const more = [element("ol", {}, steps.map((step) => element("li", {}, [step])))];
    if (this.pairingCode) {
      more.push(
        element("p", {}, ["Or type this code into the phone:"]),
        element("p", { class: "link-code", "data-testid": "link-device-code" }, [this.pairingCode]),
      );
    }
    this._shownQr = () => this.qr(text, matrix);
    this._card("Link a device", more, [code]);
  },

  /** @param {string | null} code */
  showPairingCode(code) {
    this.pairingCode = code;
    if (session.phase === "qr") this._shownQr();
  },

  _shownQr: () => {},

  idle() {
    const refresh = element("button", { onclick: () => Cmd.refreshQR() }, ["Click to reload the code"]);
    this._card("The code has expired", [refresh]);
  },

  /** @param {() => void} retry */
  passkey(retry) {
    const button = element("button", { onclick: retry }, ["Use your passkey"]);
    const more = [element("p", { "data-testid": "passkey-prompt" }, ["Confirm with your passkey to link this device."])];
    this._card("Confirm that it is you", [...more, button]);
  },

  /** @param {string} title @param {string} text @param {Node[]} more */
  message(title, text, more = []) {
    this._card(title, [element("p", { role: "alert" }, [text]), ...more]);
  },

  conflict() {
    const use = element("button", { onclick: () => Socket.takeover() }, ["Use here"]);
    this.message("Open elsewhere", "This session is open in another window.", [use]);
  },

  main() {
    this._show(() => this._desk());
  },

  /** Draws again if the chats are what is shown. */
  refresh() {
    if (!document.getElementById("pane-side")) return;
    const typing = document.activeElement?.matches(".compose input");
    this._draw();
    if (!typing) return;
    const input = /** @type {HTMLInputElement | null} */ (document.querySelector(".compose input"));
    input?.focus();
    input?.setSelectionRange(input.value.length, input.value.length);
  },

  /** @param {any} chat */
  openChat(chat) {
    if (this.openedChat !== chat) {
      this.openedChat?.set({ active: false });
      this._draft = "";
    }
    this.openedChat = chat;
    chat.set({ active: true, unreadCount: 0 });
    this.refresh();
  },

  _desk() {
    const { account } = identity.current;
    const chats = Chats.getModelsArray().sort((one, other) => other.get("t") - one.get("t"));
    const rows = chats.map((chat) => this._row(chat));
    const offline = session.phase === "main" ? [] : [element("div", { class: "strip", role: "status" }, ["No connection…"])];
    const side = element("div", { id: "side" }, [
      element("header", {}, [account?.name ?? "", element("small", {}, [account ? `+${account.number}` : ""])]),
      ...offline,
      element("div", { id: "pane-side", role: "grid", "aria-label": "Chat list" }, rows.length ? rows : [
        element("p", { class: "empty" }, ["No chats yet."]),
      ]),
    ]);
    return [element("div", { class: "desk" }, [side, this._conversation()])];
  },

  /** @param {any} chat */
  _row(chat) {
    const last = chat.msgs.last() ? shownText(chat.msgs.last()) : "";
    const unread = chat.get("unreadCount");
    return element("button", { class: "row", role: "row", "aria-selected": chat === this.openedChat, onclick: () => this.openChat(chat) }, [
      element("span", {}, [chat.get("formattedTitle")]),
      ...(unread > 0 ? [element("span", { class: "unread" }, [String(unread)])] : []),
      element("span", { class: "last" }, [last]),
    ]);
  },

  _conversation() {
    const chat = this.openedChat;
    if (!chat) return element("div", { id: "main" }, [element("p", { class: "empty" }, ["Pick a chat. ", NOTE])]);
    const messages = chat.msgs.getModelsArray().map((/** @type {any} */ msg) => {
      const mine = msg.get("id").fromMe;
      const ticks = mine ? [element("small", {}, [TICKS.get(msg.get("ack")) ?? ""])] : [];
      return element("div", { class: mine ? "message mine" : "message" }, [shownText(msg), ...ticks]);
    });
    const input = /** @type {HTMLInputElement} */ (
      element("input", {
        "aria-label": "Type a message",
        autocomplete: "off",
        value: this._draft,
        oninput: () => (this._draft = input.value),
      })
    );
    const compose = element("form", {
      class: "compose",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (!input.value.trim()) return;
        this._draft = "";
        sendTyped(chat, input.value);
      },
    }, [input, element("button", {}, ["Send"])]);
    return element("div", { id: "main" }, [
      element("header", {}, [chat.get("formattedTitle")]),
      element("div", { class: "messages", role: "log" }, messages),
      compose,
    ]);
  },
};

/** @param {any} chat @param {string} body */
async function sendTyped(chat, body) {
  const id = new MsgKey({ fromMe: true, remote: chat.id, id: await MsgKey.newId() });
  const t = Math.floor(Date.now() / 1000);
  requireModule("WAWebSendMsgChatAction").addAndSendMsgToChat(chat, {
    id, body, t, type: "chat", ack: 0, from: myUser(), to: chat.id, self: "out", isNewMsg: true,
  });
}

/** @param {HTMLCanvasElement} canvas @param {string[]} matrix rows of `1` (dark) and `0` */
function paintMatrix(canvas, matrix) {
  const quiet = 2;
  const scale = 4;
  canvas.width = canvas.height = (matrix.length + 2 * quiet) * scale;
  const brush = canvas.getContext("2d");
  if (!brush) return;
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.fillStyle = "#000";
  matrix.forEach((row, y) => {
    [...row].forEach((cell, x) => {
      if (cell === "1") brush.fillRect((x + quiet) * scale, (y + quiet) * scale, scale, scale);
    });
  });
}
