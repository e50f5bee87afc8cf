// Listens to wa-js and passes on what tells the state of the session.
//
// Not used on purpose: `conn.main_ready`, which is true while a QR shows, and `conn.authenticated`, which is silent for
// a restored login. Ready is mode MAIN with info NORMAL.
import type { Push } from "./signals";
import { attempt, wpp, type AuthCode, type Wpp } from "./wpp";

const BACKEND_EVENTS = new Set([
  "account_temporarily_banned",
  "storage_initialization_error",
  "unexpected_logout_modal",
]);
const ACCOUNT_RETRY = 250;
const ACCOUNT_TRIES = 120;

export interface Hooks {
  /** Whether wa-js found its way into the page, and what it reads is of use. */
  working(): boolean;
}

export function listen(push: Push, onWorking: () => void): Hooks {
  const api = wpp();
  if (!api) return { working: () => false };

  let injected = api.isInjected === true;
  let codeSeen = false;
  let reported = false;
  const stream = () => attempt(() => api.conn.getStreamData()) ?? {};

  const working = () => {
    if (!injected) return false;
    const { mode } = stream();
    return typeof mode === "string" && (mode !== "QR" || codeSeen);
  };
  const check = () => {
    if (!reported && working()) {
      reported = true;
      push({ type: "hooks", ok: true });
      onWorking();
    }
  };

  const readAccount = account(api, push);
  const onStream = () => {
    check();
    const { mode, info } = stream();
    if (mode === "MAIN" && info === "NORMAL") readAccount();
    if (mode === "SYNCING" || info === "SYNCING") progress(api, push);
  };

  const on = (event: string, listener: (...values: never[]) => void) => attempt(() => api.on(event, listener));

  api.loader.onInjected(() => {
    injected = true;
    check();
  });
  on("conn.stream_mode_changed", (mode: string) => {
    push({ type: "mode", mode: String(mode) });
    onStream();
  });
  on("conn.stream_info_changed", (info: string) => {
    push({ type: "info", info: String(info) });
    onStream();
  });
  on("conn.auth_code_change", (code: AuthCode | null) => {
    if (code === null) {
      push({ type: "code", code: null, idle: attempt(() => api.conn.isIdle()) === true });
    } else if (code.ref && code.fullCode) {
      codeSeen = true;
      check();
      push({ type: "code", code: code.fullCode, idle: false });
    }
  });
  on("conn.qrcode_idle", () => push({ type: "idle" }));
  on("conn.logout_reason", (reason: string) => push({ type: "logoutReason", reason: String(reason) }));
  on("conn.logout", () => push({ type: "logout" }));
  on("conn.backend_event", (name: string, value: unknown) => {
    if (name === "set_socket_state") push({ type: "socket", state: String(value) });
    else if (BACKEND_EVENTS.has(name)) push({ type: "backend", name });
    else if (name === "new_history_sync_chunk_processed") progress(api, push);
  });
  return { working };
}

/** Reads who is linked. The page may know its number a moment after it says that it is connected. */
function account(api: Wpp, push: Push): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = (tries: number) => {
    const number = attempt(() => api.conn.getMyUserId()?.user) ?? storedNumber();
    if (number) {
      push({ type: "account", number, name: name(api) });
    } else if (tries > 0) {
      timer = setTimeout(read, ACCOUNT_RETRY, tries - 1);
    }
  };
  return () => {
    clearTimeout(timer);
    read(ACCOUNT_TRIES);
  };
}

function name(api: Wpp): string | null {
  return attempt(() => api.profile.getMyProfileName()) || attempt(() => api.whatsapp.Conn?.pushname) || null;
}

/** The number that WhatsApp Web keeps in its own storage, for where its modules cannot be read. */
export function storedNumber(): string | undefined {
  const stored = attempt(() => localStorage.getItem("last-wid-md") ?? localStorage.getItem("last-wid"));
  return stored?.match(/^"?(\d{5,20})[:@.]/)?.[1];
}

function progress(api: Wpp, push: Push): void {
  const read = attempt(() => api.conn.getHistorySyncProgress().progress);
  push({ type: "progress", percent: typeof read === "number" ? read : null });
}
