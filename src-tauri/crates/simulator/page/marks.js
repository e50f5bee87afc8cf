/**
 * A value that the phone asked for, written to every part of the storage: how a test finds out whether what was
 * written right before a browser ended is still there.
 */

const MARK = "session-mark";

const marks = {
  /** @type {{ indexed_db: string | null, local_storage: string | null, cookie: string | null }} */
  found: { indexed_db: null, local_storage: null, cookie: null },

  /** Looks what is there. */
  async read() {
    const database = await openDatabase();
    const saved = await settled(database.transaction(STORE).objectStore(STORE).get(MARK));
    database.close();
    const cookie = document.cookie.split("; ").find((part) => part.startsWith(`${MARK}=`));
    this.found = {
      indexed_db: saved ?? null,
      local_storage: localStorage.getItem(MARK),
      cookie: cookie?.slice(MARK.length + 1) ?? null,
    };
    return this.found;
  },

  /** @param {string} value */
  async write(value) {
    localStorage.setItem(MARK, value);
    document.cookie = `${MARK}=${value}; max-age=31536000; path=/; secure; samesite=lax`;
    const database = await openDatabase();
    // As pages usually write: not forced to the disk.
    const change = database.transaction(STORE, "readwrite");
    change.objectStore(STORE).put(value, MARK);
    await new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onerror = change.onabort = () => reject(change.error);
    });
    database.close();
    wire.say({ type: "marked", marks: await this.read() });
  },

  erase() {
    document.cookie = `${MARK}=; max-age=0; path=/; secure; samesite=lax`;
  },
};
