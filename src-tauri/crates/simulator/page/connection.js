/** How the connection is doing: the models that clients watch. */

const SOCKET_STATE = Object.freeze({
  OPENING: "OPENING",
  PAIRING: "PAIRING",
  UNPAIRED: "UNPAIRED",
  UNPAIRED_IDLE: "UNPAIRED_IDLE",
  CONNECTED: "CONNECTED",
  TIMEOUT: "TIMEOUT",
  CONFLICT: "CONFLICT",
  UNLAUNCHED: "UNLAUNCHED",
  PROXYBLOCK: "PROXYBLOCK",
  TOS_BLOCK: "TOS_BLOCK",
  SMB_TOS_BLOCK: "SMB_TOS_BLOCK",
  DEPRECATED_VERSION: "DEPRECATED_VERSION",
});
const SOCKET_STREAM = Object.freeze({
  DISCONNECTED: "DISCONNECTED",
  SYNCING: "SYNCING",
  RESUMING: "RESUMING",
  CONNECTED: "CONNECTED",
});

class ConnModel extends Model {
  static defaults = {
    id: "1",
    ref: undefined,
    refTTL: undefined,
    wid: undefined,
    connected: false,
    battery: undefined,
    plugged: undefined,
    platform: "android",
    pushname: undefined,
    phone: undefined,
  };
}

class StreamModel extends Model {
  static defaults = {
    mode: "SYNCING",
    info: "OPENING",
    needsUpdate: false,
    available: false,
    resumeCount: 0,
  };

  markAvailable() {
    this.set({ available: true });
  }

  markUnavailable() {
    this.set({ available: false });
  }
}

class SocketModel extends Model {
  static defaults = {
    state: SOCKET_STATE.OPENING,
    stream: SOCKET_STREAM.DISCONNECTED,
    hasSynced: false,
  };

  logout() {
    wire.say({ type: "logout" });
  }

  takeover() {
    wire.say({ type: "takeover" });
  }

  poke() {
    wire.say({ type: "refresh_qr" });
  }

  initConn() {}
}

class NetworkStatusModel extends Model {
  static defaults = { online: true };

  async checkOnline() {
    return this.get("online");
  }

  async waitIfOffline() {
    if (!this.get("online")) await new Promise((resolve) => this.once("change:online", resolve));
  }
}

/** The bus for what people do in the page. */
class CmdImpl extends Emitter {
  isMainLoaded = false;

  mainLoaded() {
    if (this.isMainLoaded) return;
    this.isMainLoaded = true;
    this.trigger("main_loaded");
  }

  refreshQR() {
    wire.say({ type: "refresh_qr" });
  }

  openChatBottom(/** @type {{ chat: any }} */ { chat }) {
    view.openChat(chat);
  }
}

const Conn = new ConnModel();
const Stream = new StreamModel();
const Socket = new SocketModel();
const NetworkStatus = new NetworkStatusModel();
const Cmd = new CmdImpl();
const BackendEventBus = new Emitter();
const wire = new Wire(async () => identity.hello());

defineModule("WAWebConnModel", () => ({ Conn, ConnImpl: ConnModel }));
defineModule("WAWebStreamModel", () => ({ Stream, StreamImpl: StreamModel }));
defineModule("WAWebSocketModel", () => ({ Socket, SocketImpl: SocketModel }));
defineModule("WAWebSocketConstants", () => ({
  SOCKET_STATE,
  SOCKET_STREAM,
  WATCHED_SOCKET_STATE: Object.freeze({ OPEN: "OPEN", CLOSED: "CLOSED" }),
}));
defineModule("WAWebNetworkStatusModel", () => ({ default: NetworkStatus }));
defineModule("WAWebCmd", () => ({ Cmd, CmdImpl }));
defineModule("WAWebBackendEventBus", () => ({
  BackendEventBus,
  BackendEvent: Object.freeze({
    AccountTemporarilyBanned: "account_temporarily_banned",
    StorageInitializationError: "storage_initialization_error",
    UnexpectedLogoutModal: "unexpected_logout_modal",
  }),
}));
defineModule("WAWebLogoutReasonConstants", () => ({
  LogoutReason: Object.freeze({
    UserInitiated: "user_initiated",
    UnknownCompanion: "unknown_companion",
    AccountLocked: "account_locked",
    ClientVersionOutdated: "client_version_outdated",
    MDOptOut: "md_opt_out",
    PrimaryIdentityKeyChange: "primary_identity_key_change",
    StorageQuotaExceeded: "storage_quota_exceeded",
  }),
  LOGOUT_REASON_CODE: Object.freeze({ CLIENT_FATAL: "0", SYNC_FAIL: "1", ACCOUNT_LOCKED: "3" }),
  getErrorCodeFromLogoutReason: (/** @type {string} */ reason) =>
    reason === "account_locked" ? "3" : reason.startsWith("syncd") ? "1" : "0",
}));
defineModule("WAWebLaunchSocketUtils", () => ({ refreshQR: () => Cmd.refreshQR() }));
