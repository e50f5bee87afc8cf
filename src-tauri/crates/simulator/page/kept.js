/**
 * Messages of this account that the page keeps in IndexedDB, as the real one does: what was sent, and what was not yet.
 * It loads the pending ones when it starts and sends them when it is connected; the others stay there until somebody
 * looks for them.
 *
 * @typedef {{ id: string, chat: string, values: Record<string, any> }} Kept
 */

/** More than this are not kept. */
const MOST_KEPT = 1000;

const kept = {
  /** @type {Promise<IDBDatabase> | null} */
  _opening: null,
  /** Ids, oldest first. @type {string[] | null} */
  _ids: null,

  _open() {
    this._opening ??= openDatabase().then((database) => {
      // Whoever deletes the database must not wait for us.
      database.onversionchange = () => {
        database.close();
        this._opening = this._ids = null;
      };
      return database;
    });
    return this._opening;
  },

  /** @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest} ask @returns {Promise<any>} */
  async _ask(mode, ask) {
    const change = (await this._open()).transaction(MESSAGES, mode);
    const request = ask(change.objectStore(MESSAGES));
    await new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onerror = change.onabort = () => reject(change.error);
    });
    return request.result;
  },

  /** Writes a message as it is now. */
  async put(/** @type {any} */ chat, /** @type {any} */ msg) {
    const id = msg.get("id")._serialized;
    const { type, body, caption, filename, mimetype, size, directPath, t, ack } = msg.attributes;
    const values = { type, body, caption, filename, mimetype, size, directPath, t, ack };
    const ids = (this._ids ??= await this._ask("readonly", (store) => store.getAllKeys()));
    await this._ask("readwrite", (store) => store.put({ id, chat: chat.get("id")._serialized, values }, id));
    if (!ids.includes(id)) ids.push(id);
    if (ids.length > MOST_KEPT) await this._ask("readwrite", (store) => store.delete(/** @type {string} */ (ids.shift())));
  },

  /** @returns {Promise<Kept | undefined>} */
  get(/** @type {string} */ id) {
    return this._ask("readonly", (store) => store.get(id));
  },

  /** @returns {Promise<Kept[]>} */
  all() {
    return this._ask("readonly", (store) => store.getAll());
  },

  async clear() {
    this._ids = [];
    await this._ask("readwrite", (store) => store.clear());
  },
};

/** Puts a message that was kept where the page has its messages. @param {Kept} message */
function recall({ id, chat: chatId, values }) {
  const { chat } = openChatWith(chatId);
  const known = Msgs.get(id);
  const msg =
    known ??
    Msgs.add({ ...values, id: MsgKey.fromString(id), from: myUser(), to: chat.get("id"), self: "out", isNewMsg: false });
  chat.msgs.add(msg);
  return { chat, msg };
}

/** Chats come back, and what the last page could not send is sent by this one. Media that was not uploaded is lost. */
async function resumeKept() {
  for (const message of await kept.all()) {
    const { chat: opened } = openChatWith(message.chat);
    opened.set({ t: Math.max(opened.get("t"), message.values.t) });
    if (message.values.ack !== 0) continue;
    const { chat, msg } = recall(message);
    if (msg.get("type") !== "chat" && !msg.get("directPath")) {
      msg.set({ ack: -1 });
      await kept.put(chat, msg);
    } else {
      void transmit(chat, msg);
    }
  }
}

/** Looks for a message among those that are not loaded, and loads it. */
function getSearchContext(/** @type {{ chat: any, msgKey: any }} */ { msgKey }) {
  const found = new MsgCollection();
  const looking = kept.get(keyOf(msgKey)).then((message) => {
    if (message) found.add(recall(message).msg);
  });
  return { collection: Object.assign(found, { loadAroundPromise: looking }), key: msgKey, highlightMsg: true };
}

defineModule("WAWebChatMessageSearch", () => ({ getSearchContext }));
