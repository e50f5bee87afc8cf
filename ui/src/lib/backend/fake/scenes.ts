/** Walls to look at, chosen in the address: `?fake&scene=office`. */
import { STATES } from '$lib/model/states';
import type { ClienteView, SessionView, StateName } from '$lib/wire';
import { FakeBackend } from './fake';
import { play } from './play';
import { MIB, sampleCalls, sampleCliente, sampleKeys, sampleSession } from './samples';
import { sampleLetters, sampleWebhooks } from './webhooks';

type Sketch = [name: string, state: StateName, patch?: Partial<ClienteView>];

function account(number: string, name: string | null = null) {
  return { number, name };
}

/** Twelve clientes of a small office, as on any morning. */
const OFFICE: Sketch[] = [
  ['Ferretería López', 'READY', { account: account('5491155551234', 'Ferretería López') }],
  ['Clínica San Martín', 'QR_REQUIRED', { note: 'Turnos; llamar a Marta' }],
  ['Panadería La Espiga', 'READY', { account: account('5491144447890', 'La Espiga') }],
  ['Estudio Contable Ríos', 'DISCONNECTED_LOGOUT', { account: account('5493514445566', 'Estudio Ríos') }],
  ['Veterinaria Huellas', 'READY', { account: account('5492216667788', 'Huellas') }],
  ['Hotel Bahía', 'RECONNECTING', { account: account('59899123456', 'Hotel Bahía'), saved_login: true }],
  ['Óptica Central', 'READY', { account: account('56987654321', 'Óptica Central') }],
  ['Taller Mecánico El Rayo', 'ERROR'],
  ['Librería Andina', 'READY', { account: account('51987654321', 'Librería Andina') }],
  ['Gimnasio Fuerza', 'DISCONNECTED_RECOVERABLE', { account: account('5491133332222', 'Gimnasio Fuerza') }],
  ['Farmacia del Pueblo', 'READY', { account: account('5491122221111', 'Farmacia del Pueblo') }],
  ['Inmobiliaria Norte', 'NOT_INITIALIZED', { saved_login: true, account: account('5491166665555') }],
];

function office(): ClienteView[] {
  return OFFICE.map(([name, state, patch], index) => sampleCliente(index + 1, state, { name, ...patch }));
}

/** Every state, then the variants of those that have some. */
function states(): ClienteView[] {
  const each = STATES.map((state, index) => sampleCliente(index + 1, state));
  const qr = (id: number, name: string, patch: Parameters<typeof sampleSession>[1]) =>
    sampleCliente(id, 'QR_REQUIRED', { name, session: sampleSession('QR_REQUIRED', patch) });
  return [
    ...each,
    qr(11, 'Código en camino', { qr: null, login_step: 'waiting' }),
    qr(12, 'Código detenido', { qr: null, login_step: 'idle' }),
    qr(13, 'Código aceptado', {
      qr: null,
      login_step: 'linking',
      progress: { stage: 'syncing', percent: 35 },
    }),
    qr(14, 'Con llave de acceso', { qr: null, login_step: 'passkey', needs_window: true }),
    sampleCliente(15, 'READY', {
      name: 'Conectado a medias, con un nombre tan largo que no cabe en una sola línea',
      note: 'Mostrador 3',
      session: sampleSession('READY', { degraded: 'BRIDGE_OUTDATED', can_send: false, failed: 3 }),
    }),
    sampleCliente(16, 'NOT_INITIALIZED', {
      name: '',
      session: sampleSession('NOT_INITIALIZED', { browser: 'closing', reason: 'CLEANED_UP' }),
    }),
  ];
}

