/** People and conversations. */

class ContactModel extends Model {
  static defaults = {
    id: undefined,
    name: undefined,
    pushname: undefined,
    shortName: undefined,
    isBusiness: false,
    type: "in",
  };
}
Object.defineProperty(ContactModel.prototype, "proxyName", { value: "contact" });

class ContactCollection extends Collection {
  static model = ContactModel;

  async find(/** @type {any} */ id) {
    return this.gadd(asWid(id));
  }
}

class ChatModel extends Model {
  static defaults = {
    id: undefined,
    name: undefined,
    formattedTitle: undefined,
    t: 0,
    unreadCount: 0,
    archive: false,
    pin: 0,
    isReadOnly: false,
    muteExpiration: 0,
    lastReceivedKey: undefined,
    active: false,
  };

  constructor(/** @type {any} */ values) {
    super(values);
    // Beside the attributes: a serialized chat does not carry its messages.
    Object.defineProperty(this, "msgs", { value: new MsgCollection() });
    Object.defineProperty(this, "mute", { value: { expiration: 0, isMuted: false } });
    Object.defineProperty(this, "presence", { value: { subscribe: async () => {} } });
  }

  get contact() {
    return Contacts.get(this.get("id"));
  }
}
Object.defineProperty(ChatModel.prototype, "proxyName", { value: "chat" });

class ChatCollection extends Collection {
  static model = ChatModel;

  async find(/** @type {any} */ id) {
    return openChatWith(id).chat;
  }
}

class MsgModel extends Model {
  static defaults = {
    id: undefined,
    body: undefined,
    type: "chat",
    t: 0,
    ack: 0,
    from: undefined,
    to: undefined,
    self: "in",
    isNewMsg: false,
    notifyName: undefined,
    star: false,
    author: undefined,
    caption: undefined,
    filename: undefined,
    mimetype: undefined,
    size: undefined,
    directPath: undefined,
  };

  unsafe() {
    return this;
  }
}
Object.defineProperty(MsgModel.prototype, "proxyName", { value: "msg" });

class MsgCollection extends Collection {
  static model = MsgModel;

  async getMessagesById(/** @type {any[]} */ ids) {
    return { messages: ids.map((id) => this.get(id)).filter(Boolean) };
  }

  /** Everything that arrives comes through here, and clients put themselves in between. */
  async processMultipleMessages(/** @type {any} */ _chat, /** @type {any[]} */ messages) {
    return messages.map((message) => this.add(message));
  }
}

class PresenceCollection extends Collection {}
class BlocklistCollection extends Collection {}
class StatusCollection extends Collection {}

/** Owns a plain map, where whatsapp-web.js looks for new calls. */
class CallCollection extends Collection {
  processIncomingCall(/** @type {any} */ call) {
    return this.add(call);
  }

  setActiveCall() {}
}

class GroupMetadataCollection extends Collection {
  _handleParentGroupChange() {}
}

const Contacts = new ContactCollection();
const Chats = new ChatCollection();
const Msgs = new MsgCollection();
const GroupMetadata = new GroupMetadataCollection();

/** @param {any} id */
function openChatWith(id) {
  const wid = asWid(id);
  const existing = Chats.get(wid);
  if (existing) return { chat: existing, created: false };
  const title = Contacts.get(wid)?.get("name") ?? (wid.isUser() ? `+${wid.user}` : wid.user);
  const chat = Chats.add({ id: wid, name: title, formattedTitle: title });
  return { chat, created: true };
}

/** Lets go of everything that belongs to an account. */
function forgetChats() {
  for (const collection of [Chats, Msgs, Contacts]) collection.reset();
}

defineModule("WAWebContactModel", () => ({ ContactModel }));
defineModule("WAWebChatModel", () => ({ ChatModel }));
defineModule("WAWebMsgModel", () => ({ MsgModel }));
defineModule("WAWebContactCollection", () => ({
  ContactCollection: Contacts,
  ContactCollectionImpl: ContactCollection,
}));
defineModule("WAWebChatCollection", () => ({ ChatCollection: Chats, ChatCollectionImpl: ChatCollection }));
defineModule("WAWebMsgCollection", () => ({ MsgCollection: Msgs, MsgCollectionImpl: MsgCollection }));
defineModule("WAWebPresenceCollection", () => ({
  PresenceCollection: new PresenceCollection(),
}));
defineModule("WAWebBlocklistCollection", () => ({
  BlocklistCollection: new BlocklistCollection(),
  BlocklistCollectionImpl: BlocklistCollection,
}));
defineModule("WAWebStatusCollection", () => ({
  StatusCollection: new StatusCollection(),
  StatusCollectionImpl: StatusCollection,
}));
defineValue("WAWebCallCollection", () => new CallCollection());
defineModule("WAWebGroupMetadataCollection", () => ({ default: GroupMetadata }));
defineModule("WAWebCollections", () => ({ Chat: Chats, Contact: Contacts, GroupMetadata, Msg: Msgs }));
defineModule("WAWebFindChatAction", () => ({
  findOrCreateLatestChat: async (/** @type {any} */ id) => openChatWith(id),
}));
defineModule("WAWebChatGetters", () => ({
  getIsNewsletter: (/** @type {any} */ chat) => chat.id.isNewsletter(),
  getIsBroadcast: (/** @type {any} */ chat) => chat.id.isBroadcast(),
}));
