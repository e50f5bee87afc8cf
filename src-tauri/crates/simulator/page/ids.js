/** Who and what: `5491155550001@c.us`, `true_5491155550001@c.us_3EB0…`. */

class Wid {
  /** @param {string} text */
  constructor(text) {
    const parts = /^([^@:]+)(?::(\d+))?@([a-z.]+)$/.exec(text);
    if (!parts) throw new Error(`wid error: invalid wid ${text}`);
    this.server = parts[3];
    this.user = parts[1];
    if (parts[2]) this.device = Number(parts[2]);
    this._serialized = text;
  }

  static isXWid(/** @type {string} */ server, /** @type {any} */ wid) {
    return keyOf(wid).endsWith(`@${server}`);
  }

  static isWid(/** @type {any} */ wid) {
    return /^[^@:]+(:\d+)?@[a-z.]+$/.test(keyOf(wid));
  }

  static isUser(/** @type {any} */ wid) {
    return Wid.isXWid("c.us", wid) || Wid.isXWid("lid", wid);
  }

  static isLid(/** @type {any} */ wid) {
    return Wid.isXWid("lid", wid);
  }

  static isGroup(/** @type {any} */ wid) {
    return Wid.isXWid("g.us", wid);
  }

  static equals(/** @type {any} */ one, /** @type {any} */ other) {
    return keyOf(one) === keyOf(other);
  }

  toString() {
    return this._serialized;
  }

  toJid() {
    return this._serialized.replace("@c.us", "@s.whatsapp.net");
  }

  equals(/** @type {any} */ other) {
    return other != null && this._serialized === keyOf(other);
  }

  isSameAccount(/** @type {Wid} */ other) {
    return this.user === other.user;
  }

  getDeviceId() {
    return this.device ?? 0;
  }

  isUser() {
    return Wid.isUser(this);
  }

  isLid() {
    return this.server === "lid";
  }

  isGroup() {
    return this.server === "g.us";
  }

  isBroadcast() {
    return this.server === "broadcast";
  }

  isStatus() {
    return this._serialized === "status@broadcast";
  }

  isStatusV3() {
    return this.isStatus();
  }

  isNewsletter() {
    return this.server === "newsletter";
  }

  isServer() {
    return this.server === "c.us" && this.user === "server";
  }

  isPSA() {
    return this.server === "c.us" && this.user === "0";
  }

  isCompanion() {
    return this.getDeviceId() > 0;
  }

  isUserNotPSA() {
    return this.isUser() && !this.isPSA();
  }

  isBot() {
    return this.server === "bot";
  }

  isGroupCall() {
    return false;
  }

  isOfficialBizAccount() {
    return false;
  }
}

/** @param {string} user digits, or a whole wid */
function userWid(user, server = "c.us") {
  return new Wid(user.includes("@") ? user : `${user}@${server}`);
}

/** @param {any} wid */
function asWid(wid) {
  return wid instanceof Wid ? wid : new Wid(keyOf(wid));
}

class MsgKey {
  /** @param {any} parts either `{from, to, selfDir}` or `{remote, fromMe}`, with an `id` */
  constructor(parts) {
    if (!parts) throw new Error("MsgKey error: obj is null/undefined");
    const { id, participant, selfDir } = parts;
    this.fromMe = selfDir ? selfDir === "out" : Boolean(parts.fromMe);
    this.remote = asWid(selfDir ? (this.fromMe ? parts.to : parts.from) : parts.remote);
    this.id = id;
    if (participant) this.participant = asWid(participant);
    const tail = participant ? `_${keyOf(participant)}` : "";
    this._serialized = `${this.fromMe}_${this.remote}_${id}${tail}`;
  }

  static fromString(/** @type {string} */ text) {
    const [fromMe, remote, id, participant] = text.split("_");
    if (!id) throw new Error(`MsgKey error: invalid key ${text}`);
    return new MsgKey({ fromMe: fromMe === "true", remote, id, participant });
  }

  static async newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase()}`;
  }

  toString() {
    return this._serialized;
  }

  equals(/** @type {any} */ other) {
    return other != null && this._serialized === keyOf(other);
  }

  clone() {
    return MsgKey.fromString(this._serialized);
  }
}

defineValue("WAWebWid", () => Wid);
defineValue("WAWebMsgKey", () => MsgKey);
defineModule("WAWebWidFactory", () => ({
  createWid: (/** @type {any} */ id) => asWid(id),
  createUserWidOrThrow: userWid,
  createWidFromWidLike: asWid,
  asUserWidOrThrow: (/** @type {any} */ wid) => {
    const user = asWid(wid);
    if (!user.isUser()) throw new Error(`wid error: ${user} is not a user`);
    return userWid(user.user, user.server);
  },
  isWidlike: (/** @type {any} */ wid) =>
    wid instanceof Wid || (typeof wid === "object" && Boolean(wid?.user && wid?.server && wid?._serialized)),
}));