/** What sessions do by themselves, and what they have to say about it. */
function recovery(): ClienteView[] {
  let id = 0;
  const one = (
    name: string,
    state: StateName,
    patch: Partial<SessionView>,
    more: Partial<ClienteView> = {},
  ) => {
    const session = sampleSession(state, patch);
    return sampleCliente(++id, state, { name, saved_login: true, session, ...more });
  };
  const soon = (attempt: number, last: number | null, seconds: number) => ({
    attempt,
    last,
    at: Date.now() + seconds * 1000,
  });
  const now = { since: Date.now() - 3_000 };
  return [
    one('Se reinicia', 'ERROR', { ...now, reason: 'BROWSER_DIED', restart: soon(1, 3, 12), restarts: 1 }),
    one('Se reinicia otra vez', 'ERROR', { ...now, reason: 'PAGE_UNRESPONSIVE', restart: soon(3, 3, 48) }),
    one('Una vez más', 'ERROR', { ...now, reason: 'INIT_TIMEOUT', restart: soon(1, 1, 25) }),
    one('No se reinicia más', 'ERROR', { reason: 'KEEPS_FAILING', restarts: 3 }),
    one('Reiniciado', 'RECONNECTING', { reason: 'RESTARTED', restarts: 1 }),
    one(
      'Descansa',
      'NOT_INITIALIZED',
      { reason: 'HIBERNATED', hibernated: true },
      { account: account('5491155551234', 'Descansa') },
    ),
    one('Despertando', 'RECONNECTING', { reason: 'WOKEN', progress: { stage: 'queued', percent: null } }),
    one('Sin confirmación', 'READY', { degraded: 'NOT_ACKNOWLEDGED', failed: 2 }),
    one('Sin respuesta', 'READY', { degraded: 'CALLS_FAILING', breaker: 'open', can_send: false }),
    one('Se prueba otra vez', 'READY', { breaker: 'half_open' }),
    one('Red a medias', 'READY', { degraded: 'NETWORK_LOST', can_send: false }),
    one('Vinculación recuperada', 'READY', { notice: 'LOGIN_RESTORED', memory: 1_480 * MIB, cpu: 38 }),
    one('Sin lugar', 'ERROR', { reason: 'CAPACITY_REACHED' }),
    one('Disco lleno', 'ERROR', { reason: 'DISK_FULL' }),
    one('Abierto en otro lugar', 'DISCONNECTED_LOGOUT', { reason: 'CONFLICT' }),
    one('Sin datos', 'ERROR', { reason: 'STORAGE_FAILED' }),
    one('Sigue sin confirmación', 'READY', {
      degraded: 'NOT_ACKNOWLEDGED',
      notice: 'NOT_ACKNOWLEDGED',
      failed: 4,
    }),
    one('Sin red', 'ERROR', { ...now, reason: 'RETRIES_EXHAUSTED', restart: soon(4, null, 280) }),
    one('Se recarga', 'DISCONNECTED_RECOVERABLE', { attempts: 1, reason: 'NOT_ACKNOWLEDGED' }),
    one('Detenida', 'NOT_INITIALIZED', { reason: 'STOP_REQUESTED' }),
  ];
}

/** A third of them with a code, to see that the wall stays smooth. */
function many(cards = 50): ClienteView[] {
  return Array.from({ length: cards }, (_, index) =>
    sampleCliente(index + 1, index % 3 === 0 ? 'QR_REQUIRED' : (STATES[index % STATES.length] ?? 'READY')),
  );
}

/** So many that nothing happens to. */
function calm(cards = 30): ClienteView[] {
  return Array.from({ length: cards }, (_, index) => sampleCliente(index + 1, 'READY'));
}

/** Twenty codes that count down below a wall of failures, which come before them. */
function below(): ClienteView[] {
  const above = Array.from({ length: 30 }, (_, index) => sampleCliente(index + 1, 'ERROR'));
  const codes = Array.from({ length: 20 }, (_, index) => sampleCliente(index + 31, 'QR_REQUIRED'));
  return [...above, ...codes];
}

const SCENES: Record<string, (cards?: number) => ClienteView[]> = {
  office,
  states,
  recovery,
  fifty: () => many(50),
  many,
  below,
  calm,
  empty: () => [],
};

/**
 * `scene`: which wall. `cards`: how many, where any number will do. `calls`: how many the local API had.
 * `access`: it has keys, origins and webhooks. `play`: it acts by itself. `demo`, `headless`: the program says so.
 */
export function scene(query: URLSearchParams): FakeBackend {
  const cards = query.get('cards');
  const clientes = (SCENES[query.get('scene') ?? 'office'] ?? office)(
    cards === null ? undefined : Number(cards),
  );
  const fake = new FakeBackend({ demo: query.has('demo'), headless: query.has('headless') }, clientes);
  fake.callLog = sampleCalls(Number(query.get('calls') ?? 0));
  if (query.has('access')) furnish(fake);
  for (const { id, session } of clientes) {
    fake.timelines.set(id, [
      {
        at: session.since,
        from: 'INITIALIZING',
        to: session.state,
        reason: session.reason ?? 'START_REQUESTED',
      },
      { at: session.since - 12_000, from: 'NOT_INITIALIZED', to: 'INITIALIZING', reason: 'START_REQUESTED' },
    ]);
  }
  if (query.has('play')) {
    const quick = { start: 60, qr: Number(query.get('qr') ?? 20_000), link: 60, retry: 200 };
    play(fake, query.get('play') === 'quick' ? quick : undefined);
  }
  return fake;
}

/** The local API as somebody has set it up. */
function furnish(fake: FakeBackend): void {
  fake.keys = sampleKeys();
  for (const webhook of sampleWebhooks()) fake.told.webhooks.set(webhook.id, webhook);
  fake.told.letters.set('wh_b', sampleLetters());
  fake.app.settings.allowed_origins = ['http://localhost:5173', 'https://panel.example.com'];
  fake.app.settings.fixed_origins = ['https://intranet.example.com'];
}
