/** Objects that tell when they change, and lists of them. */

/** @type {WeakMap<object, Map<string, Set<{ listener: Function, context: any, once: boolean }>>>} */
const listenersOf = new WeakMap();

class Emitter {
  /** @param {string} names one or more, separated by spaces */
  on(names, /** @type {Function} */ listener, /** @type {any} */ context = this, once = false) {
    let byName = listenersOf.get(this);
    if (!byName) listenersOf.set(this, (byName = new Map()));
    for (const name of names.split(/\s+/)) {
      if (!byName.has(name)) byName.set(name, new Set());
      byName.get(name)?.add({ listener, context, once });
    }
    return this;
  }

  once(/** @type {string} */ names, /** @type {Function} */ listener, context = this) {
    return this.on(names, listener, context, true);
  }

  off(/** @type {string=} */ names, /** @type {Function=} */ listener) {
    const byName = listenersOf.get(this);
    for (const name of names ? names.split(/\s+/) : [...(byName?.keys() ?? [])]) {
      const entries = byName?.get(name);
      for (const entry of entries ?? []) {
        if (!listener || entry.listener === listener) entries?.delete(entry);
      }
    }
    return this;
  }

  listenTo(/** @type {Emitter} */ other, /** @type {string} */ names, /** @type {Function} */ listener) {
    other.on(names, listener, this);
    return this;
  }

  trigger(/** @type {string} */ name, /** @type {any[]} */ ...details) {
    const entries = listenersOf.get(this)?.get(name);
    for (const entry of [...(entries ?? [])]) {
      if (entry.once) entries?.delete(entry);
      try {
        entry.listener.apply(entry.context, details);
      } catch (error) {
        // One bad listener must not keep the others from hearing.
        reportError(error);
      }
    }
    return this;
  }
}

class Model extends Emitter {
  /** Every property a model of this class has from the start. */
  static defaults = {};

  /** @type {Record<string, any>} */
  attributes = {};
  /** @type {Collection | undefined} */
  collection = undefined;

  constructor(/** @type {Record<string, any>} */ values = {}) {
    super();
    // Hidden: they would otherwise be serialized beside the properties themselves.
    for (const hidden of ["attributes", "collection"]) Object.defineProperty(this, hidden, { enumerable: false });
    const all = { .../** @type {any} */ (this.constructor).defaults, ...values };
    for (const [name, value] of Object.entries(all)) {
      this.attributes[name] = value;
      this.#watch(name);
    }
  }

  /** @param {string} name */
  #watch(name) {
    if (Object.hasOwn(this, name)) return;
    Object.defineProperty(this, name, {
      configurable: true,
      enumerable: true,
      get: () => this.attributes[name],
      set: (value) => void this.set({ [name]: value }),
    });
  }

  set(/** @type {Record<string, any>} */ values) {
    const changed = Object.entries(values).filter(([name, value]) => this.attributes[name] !== value);
    const previous = { ...this.attributes };
    for (const [name, value] of changed) {
      this.attributes[name] = value;
      this.#watch(name);
    }
    for (const [name, value] of changed) this.#tell(`change:${name}`, this, value, previous[name]);
    if (changed.length) this.#tell("change", this);
    return this;
  }

  #tell(/** @type {string} */ name, /** @type {any[]} */ ...details) {
    this.trigger(name, ...details);
    this.collection?.trigger(name, ...details);
  }

  get(/** @type {string} */ name) {
    return /** @type {any} */ (this)[name];
  }

  serialize() {
    return { ...this.attributes };
  }

  /** Clients hand models to functions outside the page, which turn them into JSON. */
  toJSON() {
    return this.serialize();
  }
}

/** @param {any} id a string, or something with an identity of its own */
function keyOf(id) {
  return typeof id === "string" ? id : (id?._serialized ?? id?.id?._serialized ?? id?.id ?? String(id));
}

class Collection extends Emitter {
  static model = Model;

  constructor() {
    super();
    /** @type {Map<string, any>} */
    this._models = new Map();
  }

  get modelClass() {
    return /** @type {typeof Collection} */ (this.constructor).model;
  }

  get length() {
    return this._models.size;
  }

  get(/** @type {any} */ id) {
    return id == null ? undefined : this._models.get(keyOf(id));
  }

  assertGet(/** @type {any} */ id) {
    const model = this.get(id);
    if (!model) throw new Error(`nothing here has the id ${keyOf(id)}`);
    return model;
  }

  async find(/** @type {any} */ id) {
    return this.get(id);
  }

  async update(/** @type {any} */ id) {
    return this.get(id);
  }

  add(/** @type {any} */ values) {
    const list = Array.isArray(values) ? values : [values];
    const models = list.map((value) => {
      const existing = this.get(value.id);
      if (existing) return value instanceof Model ? existing : existing.set(value);
      const model = value instanceof Model ? value : new this.modelClass(value);
      // A message also lies in its chat's list; its events belong to the collection of all messages.
      model.collection ??= this;
      this._models.set(keyOf(model.get("id")), model);
      this.trigger("add", model, this, {});
      return model;
    });
    return Array.isArray(values) ? models : models[0];
  }

  gadd(/** @type {any} */ value) {
    return this.get(value) ?? this.add(typeof value === "object" && value.id ? value : { id: value });
  }

  remove(/** @type {any} */ id) {
    const model = this.get(id);
    if (model && this._models.delete(keyOf(model.get("id")))) this.trigger("remove", model, this, {});
    return model;
  }

  reset() {
    this._models.clear();
    this.trigger("reset", this);
  }

  getModelsArray() {
    return [...this._models.values()];
  }

  toArray() {
    return this.getModelsArray();
  }

  serialize() {
    return this.getModelsArray().map((model) => model.serialize());
  }

  toJSON() {
    return this.serialize();
  }

  map(/** @type {any} */ each) {
    return this.getModelsArray().map(each);
  }

  filter(/** @type {any} */ each) {
    return this.getModelsArray().filter(each);
  }

  forEach(/** @type {any} */ each) {
    this.getModelsArray().forEach(each);
  }

  some(/** @type {any} */ each) {
    return this.getModelsArray().some(each);
  }

  findFirst(/** @type {any} */ each) {
    return this.getModelsArray().find(each);
  }

  last() {
    return this.getModelsArray().at(-1);
  }
}

defineModule("WAWebEventEmitter", () => ({ default: Emitter }));
defineModule("WAWebBaseCollection", () => ({ BaseCollection: Collection }));
