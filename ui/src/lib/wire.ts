// Generated from the wire types in src-tauri/crates/api/src (dto.rs, commands.rs, calls.rs). Do not edit.
// To write it anew: UPDATE_WIRE_TYPES=1 cargo test -p session-api --test wire_types

/** A linked account. */
export type AccountView = {
  /** Digits with country code. */
  number: string,
  /** The profile name. */
  name: string | null,
};

/** Why the local API does not listen. */
export type ApiProblem = "PORT_TAKEN" | "ADDRESS_REFUSED" | "KEY_MISSING";

/** The local API. */
export type ApiView = {
  /** Whether it is switched on. */
  enabled: boolean,
  /** The address it has, or is to have. */
  address: string,
  /** Why it is not listening although it is on. */
  error: ApiProblem | null,
  /** Whether callers need a key: by the settings, by an option, or because other machines can reach it. */
  key_required: boolean,
};

/** The program itself. */
export type AppView = {
  /** Version of the program. */
  version: string,
  /** Whether everything runs against the built-in simulator. */
  demo: boolean,
  /** Whether there is no window. */
  headless: boolean,
  /** The browser found. */
  browser: BrowserView,
  /** Whether browsers run without their sandbox. */
  no_sandbox: boolean,
  /** The local API. */
  api: ApiView,
  /** The person's choices. */
  settings: SettingsView,
  /** Whether the store works; if not, changes are not kept over a restart. */
  store_ok: boolean,
  /** What the machine has left. */
  resources: ResourcesView,
  /** Newer versions of the program. */
  updates: UpdatesView,
  /** Where everything is kept. */
  data_dir: string,
  /** How the program sits on this desk; null without a window. */
  desk: DeskView | null,
  /** Sessions that are being started together, such as after a start of the program; null while there are none. */
  starting: StartingView | null,
  /** The clock of the backend, ms since 1970, so that a page on a PC with another clock counts down right. */
  now: number,
};

/** What a breaker does with calls. */
export type BreakerState = "closed" | "open" | "half_open";

/** What the browser of a session is doing. */
export type BrowserActivity = "none" | "launching" | "running" | "closing";

/** The browser that sessions run in. */
export type BrowserView = {
  /** Its name and version, if one was found. */
  name: string | null,
  /** Its path, if one was found. */
  path: string | null,
};

/** A bundle that is there. */
export type BundleFileView = {
  /** Where. */
  path: string,
  /** Its name alone. */
  name: string,
  /** Its size in bytes. */
  size: number,
  /** How many files are in it. */
  files: number,
};

/** What the asker knows of the progress. */
export type BundleSeen = {
  /** The last revision seen; an older one is answered at once. */
  revision: number,
};

/** What is being collected. */
export type BundleStep = "about" | "pages" | "clientes" | "storage" | "logs" | "finish";

/** How far a bundle is. */
export type BundleView = {
  /** Counts up with every change. */
  revision: number,
  /** What is being collected; null when nothing is. */
  step: BundleStep | null,
  /** Steps that are done. */
  done: number,
  /** Steps in all. */
  total: number,
  /** The file, when it is there. */
  file: BundleFileView | null,
  /** Why there is none. */
  failure: CommandError | null,
  /** Whether somebody cancelled it. */
  cancelled: boolean,
};

/** What is to be in a bundle. */
export type BundleWish = {
  /** Only what concerns this cliente; null: all. */
  cliente: number | null,
  /** Pictures of sessions in trouble. Neither codes nor chats are on them. */
  pictures: boolean,
  /** What people call their clientes. Remarks are never in it. */
  names: boolean,
};

/** One call of the local API. */
export type CallView = {
  /** Counts up from 1 since the program started. */
  id: number,
  /** When it came, ms since 1970. */
  at: number,
  /** The method; `OTHER` for one that no route has. */
  method: string,
  /** The route as it is declared, or the command; `/*` for an unknown route. */
  route: string,
  /** The cliente that it was about. */
  cliente: number | null,
  /** The HTTP status; null: the caller hung up before there was one. */
  status: number | null,
  /** Why it was refused or failed. */
  code: ErrorCode | null,
  /** How long the answer took, µs; of a stream, until it began. */
  duration_us: number,
  /** `key:` and its name for a caller with an API key, `user:` and its id for another user of this machine, `control` for the control room's own page, else the caller's address and port. */
  caller: string,
};

