// Listens to wa-js and passes on what tells the state of the session.
//
// Not used on purpose: `conn.main_ready`, which is true while a QR shows, and `conn.authenticated`, which is silent for
// a restored login. Ready is mode MAIN with info NORMAL.
import type { Push } from './signals';
import { attempt, type AuthCode, type Wpp } from './wpp';

const BACKEND_EVENTS = new Set(['account_temporarily_banned', 'storage_initialization_error']);
const ACCOUNT_RETRY = 250;
const ACCOUNT_TRIES = 120;

export interface Hooks {
  /** Whether wa-js found its way into the page, and what it reads is of use. */
  working(): boolean;
}

export function listen(api: Wpp, push: Push, onWorking: () => void): Hooks {
  let codeSeen = false;
  let reported = false;

  const working = () => {
    const { mode, info } = attempt(() => api.conn.getStreamData()) ?? {};
    const readable = typeof mode === 'string' || typeof info === 'string';
    return api.isInjected === true && readable && (mode !== 'QR' || codeSeen);
  };
  const check = () => {
    if (reported || !working()) return;
    reported = true;
    push({ type: 'hooks', ok: true });
    onWorking();
  };

  const readAccount = account(api, push);
  const report = together(() => {
    check();
    const state = attempt(() => api.whatsapp.Socket?.state);
    const { mode, info } = attempt(() => api.conn.getStreamData()) ?? {};
    // The socket explains best why mode and info changed, so it comes first.
    if (state) push({ type: 'socket', state: String(state) });
    if (mode) push({ type: 'mode', mode: String(mode) });
    if (info) push({ type: 'info', info: String(info) });
    if (mode === 'MAIN' && info === 'NORMAL') readAccount();
    if (mode === 'SYNCING' || info === 'SYNCING') progress(api, push);
  });

  const on = (event: string, listener: (...values: never[]) => void) =>
    attempt(() => api.on(event, listener));

  api.loader.onInjected(() => {
    attempt(() => api.whatsapp.Socket?.on('change:state', report));
    report();
  });
  on('conn.stream_mode_changed', report);
  on('conn.stream_info_changed', report);
  on('conn.auth_code_change', (code: AuthCode | null) => {
    if (code === null) {
      push({ type: 'code', code: null, idle: attempt(() => api.conn.isIdle()) === true });
    } else if (code.ref && code.fullCode) {
      codeSeen = true;
      check();
      push({ type: 'code', code: code.fullCode, idle: false });
    }
  });
  on('conn.qrcode_idle', () => push({ type: 'idle' }));
  on('conn.logout_reason', (reason: string) => push({ type: 'logoutReason', reason: String(reason) }));
  on('conn.logout', () => push({ type: 'logout' }));
  on('conn.backend_event', (name: string) => {
    if (BACKEND_EVENTS.has(name)) push({ type: 'backend', name });
    else if (name === 'new_history_sync_chunk_processed') progress(api, push);
  });
  return { working };
}

/** The page changes several things in one go; they are read when it is through. */
function together(read: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      read();
    });
  };
}

/** Reads who is linked. The page may know its number a moment after it says that it is connected. */
function account(api: Wpp, push: Push): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = (tries: number) => {
    const number = attempt(() => api.conn.getMyUserId()?.user) ?? storedNumber();
    if (number) {
      push({ type: 'account', number, name: name(api) });
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
  const stored = attempt(() => localStorage.getItem('last-wid-md') ?? localStorage.getItem('last-wid'));
  return stored?.match(/^"?(\d{5,20})[:@.]/)?.[1];
}

function progress(api: Wpp, push: Push): void {
  const read = attempt(() => api.conn.getHistorySyncProgress().progress);
  push({ type: 'progress', percent: typeof read === 'number' ? read : null });
}
