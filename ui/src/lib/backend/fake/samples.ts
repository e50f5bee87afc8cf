/** Views to start from: an ordinary program, and clientes in every state. */
import type { AppView, ClienteView, QrView, ResourcesView, SessionView, StateName } from '$lib/wire';
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
      api_key_required: false,
      allowed_origins: [],
      fixed_origins: [],
    },
    store_ok: true,
    resources: sampleResources(),
    data_dir: '/home/ana/.local/share/session-manager',
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