/** The calls of the local API to read. */
export type CallsArgs = {
  /** How many at most; no more than 500 are kept. */
  limit: number,
  /** Only those with a greater id. */
  after?: number,
};

/** A folder to choose in the system's own dialog. */
export type ChooseFolderArgs = {
  /** What was written so far; where that is a path, the dialog begins as near to it as there is a folder. */
  from: string,
};

/** A folder that was chosen. */
export type ChosenFolderView = {
  /** Its whole path; null where the person chose none. */
  path: string | null,
};

/** A cliente with its session, as a card shows it. */
export type ClienteView = {
  /** The id. */
  id: number,
  /** What people call it; may be empty. */
  name: string,
  /** A free remark; may be empty. */
  note: string,
  /** When it was first seen, ms since 1970. */
  created_at: number,
  /** Whether its session is restored at start. */
  wanted: Wanted,
  /** The account that is linked, or was last. */
  account: AccountView | null,
  /** Whether a login is saved on disk: the next start needs no scan. */
  saved_login: boolean,
  /** Whether it writes to itself now and then, to know that messages still go out. */
  self_test: boolean,
  /** Its session. */
  session: SessionView,
};

/** What closing the window is to do. */
export type CloseArgs = {
  /** The choice; null goes back to the window. */
  choice: OnClose | null,
  /** Whether to do the same from now on without asking. */
  remember: boolean,
};

/** A command that failed. The UI translates the code; the message is for a log. */
export type CommandError = {
  /** What failed. */
  code: ErrorCode,
  /** In plain English. */
  message: string,
  /** The cause, where one is known. */
  reason: Reason | null,
};

/** What the control room is told as it happens. */
export type ControlEvent = { "type": "snapshot" } & Snapshot | { "type": "cliente" } & ClienteView | { "type": "cliente_removed",
/** Which. */
id: number, } | { "type": "app" } & AppView | { "type": "close_requested" } | { "type": "show_cliente",
/** Which. */
id: number, } | { "type": "ending" } | { "type": "calls",
/** The id of the newest one. */
last: number, };

/** An API key to create. */
export type CreateKeyArgs = {
  /** What people call it; no other key has this name. */
  name: string,
  /** What it may do: at least one. */
  scopes: Array<Scope>,
};

/** What a webhook was not told, without its content. */
export type DeadLetterView = {
  /** Its number. */
  letter: number,
  /** What names it towards the receiver. */
  id: string,
  /** What it tells. */
  event: string,
  /** Of which cliente. */
  cliente_id: number,
  /** When that happened, ms since 1970. */
  at: number,
  /** When it was given up on, ms since 1970. */
  died_at: number,
  /** How often it was tried. */
  attempts: number,
  /** The HTTP status of the last answer; null where none came. */
  status: number | null,
  /** Why it did not arrive. */
  error: WebhookProblem,
  /** The same in plain English. */
  message: string,
};

/** What to call a cliente. */
export type DescribeArgs = {
  /** Which. */
  id: number,
  /** The new name. */
  name: string,
  /** The new remark. */
  note: string,
};

/** How the program sits on this desk, as the system says. */
export type DeskView = {
  /** Whether there is a tray to come back from. Without one the window is minimised instead of hidden. */
  tray: boolean,
  /** Whether the program starts with the system; null where that cannot be told. */
  autostart: boolean | null,
};

/** A session to end. */
export type DestroyArgs = {
  /** Which. */
  id: number,
  /** Whether to delete the login and the cliente too. */
  forget: boolean,
};

/** Whether there is room on the disk. */
export type DiskState = "ok" | "low" | "full";

