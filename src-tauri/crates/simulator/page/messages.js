/** Sending, receiving, and what becomes of messages. */

/** Waits until the session can carry a message: the real page queues what is sent offline, too. */
function untilReady() {
  return new Promise((resolve) => {
    if (session.phase === "main") return resolve(undefined);
    const check = () => {
      if (session.phase !== "main") return;
      session.off("change:phase", check);
      resolve(undefined);
    };
    session.on("change:phase", check);
  });
}

/**
 * Shows a message at once, and sends it.
 * @param {any} chat @param {any} data
 * @returns {[Promise<any>, Promise<any>]} the message, and how sending went
 */
function addAndSendMsgToChat(chat, data) {
  const msg = Msgs.add({ ...data, id: data.id instanceof MsgKey ? data.id : MsgKey.fromString(keyOf(data.id)) });
  if (msg.get("ack") < 0) msg.set({ ack: 0 });
  chat.msgs.add(msg);
  chat.set({ t: msg.get("t") });
  return [Promise.resolve(msg), send(chat, msg)];
}

/** @param {any} chat @param {any} msg */
async function send(chat, msg) {
  await untilReady();
  const answer = await wire.request({
    type: "send",
    id: msg.get("id").id,
    to: chat.get("id")._serialized,
    text: String(msg.get("body") ?? msg.get("caption") ?? ""),
  });
  if (answer.kind === "accepted") {
    if (msg.get("ack") < 1) msg.set({ ack: 1 });
    return { messageSendResult: "OK", t: answer.at, count: null };
  }
  msg.set({ ack: -1 });
  return { messageSendResult: answer.result ?? "ERROR_UNKNOWN", t: null, count: null };
}

/** @param {{ from: any, externalIds: string[], ack: number }} receipt */
async function handleChatSimpleReceipt({ from, externalIds, ack }) {
  for (const id of externalIds) {
    const msg = Msgs.get(new MsgKey({ fromMe: true, remote: from, id }));
    if (msg && msg.get("ack") < ack) msg.set({ ack });
  }
}

/**
 * @typedef {{ id: string, chat: string, from_me: boolean, text: string, at: number, ack: number,
 *             name: string | null }} WireMessage
 */

/** @param {WireMessage} message @param {boolean} isNew */
function toMsg(message, isNew) {
  const remote = asWid(message.chat);
  return {
    id: new MsgKey({ fromMe: message.from_me, remote, id: message.id }),
    body: message.text,
    type: "chat",
    t: message.at,
    ack: message.ack,
    from: message.from_me ? myUser() : remote,
    to: message.from_me ? remote : myUser(),
    self: message.from_me ? "out" : "in",
    isNewMsg: isNew,
    notifyName: message.name ?? undefined,
  };
}

/** @param {WireMessage} message */
async function receive(message, isNew = true) {
  const wid = asWid(message.chat);
  if (message.name) Contacts.add({ id: wid, name: message.name, pushname: message.name });
  const { chat } = openChatWith(wid);
  if (message.name) chat.set({ name: message.name, formattedTitle: message.name });
  const [msg] = await Msgs.processMultipleMessages(wid, [toMsg(message, isNew)]);
  chat.msgs.add(msg);
  chat.set({ t: message.at, ...(message.from_me ? {} : { lastReceivedKey: msg.get("id") }) });
  if (isNew && !message.from_me && view.openedChat !== chat) {
    chat.set({ unreadCount: chat.get("unreadCount") + 1 });
  }
}

/** @param {any} target a chat, or `{chat}` */
async function sendSeen(target) {
  (target.chat ?? target).set({ unreadCount: 0 });
}

/** @param {any} wid */
async function queryWidExists(wid) {
  const answer = await wire.request({ type: "query", number: asWid(wid).user });
  return answer.exists ? { wid: asWid(wid), biz: false } : null;
}

defineModule("WAWebSendMsgChatAction", () => ({ addAndSendMsgToChat }));
defineModule("WAWebHandleMsgReceipt", () => ({
  handleChatSimpleReceipt,
  handleGroupSimpleReceipt: async (/** @type {any} */ receipt) => handleChatSimpleReceipt(receipt),
  handleStatusSimpleReceipt: async () => {},
}));
defineModule("WAWebUpdateUnreadChatAction", () => ({
  sendSeen,
  markUnread: async (/** @type {any} */ chat) => void chat.set({ unreadCount: -1 }),
}));
defineModule("WAWebQueryExistsJob", () => ({
  queryWidExists,
  queryPhoneExists: (/** @type {string} */ number) => queryWidExists(userWid(number.replace(/\D/g, ""))),
}));
defineModule("WAWebSendMsgResultAction", () => ({
  SendMsgResult: Object.freeze({
    OK: "OK",
    ERROR_NETWORK: "ERROR_NETWORK",
    ERROR_EXPIRED: "ERROR_EXPIRED",
    ERROR_CANCELLED: "ERROR_CANCELLED",
    ERROR_UPLOAD: "ERROR_UPLOAD",
    ERROR_UNKNOWN: "ERROR_UNKNOWN",
  }),
}));
