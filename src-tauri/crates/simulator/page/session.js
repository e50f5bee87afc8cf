/** From what the simulator says to what the models and the view show. */

/** Socket state, stream mode, stream info. A missing part stays as it is. */
const SHOWN = /** @type {Record<string, { state?: string, mode?: string, info?: string }>} */ ({
  starting: { state: "OPENING", info: "OPENING" },
  qr: { state: "UNPAIRED", mode: "QR", info: "PAIRING" },
  idle: { state: "UNPAIRED_IDLE", mode: "QR", info: "PAIRING" },
  passkey: { state: "PAIRING", mode: "QR", info: "PAIRING" },
  syncing: { state: "CONNECTED", mode: "SYNCING", info: "SYNCING" },
  resuming: { state: "CONNECTED", mode: "SYNCING", info: "RESUMING" },
  main: { state: "CONNECTED", mode: "MAIN", info: "NORMAL" },
  offline: { state: "OPENING", info: "OFFLINE" },
  timeout: { state: "TIMEOUT", info: "OPENING" },
  proxy_block: { state: "PROXYBLOCK", mode: "PROXYBLOCK" },
  conflict: { state: "CONFLICT", mode: "CONFLICT" },
  outdated: { state: "DEPRECATED_VERSION", mode: "DEPRECATED_VERSION" },
});

class Session extends Model {
  static defaults = { phase: "starting" };

  /** Percent of the synchronisation. */
  progress = 0;

  /** @param {any} message */
  async hear(message) {
    switch (message.type) {
      case "phase":
        return this.enter(message);
      case "linked":
        await identity.link(message.account, message.token);
        Conn.set({ connected: true, wid: myUser(), pushname: message.account.name });
        return Cmd.mainLoaded();
      case "progress":
        return this.advance(message.percent);
      case "history":
        for (const earlier of message.messages) await receive(earlier, false);
        return;
      case "message":
        return receive(message.message);
      case "receipt":
        return requireModule("WAWebHandleMsgReceipt").handleChatSimpleReceipt({
          type: "chat",
          stanzaId: message.id,
          externalIds: [message.id],
          from: asWid(message.chat),
          participant: null,
          recipient: null,
          ts: Math.floor(Date.now() / 1000),
          ack: message.ack,
          ackString: message.ack === 3 ? "read" : null,
          offline: null,
        });
      case "code_expired":
        view.showPairingCode(null);
        return linkDeviceEvents.triggerRefreshAltLinkingCode();
      case "backend_event":
        return void BackendEventBus.trigger(message.name);
      case "logout":
        return this.leave(message.reason);
      case "forgotten":
        forgetChats();
        Conn.set({ connected: false, wid: undefined });
        return identity.unlink();
      case "mark":
        return marks.write(message.value);
      case "command":
        return misbehave[/** @type {"hang" | "crash" | "reload"} */ (message.command)](message.ms);
    }
  }

  /** @param {any} message */
  enter(message) {
    const { phase } = message;
    if (phase !== "qr") Conn.set({ ref: undefined });
    NetworkStatus.set({ online: phase !== "offline" });
    // Clients read the code as soon as the state changes.
    if (phase === "qr") Conn.set({ refTTL: message.life_ms, ref: message.code });
    if (phase === "main" || phase === "resuming") Cmd.mainLoaded();
    if (phase === "outdated") Stream.set({ needsUpdate: true });
    if (phase === "syncing" || phase === "resuming") this.advance(0);

    let { state, mode, info } = SHOWN[phase] ?? {};
    if (phase === "banned") state = mode = message.kind;
    // A session that was in use stays in the main view while it comes back.
    if (phase === "resuming" && Socket.get("hasSynced")) mode = "MAIN";
    if (phase === "offline" && !isLinked()) mode = "OFFLINE";
    if (info) Stream.set({ info });
    if (state) Socket.set({ state, stream: state === "CONNECTED" ? "CONNECTED" : "DISCONNECTED" });
    if (mode) Stream.set({ mode });
    this.set({ phase });
    if (phase === "main") Socket.set({ hasSynced: true });
    this.draw(message);
  }

  /** @param {any} message */
  draw(message) {
    switch (message.phase) {
      case "starting":
        return this.inUse() ? view.main() : view.starting();
      case "qr":
        return view.qr(qrText(message.code), message.matrix);
      case "idle":
        return view.idle();
      case "passkey":
        view.passkey(() => askPasskey(message.challenge));
        return void askPasskey(message.challenge);
      case "syncing":
        return view.progress(0);
      case "resuming":
        return this.inUse() ? view.main() : view.progress(0);
      case "offline":
      case "timeout":
        return this.inUse() ? view.main() : view.progress(0, "No connection…");
      case "proxy_block":
        return view.message("No connection", "A proxy blocks the connection.");
      case "conflict":
        return view.conflict();
      case "banned":
        return view.message("Account blocked", "This account is not allowed to use the service.");
      case "outdated":
        return view.message("Update needed", "This version is too old.");
      case "main":
        return view.main();
    }
  }

  inUse() {
    return isLinked() && Socket.get("hasSynced");
  }

  /** @param {number} percent */
  advance(percent) {
    this.progress = percent;
    Cmd.trigger("offline_progress_update_from_bridge");
    if (!this.inUse()) view.progress(percent);
  }

  /** The login is over: say so, forget it, and go to the login page. */
  async leave(/** @type {string} */ reason) {
    const code = requireModule("WAWebLogoutReasonConstants").getErrorCodeFromLogoutReason(reason);
    view.progress(0, "Logging out…");
    Cmd.trigger("logout", reason);
    const patience = new Promise((resolve) => setTimeout(resolve, settings.logoutMs));
    await Promise.allSettled([identity.erase(), patience]);
    location.replace(`/?post_logout=1&logout_reason=${code}`);
  }

  /** The line to the simulator is gone, which is what a lost network looks like. */
  lost() {
    if (this.get("phase") !== "offline") this.enter({ phase: "offline" });
  }
}

/** @param {string} reference */
function qrText(reference) {
  const { staticKey, identityKey, advSecret } = identity.current;
  return [reference, staticKey, identityKey, advSecret].join(",");
}

/** Asks the browser, so that a person with a passkey, or a virtual one, can really answer. */
async function askPasskey(/** @type {string} */ challenge) {
  try {
    await navigator.credentials.get({ publicKey: { challenge: decodeB64(challenge), userVerification: "preferred" } });
    wire.say({ type: "passkey", approved: true });
  } catch {
    // Nobody touched the sensor: the prompt stays, and its button asks again.
  }
}

const misbehave = {
  /** @param {number} ms */
  hang(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },

  /** One array longer than the engine allows ends the renderer at once; less memory than filling the heap. */
  crash() {
    for (let length = 2 ** 27 + 64; ; length *= 2) "x".repeat(length).split("");
  },

  reload() {
    location.reload();
  },
};

const session = /** @type {Session & { phase: string }} */ (new Session());