/** What went wrong, for a program to act on. */
export type ErrorCode = "MISSING_HEADER" | "INVALID_HEADER" | "INVALID_REQUEST" | "INITIALIZATION_IN_PROGRESS" | "INITIALIZATION_FAILED" | "SESSION_NOT_READY" | "SEND_FAILED" | "IDEMPOTENCY_KEY_REUSED" | "OUTBOX_FULL" | "CHECK_FAILED" | "QR_NOT_AVAILABLE" | "QR_NOT_REQUIRED" | "NOT_FOUND" | "MEDIA_NOT_FOUND" | "MESSAGE_NOT_FOUND" | "METHOD_NOT_ALLOWED" | "HOST_NOT_ALLOWED" | "ORIGIN_NOT_ALLOWED" | "UNAUTHORIZED" | "FORBIDDEN" | "KEY_NOT_FOUND" | "KEY_EXISTS" | "INVALID_ORIGIN" | "PATH_NOT_ALLOWED" | "UNSUPPORTED_MEDIA_TYPE" | "PAYLOAD_TOO_LARGE" | "INSUFFICIENT_STORAGE" | "CLIENTE_NOT_FOUND" | "CLIENTE_EXISTS" | "WEBHOOK_NOT_FOUND" | "NOT_NOW" | "NO_WINDOW" | "DELETE_FAILED" | "AUTOSTART_FAILED" | "BUNDLE_FAILED" | "STORE_UNAVAILABLE" | "PAGE_FAILED" | "PAIRING_REFUSED" | "TOO_MANY_STREAMS" | "RATE_LIMIT_EXCEEDED" | "OVERLOADED" | "TIMED_OUT" | "SHUTTING_DOWN" | "INTERNAL_ERROR";

/** Why a folder cannot be looked into. */
export type FolderProblem = "not_whole" | "missing" | "no_folder" | "forbidden" | "unreadable";

/** A command about one cliente. */
export type IdArgs = {
  /** Which. */
  id: number,
};

/** Clientes to add together. */
export type ImportArgs = {
  /** They; 500 at most. */
  clientes: Array<ImportRow>,
  /** Whether to start them; they wait for their turn. */
  start: boolean,
};

/** One of them. */
export type ImportRow = {
  /** The id; null takes the next free one. */
  id: number | null,
  /** What people call it. */
  name: string,
  /** A free remark. */
  note: string,
};

/** What came of an import: all were added, or none and why. */
export type ImportView = {
  /** Those that were added, in their order; none if one was refused. */
  added: Array<ClienteView>,
  /** What is wrong with which. */
  refused: Array<RefusedRow>,
  /** Why they were added and not all of them started. */
  unstarted: CommandError | null,
};

/** A command about one API key. */
export type KeyArgs = {
  /** Which, by its id. Not called `id`, which is a cliente's everywhere. */
  key: string,
};

/** An API key, without its secret. */
export type KeyView = {
  /** What tells it from others. */
  id: string,
  /** What people call it. */
  name: string,
  /** What it may do. */
  scopes: Array<Scope>,
  /** When it was created or last rotated, ms since 1970. */
  created_at: number,
  /** The day on which it was last used (UTC), ms since 1970 at its beginning. */
  last_used: number | null,
};

/** A language of the UI. */
export type Language = "es" | "en" | "pt";

/** Dead letters to do something with. */
export type LettersArgs = {
  /** Whose. */
  webhook: string,
  /** Which; null: all. */
  letter: number | null,
};

/** Dead letters to read. */
export type LettersLimitArgs = {
  /** Whose. */
  webhook: string,
  /** How many at most. */
  limit: number,
};

/** How many dead letters something was done with. */
export type LettersView = {
  /** How many. */
  count: number,
};

/** A step of linking in which there is no QR. */
export type LoginStep = "waiting" | "code" | "idle" | "linking" | "passkey";

/** A cliente to add. */
export type NewCliente = {
  /** The id; null takes the next free one. */
  id: number | null,
  /** What people call it. */
  name: string,
  /** A free remark. */
  note: string,
  /** Whether to start it at once. */
  start: boolean,
};

/** A key that is new or was rotated. This is the only time that its secret is told. */
export type NewKeyView = {
  /** The key. */
  key: KeyView,
  /** What its holder sends. */
  secret: string,
};

/** A command that takes nothing. */
export type NoArgs = Record<symbol, never>;

/** What the system's notifications tell. */
export type Notifications = "off" | "problems" | "all";

/** A folder to look into. */
export type OldFolderArgs = {
  /** Its whole path, as people paste it: in quotes or with `~` too. */
  dir: string,
};

/** What was found in a folder. */
export type OldFoundView = {
  /** The logins. */
  logins: Array<OldLoginView>,
  /** Folders that could not be looked into. */
  unreadable: Array<string>,
  /** Whether there were more folders than are looked through. */
  cut_short: boolean,
  /** Why the folder could not be looked into at all. */
  problem: FolderProblem | null,
};

