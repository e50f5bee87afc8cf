/**
 * Who this browser profile is. IndexedDB is the truth; localStorage and a cookie mirror it, as so many
 * pages do, so that a copy of the profile can be checked for completeness.
 *
 * @typedef {{ number: string, name: string }} Account
 * @typedef {{ device: string, staticKey: string, identityKey: string, advSecret: string,
 *             token: string | null, account: Account | null }} Identity
 */

const DATABASE = "session-storage";
const STORE = "identity";
const MESSAGES = "messages";
const MIRROR = "session-device";
const LAST_WID = "last-wid-md";
const COOKIE = "session_device";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function openDatabase() {
  const opening = indexedDB.open(DATABASE, 2);
  opening.onupgradeneeded = () => {
    const { objectStoreNames } = opening.result;
    for (const name of [STORE, MESSAGES]) {
      if (!objectStoreNames.contains(name)) opening.result.createObjectStore(name);
    }
  };
  return settled(opening);
}

/** @returns {string} */
function randomKey() {
  return encodeB64(crypto.getRandomValues(new Uint8Array(32)));
}

/** @returns {Identity} */
function newIdentity() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return {
    device: [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    staticKey: randomKey(),
    identityKey: randomKey(),
    advSecret: randomKey(),
    token: null,
    account: null,
  };
}

const identity = {
  /** @type {Identity} */
  current: newIdentity(),
  /** Which parts already knew this profile. */
  found: { indexed_db: false, local_storage: false, cookie: false },

  /** Reads the identity, or makes a new one and keeps it. */
  async load() {
    const database = await openDatabase();
    const saved = await settled(database.transaction(STORE).objectStore(STORE).get("me"));
    database.close();
    if (saved) this.current = saved;
    const { device } = this.current;
    this.found = {
      indexed_db: Boolean(saved),
      local_storage: localStorage.getItem(MIRROR) === device,
      cookie: document.cookie.split("; ").includes(`${COOKIE}=${device}`),
    };
    await marks.read();
    await this.save();
  },

  async save() {
    const { device, account } = this.current;
    localStorage.setItem(MIRROR, device);
    if (account) localStorage.setItem(LAST_WID, JSON.stringify(`${account.number}:1@c.us`));
    else localStorage.removeItem(LAST_WID);
    document.cookie = `${COOKIE}=${device}; max-age=31536000; path=/; secure; samesite=lax`;

    const database = await openDatabase();
    // Strict: a browser that is killed right after the scan must still know its login.
    const change = database.transaction(STORE, "readwrite", { durability: "strict" });
    change.objectStore(STORE).put(this.current, "me");
    await new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onerror = change.onabort = () => reject(change.error);
    });
    database.close();
  },

  /** @param {Account} account @param {string} token */
  async link(account, token) {
    Object.assign(this.current, { account, token });
    await this.save();
  },

  /** Keeps the device but not its login. */
  async unlink() {
    Object.assign(this.current, { account: null, token: null });
    await this.save();
    await kept.clear();
  },

  /** Leaves nothing behind: the next load is a new device. */
  async erase() {
    localStorage.clear();
    document.cookie = `${COOKIE}=; max-age=0; path=/; secure; samesite=lax`;
    marks.erase();
    await settled(indexedDB.deleteDatabase(DATABASE));
  },

  hello() {
    const { device, staticKey, identityKey, advSecret, token } = this.current;
    return {
      device,
      static_key: staticKey,
      identity_key: identityKey,
      adv_secret: advSecret,
      token,
      storage: this.found,
      marks: marks.found,
    };
  },
};

/** @param {Uint8Array | ArrayBuffer} bytes */
function encodeB64(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

/** @param {string} text */
function decodeB64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

defineModule("WABase64", () => ({ encodeB64, decodeB64 }));
