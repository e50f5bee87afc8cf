/** Lets a fake act by itself: sessions start, QRs rotate, a simulated phone scans them. */
import type { PhoneAction, StateName, SessionView } from '$lib/wire';
import type { FakeBackend } from './fake';
import { sampleQr } from './samples';

/** Waits in ms; tests shorten them. */
export interface Pace {
  start: number;
  qr: number;
  link: number;
  retry: number;
}

const PACE: Pace = { start: 1500, qr: 20_000, link: 1800, retry: 4000 };

export function play(fake: FakeBackend, pace: Pace = PACE): void {
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  /** Whose next scan asks for a passkey. */
  const passkeys = new Set<number>();
  const later = (id: number, ms: number, act: () => void) => {
    clearTimeout(timers.get(id));
    timers.set(id, setTimeout(act, ms));
  };

  function move(id: number, state: StateName, patch: Partial<SessionView> = {}) {
    clearTimeout(timers.get(id));
    fake.move(id, state, patch);
  }

  function begin(id: number) {
    const cliente = fake.clientes.get(id);
    later(id, pace.start, () => {
      fake.change(id, { browser: 'running', progress: { stage: 'loading', percent: 40 } });
      later(id, pace.start, () => (cliente?.saved_login ? move(id, 'READY') : showQr(id)));
    });
  }

  function showQr(id: number) {
    const shown = { qr: sampleQr(pace.qr, 0), login_step: 'code' } as const;
    if (fake.clientes.get(id)?.session.state === 'QR_REQUIRED') fake.change(id, shown);
    else move(id, 'QR_REQUIRED', shown);
    later(id, pace.qr, () => showQr(id));
  }

  function link(id: number) {
    fake.change(id, { qr: null, login_step: 'linking', progress: { stage: 'linking', percent: null } });
    later(id, pace.link, () => {
      const cliente = fake.clientes.get(id);
      if (!cliente) return;
      const account = { number: `5491155550${String(100 + id).slice(-3)}`, name: 'Teléfono simulado' };
      fake.put({ ...cliente, account, saved_login: true });
      move(id, 'READY');
    });
  }

  function crash(id: number) {
    const restarts = (fake.clientes.get(id)?.session.restarts ?? 0) + 1;
    const restart = { attempt: 1, last: 3, at: Date.now() + pace.retry };
    move(id, 'ERROR', { reason: 'PAGE_CRASHED', restart, restarts });
    later(id, pace.retry, () => {
      const state = fake.clientes.get(id)?.saved_login ? 'RECONNECTING' : 'INITIALIZING';
      move(id, state, { reason: 'RESTARTED', restarts });
      begin(id);
    });
  }

  const phone: Record<PhoneAction, (id: number) => unknown> = {
    scan: (id) =>
      passkeys.delete(id)
        ? fake.change(id, { qr: null, login_step: 'passkey', needs_window: true })
        : link(id),
    type_code: link,
    rotate: showQr,
    idle: (id) => fake.change(id, { qr: null, login_step: 'idle' }),
    log_out: (id) => move(id, 'DISCONNECTED_LOGOUT'),
    ban: (id) => move(id, 'DISCONNECTED_BANNED', { reason: 'BANNED' }),
    conflict: (id) => move(id, 'DISCONNECTED_LOGOUT', { reason: 'CONFLICT' }),
    drop_network: (id) => {
      move(id, 'DISCONNECTED_RECOVERABLE', { attempts: 1 });
      later(id, pace.retry, () => fake.change(id, { attempts: 2 }));
    },
    restore_network: (id) => move(id, 'READY'),
    crash_page: crash,
    message: () => undefined,
    fail_next_send: () => undefined,
    ask_passkey: (id) => passkeys.add(id),
    confirm_passkey: link,
    outdated_version: (id) => move(id, 'ERROR', { reason: 'OUTDATED_VERSION' }),
  };

  for (const { id, session } of fake.clientes.values())
    if (session.state === 'QR_REQUIRED') later(id, pace.qr / 2, () => showQr(id));

  fake.onCall = (command, args: { id: number; start?: boolean; action?: PhoneAction }) => {
    if (command === 'start' || command === 'restart') begin(args.id);
    else if (command === 'add_cliente' && args.start) begin(args.id ?? Math.max(...fake.clientes.keys()));
    else if (command === 'refresh_qr') showQr(args.id);
    else if (command === 'demo_phone' && args.action) phone[args.action]?.(args.id);
    else if (['stop', 'destroy', 'hibernate'].includes(command)) clearTimeout(timers.get(args.id));
  };
}