/** Which program saved a login. */
export type OldKindView = "service" | "local_auth";

/** A login that was found. */
export type OldLoginView = {
  /** Its folder, which names it. */
  path: string,
  /** Which program saved it. */
  kind: OldKindView,
  /** What that program called it; empty where it gave it no name. */
  name: string,
  /** The id that it is to have here. */
  id: number,
  /** Whether it had that id there. */
  own_id: boolean,
  /** Whether a cliente of this id has a login, or runs. */
  id_taken: boolean,
  /** How much there is to copy, bytes. */
  bytes: number,
  /** When it was last written to, ms since 1970. */
  last_used: number | null,
  /** Why it cannot be taken over now. */
  problem: OldProblem | null,
};

/** Why a login is not taken over. */
export type OldProblem = "in_use" | "in_use_elsewhere" | "changed" | "not_found" | "no_login" | "id_taken" | "no_space" | "cancelled" | "failed";

/** What closing the window does. */
export type OnClose = "keep_running" | "quit";

/** A number to link without a QR. */
export type PairingArgs = {
  /** Which. */
  id: number,
  /** The number of the phone, with country code, as people write it. */
  number: string,
};

/** A code that links an account when it is typed on its phone. Worth as much as a QR, so it has no `Debug`. */
export type PairingCodeView = {
  /** As WhatsApp gives it: eight letters and digits, with or without a dash in the middle. */
  code: string,
};

/** What the simulated phone can do, in demo mode. */
export type PhoneAction = "scan" | "type_code" | "rotate" | "idle" | "log_out" | "ban" | "conflict" | "drop_network" | "restore_network" | "crash_page" | "message" | "fail_next_send" | "ask_passkey" | "confirm_passkey" | "outdated_version";

/** What the simulated phone is to do. */
export type PhoneArgs = {
  /** Whose phone. */
  id: number,
  /** What. */
  action: PhoneAction,
};

/** A place outside the window that can be opened from it. */
export type Place = "logs" | "data" | "browser_help" | "downloads";

/** A place to open. */
export type PlaceArgs = {
  /** Which. */
  place: Place,
};

/** Progress of loading. */
export type ProgressView = {
  /** What is happening. */
  stage: Stage,
  /** 0 to 100, when known. */
  percent: number | null,
};

/** A live QR. */
export type QrView = {
  /** PNG data URL; null if it could not be drawn. */
  image: string | null,
  /** When WhatsApp gave it, ms since 1970. */
  issued_at: number,
  /** When it expires, ms since 1970. */
  expires_at: number,
};

/** A cause, as it appears in the timeline, on the wire and on the card. The UI translates the code. */
export type Reason = "START_REQUESTED" | "RESTORED" | "STOP_REQUESTED" | "SHUTDOWN" | "CLEANED_UP" | "LOGIN_NEEDED" | "LOGIN_EXPIRED" | "LOGIN_REFUSED" | "PASSKEY_NEEDED" | "CONNECTED" | "LOGGED_OUT" | "LOGGED_OUT_HERE" | "UNPAIRED" | "CONFLICT" | "BANNED" | "BLOCKED" | "RESTRICTED" | "SUSPENDED" | "TOS_BLOCK" | "NETWORK_LOST" | "TIMEOUT" | "PROXYBLOCK" | "CONNECTION_LOST" | "RETRIES_EXHAUSTED" | "OUTDATED_VERSION" | "STORAGE_FAILED" | "BROWSER_NOT_FOUND" | "SANDBOX_UNAVAILABLE" | "PROFILE_IN_USE" | "PROFILE_UNUSABLE" | "LAUNCH_FAILED" | "PAGE_UNREACHABLE" | "INIT_TIMEOUT" | "PAGE_CRASHED" | "PAGE_UNRESPONSIVE" | "BROWSER_DIED" | "RESTARTED" | "KEEPS_FAILING" | "INTERNAL_FAILURE" | "HIBERNATED" | "WOKEN" | "CAPACITY_REACHED" | "DISK_FULL" | "NOT_ACKNOWLEDGED" | "CALLS_FAILING" | "LOGIN_RESTORED" | "BROWSER_SHOWN" | "BROWSER_HIDDEN" | "WINDOW_CLOSED" | "WINDOW_UNAVAILABLE" | "BRIDGE_OUTDATED";

