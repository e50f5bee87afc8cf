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
 * Puts a message into its chat, and keeps it. One that is there already, such as one that failed, begins anew.
 * @param {any} chat @param {any} data
 */
function addOutgoing(chat, data) {
  const msg = Msgs.add({ ...data, id: data.id instanceof MsgKey ? data.id : MsgKey.fromString(keyOf(data.id)) });
  if (msg.get("ack") < 0) msg.set({ ack: 0 });
  chat.msgs.add(msg);
  chat.set({ t: msg.get("t") });
  return msg;
}

/**
 * Shows a message at once, and sends it.
 * @param {any} chat @param {any} data
 * @returns {[Promise<any>, Promise<any>]} the message, and how sending went
 */
function addAndSendMsgToChat(chat, data) {
  const msg = addOutgoing(chat, data);
  return [Promise.resolve(msg), kept.put(chat, msg).then(() => transmit(chat, msg))];
}

/** Asks the server to take a message, as soon and as often as it takes for an answer. @param {any} msg */
async function offer(/** @type {any} */ chat, msg) {
  for (;;) {
    await untilReady();
    const answer = await wire.request({
      type: "send",
      id: msg.get("id").id,
      to: chat.get("id")._serialized,
      text: textOf(msg),
      media: mediaOf(msg),
    });
    // Nobody knows whether it arrived. Under its id, it does so only once.
    if (answer.kind !== "lost" && answer.kind !== "unsent") return answer;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** @param {any} chat @param {any} msg */
async function transmit(chat, msg) {
  const answer = await offer(chat, msg);
  const accepted = answer.kind === "accepted";
  if (!accepted) msg.set({ ack: -1 });
  else if (msg.get("ack") < 1) msg.set({ ack: 1 });
  // Where that is lost, the message is sent once more under its id, which changes nothing.
  kept.put(chat, msg).catch(reportError);
  return accepted
    ? { messageSendResult: "OK", t: answer.at, count: null }
    : { messageSendResult: answer.result ?? "ERROR_UNKNOWN", t: null, count: null };
}

/** What a person can read of a message. @param {any} msg @returns {string} */
function textOf(msg) {
  return String((msg.get("type") === "chat" ? msg.get("body") : msg.get("caption")) ?? "");
}

/** @param {{ from: any, externalIds: string[], ack: number }} receipt */
async function handleChatSimpleReceipt({ from, externalIds, ack }) {
  for (const id of externalIds) {
    // In a group, the key of a message also says who we are there.
    const msg = Msgs.findFirst((/** @type {any} */ one) => one.get("id").id === id && one.get("id").fromMe);
    if (!msg || msg.get("ack") >= ack) continue;
    msg.set({ ack });
    await kept.put(openChatWith(from).chat, msg);
  }
}

/**
 * @typedef {{ id: string, chat: string, from_me: boolean, author: string | null, kind: string, text: string,
 *             at: number, ack: number, name: string | null }} WireMessage
 */

/** @param {WireMessage} message @param {boolean} isNew */
function toMsg(message, isNew) {
  const remote = asWid(message.chat);
  const author = message.author ? asWid(message.author) : undefined;
  const isText = message.kind === "chat";
  return {
    id: new MsgKey({ fromMe: message.from_me, remote, id: message.id, participant: author }),
    // What stands for a picture here is a small one of it.
    body: isText ? message.text : "/9j/4AAQSkZJRgABAQ==",
    caption: isText ? undefined : message.text,
    type: message.kind,
    t: message.at,
    ack: message.ack,
    from: message.from_me ? myUser() : remote,
    to: message.from_me ? remote : myUser(),
    author,
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
  const values = toMsg(message, isNew);
  const known = Msgs.get(values.id);
  // What the page itself knows of a message may be newer.
  if (known) values.ack = Math.max(known.get("ack"), values.ack);
  const [msg] = known ? [known.set({ ack: values.ack })] : await Msgs.processMultipleMessages(wid, [values]);
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
  if (answer.kind !== "found") throw new Error("the query failed");
  return answer.wid ? { wid: asWid(answer.wid), biz: false } : null;
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
