/** Views to start from: an ordinary program, and clientes in every state. */
import type {
  AppView,
  CallView,
  ClienteView,
  KeyView,
  QrView,
  ResourcesView,
  SessionView,
  StateName,
} from '$lib/wire';
import { fakeQr } from './pictures';

export const MIB = 1024 * 1024;

export function sampleApp(patch: Partial<AppView> = {}): AppView {
  return {
    version: '3.0.0',
    demo: false,
    headless: false,
    browser: { name: 'Chromium 140', path: '/usr/bin/chromium' },
    no_sandbox: false,
    api: { enabled: true, address: '127.0.0.1:3001', error: null, key_required: false },
    settings: {
      language: null,
      theme: null,
      on_close: null,
      max_browsers: null,
      incoming_messages: false,
      api_key_required: false,
      allowed_origins: [],
      fixed_origins: [],
      check_updates: false,
      start_minimized: false,
      notifications: 'problems',
    },
    store_ok: true,
    resources: sampleResources(),
    updates: { way: 'itself', state: { step: 'unknown' } },
    data_dir: '/home/ana/.local/share/session-manager',
    desk: patch.headless ? null : { tray: true, autostart: false },
    starting: null,
    now: Date.now(),
    ...patch,
  };
}

export function sampleResources(patch: Partial<ResourcesView> = {}): ResourcesView {
  return {
    disk: 'ok',
    disk_free: 48 * 1024 * MIB,
    fits: 14,
    limit: 14,
    running: 9,
    waiting: 0,
    ...patch,
  };
}

export function sampleSession(state: StateName, patch: Partial<SessionView> = {}): SessionView {
  return {
    state,
    since: Date.now() - 4 * 60_000,
    reason: null,
    browser: 'none',
    progress: null,
    qr: null,
    login_step: null,
    attempts: 0,
    max_attempts: 3,
    can_send: state === 'READY',
    degraded: null,
    cleanup_at: null,
    sent: 0,
    failed: 0,
    browser_pid: null,
    memory: null,
    cpu: null,
    visible: false,
    needs_window: false,
    hibernated: false,
    restart: null,
    restarts: 0,
    notice: null,
    breaker: 'closed',
    ...BY_STATE[state]?.(),
    ...patch,
  };
}

/** What a session in this state carries. */
const BY_STATE: Partial<Record<StateName, () => Partial<SessionView>>> = {
  INITIALIZING: () => ({
    browser: 'launching',
    reason: 'START_REQUESTED',
    progress: { stage: 'launching', percent: null },
  }),
  RECONNECTING: () => ({
    browser: 'running',
    reason: 'RESTORED',
    progress: { stage: 'loading', percent: 64 },
  }),
  QR_REQUIRED: () => ({ browser: 'running', reason: 'LOGIN_NEEDED', login_step: 'code', qr: sampleQr() }),
  READY: () => ({
    browser: 'running',
    reason: 'CONNECTED',
    sent: 128,
    browser_pid: 4312,
    memory: 162 * MIB,
    cpu: 3,
  }),
  AUTH_FAILURE: () => ({ reason: 'LOGIN_REFUSED' }),
  DISCONNECTED_RECOVERABLE: () => ({ browser: 'running', reason: 'NETWORK_LOST', attempts: 2 }),
  DISCONNECTED_LOGOUT: () => ({ reason: 'LOGGED_OUT', cleanup_at: Date.now() + 48_000 }),
  DISCONNECTED_BANNED: () => ({ reason: 'RESTRICTED', cleanup_at: Date.now() + 31_000 }),
  ERROR: () => ({ reason: 'PROFILE_IN_USE' }),
};

let seed = 1;

export function sampleQr(life = 20_000, passed = 5_000): QrView {
  const issued_at = Date.now() - passed;
  return { image: fakeQr(seed++), issued_at, expires_at: issued_at + life };
}

export function sampleCliente(id: number, state: StateName, patch: Partial<ClienteView> = {}): ClienteView {
  const linked = ['READY', 'RECONNECTING', 'DISCONNECTED_RECOVERABLE'].includes(state);
  return {
    id,
    name: `Cliente de muestra ${id}`,
    note: '',
    created_at: Date.now() - 30 * 86_400_000,
    wanted: state === 'NOT_INITIALIZED' ? 'stopped' : 'running',
    account: linked ? { number: `54911555500${String(id).padStart(2, '0')}`, name: null } : null,
    saved_login: linked,
    self_test: false,
    session: sampleSession(state),
    ...patch,
  };
}

export function sampleCall(id: number, patch: Partial<CallView> = {}): CallView {
  return {
    id,
    at: Date.now(),
    method: 'POST',
    route: '/send',
    cliente: 1,
    status: 200,
    code: null,
    duration_us: 412_300,
    caller: '127.0.0.1:50612',
    ...patch,
  };
}

/** What tools of an office ask for, and what comes of it. */
const CALLS: Partial<CallView>[] = [
  { cliente: 1 },
  { method: 'GET', route: '/status', cliente: 1, duration_us: 420 },
  { cliente: 4, status: 409, code: 'SESSION_NOT_READY', duration_us: 1_900 },
  { method: 'GET', route: '/qr', cliente: 2, duration_us: 730, caller: 'key:Tablero' },
  { cliente: null, status: 400, code: 'MISSING_HEADER', duration_us: 310 },
  { route: '/init', cliente: 8, status: 429, code: 'RATE_LIMIT_EXCEEDED', duration_us: 290 },
  { method: 'GET', route: '/clients', cliente: null, duration_us: 2_140, caller: 'control' },
  { route: '/init', cliente: 6, status: null, duration_us: 8_204_000, caller: '[::1]:50613' },
  { cliente: 3, status: 500, code: 'SEND_FAILED', duration_us: 3_020_000 },
  { method: 'GET', route: '/*', cliente: null, status: 404, code: 'NOT_FOUND', duration_us: 180 },
];

/** So many calls, the newest first, a few seconds apart. */
export function sampleCalls(count: number, now = Date.now()): CallView[] {
  return Array.from({ length: count }, (_, index) =>
    sampleCall(count - index, { ...CALLS[index % CALLS.length], at: now - index * 3_700 }),
  );
}

/** Keys as an office has them. */
export function sampleKeys(now = Date.now()): KeyView[] {
  const day = 86_400_000;
  const today = Math.floor(now / day) * day;
  return [
    { id: 'k3f9a1c2', name: 'Tablero', scopes: ['read'], created_at: now - 90 * day, last_used: today },
    {
      id: 'k8b27e04',
      name: 'Facturación del estudio contable',
      scopes: ['read', 'send'],
      created_at: now - 12 * day,
      last_used: today - day,
    },
    { id: 'kd5510fe', name: 'guiones', scopes: ['manage'], created_at: now - day, last_used: null },
  ];
}