/** One that cannot be added. */
export type RefusedRow = {
  /** Its place in the list, from 0. */
  row: number,
  /** Why. */
  problem: RowProblem,
};

/** A newer version. */
export type ReleaseView = {
  /** Its number. */
  version: string,
  /** What is new in it, as plain text. */
  notes: string | null,
};

/** What the machine has left for browsers. What cannot be told is null. */
export type ResourcesView = {
  /** Whether there is room on the disk. */
  disk: DiskState,
  /** Bytes that can still be written where profiles are. */
  disk_free: number | null,
  /** Browsers that this machine has memory for, those that run included. */
  fits: number | null,
  /** Browsers that may run at the same time. */
  limit: number,
  /** Browsers that run. */
  running: number,
  /** Sessions that wait for one to end. */
  waiting: number,
};

/** A restart that is to come. */
export type RestartView = {
  /** Which one in a row, from 1. */
  attempt: number,
  /** The last one in a row; null where it goes on until it works, as without a network. */
  last: number | null,
  /** When, ms since 1970. */
  at: number,
};

/** Why a cliente cannot be added with others. */
export type RowProblem = "invalid_id" | "id_taken" | "name_too_long" | "note_too_long";

/** A file for the person to keep. */
export type SaveFileArgs = {
  /** What it is called, without a folder. */
  name: string,
  /** What is in it. */
  text: string,
};

/** A file that was saved. */
export type SavedFileView = {
  /** Where. */
  path: string,
};

/** A kind of things that a key may do. */
export type Scope = "read" | "send" | "manage";

/** Whether a cliente writes to itself now and then. */
export type SelfTestArgs = {
  /** Which. */
  id: number,
  /** Whether it does. */
  on: boolean,
};

/** A message to send. */
export type SendArgs = {
  /** Which. */
  id: number,
  /** The recipient. */
  to: string,
  /** The text. */
  text: string,
};

/** A message that was sent. */
export type SentView = {
  /** Its id at WhatsApp. */
  message_id: string,
};

/** The session of a cliente at one moment. */
export type SessionView = {
  /** The state's contract name. */
  state: StateName,
  /** Since when, ms since 1970. */
  since: number,
  /** Why the session is in this state. */
  reason: Reason | null,
  /** What the browser is doing. */
  browser: BrowserActivity,
  /** How far loading is. */
  progress: ProgressView | null,
  /** The QR that waits, in QR_REQUIRED. */
  qr: QrView | null,
  /** What stands in the way of a QR, in QR_REQUIRED. */
  login_step: LoginStep | null,
  /** Retries made so far. */
  attempts: number,
  /** Retries before giving up. */
  max_attempts: number,
  /** Whether messages can be sent. */
  can_send: boolean,
  /** Connected, but something is not as it should be. */
  degraded: Reason | null,
  /** When LOGOUT or BANNED is cleaned up, ms since 1970. */
  cleanup_at: number | null,
  /** Messages sent since the program started. */
  sent: number,
  /** Messages that failed since the program started. */
  failed: number,
  /** Its browser has, or is about to have, a window. */
  visible: boolean,
  /** WhatsApp asked for a passkey when it was last to be linked, so linking it takes a window. */
  needs_window: boolean,
  /** Process id of its browser. */
  browser_pid: number | null,
  /** Memory of its browser in bytes, what is shared counted by its share. */
  memory: number | null,
  /** Of one core, in percent. */
  cpu: number | null,
  /** In NOT_INITIALIZED: its browser was closed to make room for others; a start or a message wakes it. */
  hibernated: boolean,
  /** In ERROR: it is started again by itself. */
  restart: RestartView | null,
  /** Restarts by itself since the program started. */
  restarts: number,
  /** Something that happened and that the person should know of, until dismissed. */
  notice: Reason | null,
  /** What the circuit breaker of calls to the page does. */
  breaker: BreakerState,
};

