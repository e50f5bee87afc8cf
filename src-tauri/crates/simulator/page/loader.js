/**
 * The module registry. It answers the questions that Meta's loader would be asked, and this page's own
 * code goes through it too: clients replace functions in these modules, and expect the page to notice.
 *
 * @typedef {{ id: string, factory: () => any, es: boolean, exports?: any, namespace?: any }} Entry
 */

/** @type {Record<string, Entry>} */
const modulesMap = {};

/**
 * A module with named exports: everyone sees the same object.
 * @param {string} id
 * @param {() => Record<string, any>} factory
 */
function defineModule(id, factory) {
  modulesMap[id] = { id, factory, es: true };
}

/**
 * A module that is one value, such as a class.
 * @param {string} id
 * @param {() => any} factory
 */
function defineValue(id, factory) {
  modulesMap[id] = { id, factory, es: false };
}

/** @param {string} id */
function requireModule(id) {
  if (id === "__debug") return { modulesMap };
  const entry = modulesMap[id];
  if (!entry) throw new Error(`Requiring unknown module "${id}"`);
  if (!("exports" in entry)) entry.exports = entry.factory();
  return entry.exports;
}

/** @param {string} id */
function importNamespace(id) {
  const exports = requireModule(id);
  const entry = modulesMap[id];
  if (!entry || entry.es) return exports;
  entry.namespace ??= { ...exports, default: exports };
  return entry.namespace;
}

/** Puts the registry where clients look for it. */
function exposeLoader() {
  const page = /** @type {any} */ (window);
  page.ErrorGuard = { skipGuardGlobal() {} };
  page.importNamespace = importNamespace;
  page.importDefault = (/** @type {string} */ id) => importNamespace(id).default;
  page.requireLazy = (/** @type {string[]} */ ids, /** @type {Function} */ then) =>
    then(...ids.map(requireModule));
  page.Debug = { VERSION: requireModule("WAWebBuildConstants").VERSION_STR };
  page.__d = (/** @type {string} */ id, /** @type {string[]} */ _needs, /** @type {() => any} */ factory) =>
    defineValue(id, factory);
  page.require = requireModule;
}
