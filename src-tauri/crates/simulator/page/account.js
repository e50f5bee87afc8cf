/** Whose session this is, and how it is linked. */

const isLinked = () => identity.current.account !== null;

function myUser() {
  const { account } = identity.current;
  return account ? userWid(account.number) : undefined;
}

/** The account's hidden identity: any number that is not its own will do. */
function myLid() {
  const { account } = identity.current;
  return account ? userWid(`1000${account.number}`, "lid") : undefined;
}

/** @template T @param {T | undefined} value @returns {T} */
function orThrow(value) {
  if (!value) throw new Error("nobody is logged in");
  return value;
}

/** What a client watches to know whether its pairing code still holds. */
class LinkDeviceEvents extends Emitter {
  triggerRefreshAltLinkingCode() {
    this.trigger("link_device_events:refresh_alt_linking_code");
  }

  triggerForceManualRefresh() {
    this.trigger("link_device_events:force_manual_refresh");
  }

  triggerPrimaryHelloReceived() {
    this.trigger("link_device_events:primary_hello_received");
  }
}

const linkDeviceEvents = new LinkDeviceEvents();

const altLinking = {
  setPairingType() {},
  async initializeAltDeviceLinking() {},
  async initializeQRLinking() {
    view.showPairingCode(null);
  },
  /** @param {string} number @returns {Promise<string>} eight letters and digits */
  async startAltLinkingFlow(number) {
    const digits = String(number).replace(/\D/g, "");
    const answer = await wire.request({ type: "pairing_code", number: digits });
    if (answer.kind !== "code") throw new Error(answer.reason ?? answer.result);
    view.showPairingCode(answer.code);
    return answer.code;
  },
};

/** @param {"staticKey" | "identityKey"} name */
function keyPair(name) {
  return { pubKey: decodeB64(identity.current[name]).buffer, privKey: new ArrayBuffer(32) };
}

defineModule("WAWebApiLogin", () => ({ isLoggedIn: isLinked }));
defineModule("WAWebUserPrefsRegistration", () => ({ isRegistered: isLinked }));
defineModule("WAWebSignalStoreApi", () => ({
  waSignalStore: {
    getRegistrationInfo: async () => ({ registrationId: 1, identityKeyPair: keyPair("identityKey") }),
  },
}));
defineModule("WAWebUserPrefsInfoStore", () => ({
  waNoiseInfo: { get: async () => ({ staticKeyPair: keyPair("staticKey") }) },
}));
defineModule("WAWebUserPrefsMultiDevice", () => ({
  getADVSecretKey: () => identity.current.advSecret,
  setADVSignedIdentity() {},
}));
defineModule("WAWebUserPrefsMeUser", () => ({
  getMaybeMePnUser: myUser,
  getMaybeMeLidUser: myLid,
  getMePnUserOrThrow: () => orThrow(myUser()),
  getMeLidUserOrThrow: () => orThrow(myLid()),
  getMe: myUser,
}));
defineModule("WAWebCompanionRegClientUtils", () => ({ DEVICE_PLATFORM: "1" }));
defineModule("WAWebAdvSignatureApi", () => ({ verifyDeviceIdentityAccountSignature: () => true }));
defineModule("WAWebAltDeviceLinkingApi", () => ({
  ...altLinking,
  genLinkDeviceCodeForPhoneNumber: altLinking.startAltLinkingFlow,
}));
defineModule("WAWebLinkDeviceEvents", () => ({ WAWebLinkDeviceEvents: linkDeviceEvents }));
defineModule("WAWebOfflineHandler", () => ({
  OfflineMessageHandler: { getOfflineDeliveryProgress: () => session.progress },
}));