/** A change of some settings: a field that is absent stays as it is, and null goes back to the default. */
export type SettingsPatch = {
  /** The language; null follows the system. */
  language?: Language | null,
  /** The theme; null follows the system. */
  theme?: Theme | null,
  /** What closing the window does; null asks. */
  on_close?: OnClose | null,
  /** Browsers that may run at the same time; null lets the machine's memory decide. */
  max_browsers?: number | null,
  /** Whether messages that come in are told to tools that ask for them. */
  incoming_messages?: boolean,
  /** Whether the program asks for newer versions of itself. */
  check_updates?: boolean,
  /** Whether the program starts with the system. */
  autostart?: boolean,
  /** Whether the window stays away then. */
  start_minimized?: boolean,
  /** What the system's notifications tell. */
  notifications?: Notifications,
  /** Whether the local API is on. */
  api_enabled?: boolean,
  /** Its port. */
  api_port?: number,
  /** Whether its callers need a key. */
  api_key_required?: boolean,
  /** Web origins that may call it, in place of those before. */
  allowed_origins?: Array<string>,
};

/** What the person chose. */
export type SettingsView = {
  /** The language; null follows the system. */
  language: Language | null,
  /** The theme; null follows the system. */
  theme: Theme | null,
  /** What closing the window does; null asks. */
  on_close: OnClose | null,
  /** Browsers that may run at the same time; null lets the machine's memory decide. */
  max_browsers: number | null,
  /** Whether callers of the local API need a key; see also the local API's `key_required`. */
  api_key_required: boolean,
  /** Web origins that may call the local API. */
  allowed_origins: Array<string>,
  /** Further ones, which an option or the environment lists and the settings cannot change. */
  fixed_origins: Array<string>,
  /** Whether messages that come in are told to tools that ask for them. */
  incoming_messages: boolean,
  /** Whether the program asks for newer versions of itself; else it asks nobody. */
  check_updates: boolean,
  /** Whether the window stays away when the program starts with the system. */
  start_minimized: boolean,
  /** What the system's notifications tell. */
  notifications: Notifications,
};

/** Everything at once. */
export type Snapshot = {
  /** The program. */
  app: AppView,
  /** All known clientes, by id. */
  clientes: Array<ClienteView>,
};

/** A stage of loading. */
export type Stage = "queued" | "launching" | "loading" | "linking" | "syncing" | "restoring";

/** Sessions that are being started together. */
export type StartingView = {
  /** Whether they ran when the program last ended. */
  restoring: boolean,
  /** How many. */
  total: number,
  /** How many of them have got somewhere, be it good or bad. */
  done: number,
  /** How many of these are connected. */
  ready: number,
  /** How many of these need a person. */
  attention: number,
};

/** The name of a state, as callers of the local API know it. The names are contract. */
export type StateName = "NOT_INITIALIZED" | "INITIALIZING" | "RECONNECTING" | "QR_REQUIRED" | "READY" | "AUTH_FAILURE" | "DISCONNECTED_RECOVERABLE" | "DISCONNECTED_LOGOUT" | "DISCONNECTED_BANNED" | "ERROR";

/** Logins to take over. */
export type TakeArgs = {
  /** They; 500 at most. */
  wanted: Array<WantedLogin>,
  /** Whether to start each when it is there. */
  start: boolean,
};

/** What the asker knows of the progress. */
export type TakeSeen = {
  /** The last revision seen; an older one is answered at once. */
  revision: number,
};

/** How far a login is. */
export type TakeStage = "waiting" | "copying" | "taken" | "not_taken";

/** How far the copies are. */
export type TakeView = {
  /** Counts up with every change. */
  revision: number,
  /** Whether something is being copied. */
  running: boolean,
  /** The logins of the last go, in the order in which they are copied. */
  logins: Array<TakenView>,
};

/** What became of one login. */
export type TakenView = {
  /** Its folder, which names it. */
  path: string,
  /** The id that it gets here. */
  id: number,
  /** What it is to be called. */
  name: string,
  /** How far it is. */
  stage: TakeStage,
  /** Bytes that are copied. */
  done: number,
  /** Bytes in all; 0 before its copy begins. */
  total: number,
  /** Why it was not taken over. */
  problem: OldProblem | null,
  /** Why it was taken over and not started. */
  unstarted: CommandError | null,
};

/** A theme of the UI. */
export type Theme = "light" | "dark" | "contrast";

