/** Small things that clients expect to find. */

const VERSION = "2.3000.1045000000";

/** @param {string} text */
function findLinks(text) {
  return [...String(text ?? "").matchAll(/\bhttps?:\/\/\S+/g)].map(([href]) => ({ href, url: href }));
}

/** The number behind a hidden id, if it is known. @param {any} wid */
function getPhoneNumber(wid) {
  const number = /^1000(\d{7,15})@lid$/.exec(keyOf(wid))?.[1];
  return number && userWid(number);
}

defineModule("WAWebBuildConstants", () => ({ VERSION_STR: VERSION, SANITIZED_VERSION_STR: VERSION }));
defineModule("WATimeUtils", () => ({
  unixTime: () => Math.floor(Date.now() / 1000),
  unixTimeMs: () => Date.now(),
}));
defineModule("WAWebAck", () => ({
  ACK: Object.freeze({ FAILED: -1, CLOCK: 0, SENT: 1, RECEIVED: 2, READ: 3, PLAYED: 4 }),
  ACK_STRING: Object.freeze({ SENDER: "sender", DELIVERY: "delivery", READ: "read", PLAYED: "played" }),
  EDIT_ATTR: Object.freeze({ SENDER_REVOKE: 7, ADMIN_REVOKE: 8 }),
}));
defineModule("WAWebGetEphemeralFieldsMsgActionsUtils", () => ({ getEphemeralFields: () => ({}) }));
defineModule("WAWebSyncGatingUtils", () => ({ isPlaceholderMessageResendEnabled: () => false }));
defineModule("WALinkify", () => ({ findLinks, findLink: (/** @type {string} */ text) => findLinks(text)[0] }));
defineModule("WAWebLinkPreviewChatAction", () => ({ getLinkPreview: async () => null }));
defineModule("WAWebOfficialClientGating", () => ({ isOfficialClient: true }));
defineModule("WAWebLidPnCache", () => ({
  lidPnCache: { getCurrentLid: () => undefined, getPhoneNumber },
}));
defineModule("WAWebApiContact", () => ({
  getCurrentLid: () => undefined,
  getPhoneNumber,
}));
defineModule("WAWebLidMigrationUtils", () => ({ toPn: (/** @type {any} */ wid) => wid, toLid: () => undefined }));
defineValue("WAWebMiscBrowserUtils", () => ({
  info: () => ({ os: "Linux", name: "Chrome", version: "0" }),
  hardRefresh: () => location.reload(),
}));