/** A timeline to read. */
export type TimelineArgs = {
  /** Which. */
  id: number,
  /** How many changes at most. */
  limit: number,
};

/** One line of a cliente's timeline. */
export type TimelineView = {
  /** When, ms since 1970. */
  at: number,
  /** The state before. */
  from: StateName,
  /** The state after. */
  to: StateName,
  /** Why. */
  reason: Reason,
};

/** Why an update went wrong. */
export type UpdateFailure = "OFFLINE" | "BAD_ANSWER" | "NOT_FOR_THIS_SYSTEM" | "NOT_SIGNED" | "NOT_WRITABLE" | "FAILED";

/** What is known of newer versions. */
export type UpdateState = { "step": "unknown" } | { "step": "checking" } | { "step": "latest",
/** When the server said so, ms since 1970. */
at: number, } | { "step": "available",
/** Which. */
release: ReleaseView, } | { "step": "downloading",
/** Which. */
release: ReleaseView,
/** Bytes that have arrived. */
received: number,
/** Bytes in all, if the server told. */
total: number | null, } | { "step": "installing",
/** Which. */
release: ReleaseView, } | { "step": "failed",
/** Why. */
failure: UpdateFailure,
/** The version that could not be installed; null: the server could not be asked. */
release: ReleaseView | null, };

/** Who replaces a copy of the program by a newer one. */
export type UpdateWay = "itself" | "packages" | "headless" | "nobody";

/** How this copy of the program gets its updates, and what is known of the next one. */
export type UpdatesView = {
  /** Who replaces this copy by a newer one. */
  way: UpdateWay,
  /** How far it is. */
  state: UpdateState,
};

/** What the person wants of a session, apart from what it is at the moment. */
export type Wanted = "running" | "stopped";

/** One of them. */
export type WantedLogin = {
  /** Its folder, as it was found. */
  path: string,
  /** The id that it gets here. */
  id: number,
  /** What to call it, unless the cliente has a name. */
  name: string,
};

/** A command about one webhook. */
export type WebhookArgs = {
  /** Which. */
  webhook: string,
};

/** A webhook as somebody wants it. */
export type WebhookDraft = {
  /** Where it is told: http or https. */
  url: string,
  /** Of which events; none: of changes of state. */
  events: Array<string>,
  /** Of which clientes; null: of all. */
  clientes: number[] | null,
  /** How it looks. */
  shape: WebhookShape,
  /** Whether numbers, names, codes and texts are told too. */
  content: boolean,
  /** Whether anything is told at all. */
  enabled: boolean,
};

/** Why a receiver was not told. */
export type WebhookProblem = "STATUS" | "GONE" | "TIMEOUT" | "UNKNOWN_HOST" | "REFUSED" | "TLS" | "CONNECTION" | "SWITCHED_OFF" | "OVERFLOW";

/** A webhook with its secret. */
export type WebhookSecretView = {
  /** The webhook. */
  webhook: WebhookView,
  /** What signs: `whsec_` and base64. */
  secret: string,
};

/** How what is told looks. */
export type WebhookShape = "native" | "waha";

/** What came of trying a webhook. */
export type WebhookTestView = {
  /** Whether it arrived. */
  ok: boolean,
  /** The HTTP status, if there was an answer. */
  status: number | null,
  /** How long it took, ms. */
  duration_ms: number,
  /** Why it did not arrive. */
  error: WebhookProblem | null,
  /** The same in plain English. */
  message: string | null,
};

/** A webhook to change. */
export type WebhookUpdate = {
  /** Which. */
  webhook: string,
  /** What it is to be. */
  draft: WebhookDraft,
};

/** A webhook, and how it goes with it. */
export type WebhookView = {
  /** What names it. */
  id: string,
  /** Where it is told. It may hold a token of its owner. */
  url: string,
  /** Of which events: names, `session.*`, `message.*`, `*`. */
  events: Array<string>,
  /** Of which clientes; null: of all. */
  clientes: number[] | null,
  /** How it looks. */
  shape: WebhookShape,
  /** Whether numbers, names, codes and texts are told too. */
  content: boolean,
  /** Whether anything is told at all. */
  enabled: boolean,
  /** Whether it comes from the command line, where alone it can be changed. */
  fixed: boolean,
  /** Whether what is told can be read on the way: http, to another computer. */
  unencrypted: boolean,
  /** When it was added, ms since 1970. */
  created_at: number,
  /** When something last arrived, ms since 1970. */
  last_delivery_at: number | null,
  /** The HTTP status of the last answer; null where none came. */
  last_status: number | null,
  /** Why the last try failed; null: it did not. `GONE` in one that is switched off: its receiver did that. */
  last_error: WebhookProblem | null,
  /** The same in plain English. */
  last_error_message: string | null,
  /** Since when nothing arrives, ms since 1970. */
  failing_since: number | null,
  /** How often what is next was tried. */
  attempts: number,
  /** When it is tried again, ms since 1970. */
  next_try_at: number | null,
  /** How much waits. */
  waiting: number,
  /** How much was given up on, and is kept. */
  dead: number,
  /** How much was given up on, and is not even kept any more. */
  lost: number,
  /** Until when the secret before signs too, ms since 1970. */
  old_secret_until: number | null,
};

/** Every command of the control room: what it takes and what it answers. */
export type Commands = {
  snapshot: { args: NoArgs, result: Snapshot },
  add_cliente: { args: NewCliente, result: ClienteView },
  import_clientes: { args: ImportArgs, result: ImportView },
  update_cliente: { args: DescribeArgs, result: ClienteView },
  start: { args: IdArgs, result: ClienteView },
  stop: { args: IdArgs, result: ClienteView },
  restart: { args: IdArgs, result: ClienteView },
  log_out: { args: IdArgs, result: ClienteView },
  hibernate: { args: IdArgs, result: ClienteView },
  show_browser: { args: IdArgs, result: ClienteView },
  hide_browser: { args: IdArgs, result: ClienteView },
  set_self_test: { args: SelfTestArgs, result: ClienteView },
  dismiss_notice: { args: IdArgs, result: ClienteView },
  destroy: { args: DestroyArgs, result: null },
  refresh_qr: { args: IdArgs, result: null },
  pairing_code: { args: PairingArgs, result: PairingCodeView },
  send_message: { args: SendArgs, result: SentView },
  timeline: { args: TimelineArgs, result: Array<TimelineView> },
  calls: { args: CallsArgs, result: Array<CallView> },
  keys: { args: NoArgs, result: Array<KeyView> },
  create_key: { args: CreateKeyArgs, result: NewKeyView },
  rotate_key: { args: KeyArgs, result: NewKeyView },
  revoke_key: { args: KeyArgs, result: null },
  webhooks: { args: NoArgs, result: Array<WebhookView> },
  add_webhook: { args: WebhookDraft, result: WebhookSecretView },
  update_webhook: { args: WebhookUpdate, result: WebhookView },
  remove_webhook: { args: WebhookArgs, result: null },
  test_webhook: { args: WebhookArgs, result: WebhookTestView },
  webhook_secret: { args: WebhookArgs, result: WebhookSecretView },
  rotate_webhook_secret: { args: WebhookArgs, result: WebhookSecretView },
  dead_letters: { args: LettersLimitArgs, result: Array<DeadLetterView> },
  resend_dead_letters: { args: LettersArgs, result: LettersView },
  discard_dead_letters: { args: LettersArgs, result: LettersView },
  begin_bundle: { args: BundleWish, result: BundleView },
  bundle_progress: { args: BundleSeen, result: BundleView },
  cancel_bundle: { args: NoArgs, result: BundleView },
  show_bundle: { args: NoArgs, result: null },
  choose_folder: { args: ChooseFolderArgs, result: ChosenFolderView },
  find_old_logins: { args: OldFolderArgs, result: OldFoundView },
  import_logins: { args: TakeArgs, result: TakeView },
  import_progress: { args: TakeSeen, result: TakeView },
  cancel_import: { args: NoArgs, result: TakeView },
  update_settings: { args: SettingsPatch, result: AppView },
  find_browser: { args: NoArgs, result: AppView },
  open_place: { args: PlaceArgs, result: null },
  save_file: { args: SaveFileArgs, result: SavedFileView },
  close_decided: { args: CloseArgs, result: null },
  check_update: { args: NoArgs, result: null },
  install_update: { args: NoArgs, result: null },
  demo_phone: { args: PhoneArgs, result: null },
};
