/** What each state looks like and which group it belongs to. A state this UI does not know is neutral, never an error. */
import type { ClienteView, Reason, SessionView, StateName, TimelineView } from '$lib/wire';

export type Tone = 'neutral' | 'info' | 'warning' | 'success' | 'danger';
export type StateIcon =
  | 'idle'
  | 'busy'
  | 'reconnect'
  | 'qr'
  | 'ready'
  | 'refused'
  | 'offline'
  | 'logout'
  | 'banned'
  | 'error'
  | 'restart'
  | 'asleep'
  | 'disk'
  | 'doubt'
  | 'unknown';

/** Groups in the order of the wall: those that wait for a person first. */
export const GROUPS = ['attention', 'progress', 'ready', 'asleep', 'idle'] as const;
export type Group = (typeof GROUPS)[number];

export interface StateLook {
  tone: Tone;
  icon: StateIcon;
  group: Group;
}

/**
 * States that mean something else to a person with what comes along: an error that mends itself, or ends with what the
 * disk has left, is no alarm; a browser closed to make room was not stopped; and a connection in trouble is no plain
 * "connected".
 */
export const VARIANTS = ['restarting', 'held', 'sleeping', 'doubtful'] as const;
export type Variant = (typeof VARIANTS)[number];
/** What a person sees of a session: a state or a variant of one. */
export type Aspect = StateName | Variant;

const LOOKS: Record<Aspect, StateLook> = {
  NOT_INITIALIZED: { tone: 'neutral', icon: 'idle', group: 'idle' },
  INITIALIZING: { tone: 'info', icon: 'busy', group: 'progress' },
  RECONNECTING: { tone: 'warning', icon: 'reconnect', group: 'progress' },
  QR_REQUIRED: { tone: 'info', icon: 'qr', group: 'attention' },
  READY: { tone: 'success', icon: 'ready', group: 'ready' },
  AUTH_FAILURE: { tone: 'danger', icon: 'refused', group: 'attention' },
  DISCONNECTED_RECOVERABLE: { tone: 'warning', icon: 'offline', group: 'progress' },
  DISCONNECTED_LOGOUT: { tone: 'neutral', icon: 'logout', group: 'attention' },
  DISCONNECTED_BANNED: { tone: 'danger', icon: 'banned', group: 'attention' },
  ERROR: { tone: 'danger', icon: 'error', group: 'attention' },
  restarting: { tone: 'warning', icon: 'restart', group: 'progress' },
  held: { tone: 'warning', icon: 'disk', group: 'progress' },
  sleeping: { tone: 'neutral', icon: 'asleep', group: 'asleep' },
  doubtful: { tone: 'warning', icon: 'doubt', group: 'attention' },
};

export const STATES = Object.keys(LOOKS).filter((it) => !isVariant(it)) as StateName[];

const UNKNOWN: StateLook = { tone: 'neutral', icon: 'unknown', group: 'progress' };

function isVariant(aspect: string): aspect is Variant {
  return (VARIANTS as readonly string[]).includes(aspect);
}

export function isKnown(aspect: string): aspect is Aspect {
  return Object.hasOwn(LOOKS, aspect);
}

/** What a person sees of a session. A state of the future is seen as it is called. */
export function aspectOf(session: SessionView): Aspect {
  if (session.state === 'ERROR' && session.restart) return 'restarting';
  if (session.state === 'ERROR' && session.reason === 'DISK_FULL') return 'held';
  if (session.state === 'NOT_INITIALIZED' && session.hibernated) return 'sleeping';
  if (session.state === 'READY' && doubt(session)) return 'doubtful';
  return session.state;
}

export function lookOf(aspect: string): StateLook {
  return isKnown(aspect) ? LOOKS[aspect] : UNKNOWN;
}

/** States that only a new start leads out of. */
const OVER = new Set<string>(['AUTH_FAILURE', 'DISCONNECTED_LOGOUT', 'DISCONNECTED_BANNED', 'ERROR']);

/** What is wrong with a session that is up. */
function doubt({ state, degraded, breaker }: SessionView): Reason | null {
  if (state === 'NOT_INITIALIZED' || OVER.has(state)) return null;
  return degraded ?? (breaker === 'closed' ? null : 'CALLS_FAILING');
}

/** Losses between the page and WhatsApp's servers. */
const OF_THE_NETWORK = new Set<Reason>(['NETWORK_LOST', 'TIMEOUT', 'PROXYBLOCK', 'CONNECTION_LOST']);

export function isOfNetwork(reason: Reason): boolean {
  return OF_THE_NETWORK.has(reason);
}

/** Troubles that the program works on by itself. When that did not help, it gives notice of them. */
const MENDED = new Set<Reason>(['NOT_ACKNOWLEDGED', 'CALLS_FAILING', ...OF_THE_NETWORK]);

export function groupOf({ session }: ClienteView): Group {
  const wrong = doubt(session);
  if (!wrong) return lookOf(aspectOf(session)).group;
  return MENDED.has(wrong) && session.notice !== wrong ? 'progress' : 'attention';
}

/**
 * What the main button of a card does: `start` begins, `wake` begins what was closed to make room, `again` and `useHere`
 * begin anew, `stop` ends what runs or is about to.
 */
export function mainAction({ session }: ClienteView): 'start' | 'wake' | 'again' | 'useHere' | 'stop' {
  const aspect = aspectOf(session);
  if (aspect === 'sleeping') return 'wake';
  if (aspect === 'NOT_INITIALIZED') return 'start';
  if (!OVER.has(aspect)) return 'stop';
  return session.reason === 'CONFLICT' ? 'useHere' : 'again';
}

export function hasLogin(cliente: ClienteView): boolean {
  return ['READY', 'RECONNECTING', 'DISCONNECTED_RECOVERABLE'].includes(cliente.session.state);
}

/** Causes that only say that all goes as asked: in the timeline, but not worth a line on the card. */
const ORDINARY = new Set<string>([
  'START_REQUESTED',
  'RESTORED',
  'STOP_REQUESTED',
  'SHUTDOWN',
  'LOGIN_NEEDED',
  'CONNECTED',
  'WOKEN',
  'BROWSER_SHOWN',
  'BROWSER_HIDDEN',
]);

/** The cause to show on the card, if there is one worth showing. */
export function trouble(cliente: ClienteView): Reason | null {
  const { reason, login_step } = cliente.session;
  const wrong = doubt(cliente.session);
  if (wrong) return wrong;
  if (login_step === 'passkey') return 'PASSKEY_NEEDED';
  return reason && !ORDINARY.has(reason) ? reason : null;
}

/** Failures of the page, that loading it anew may mend. */
const OF_THE_PAGE = new Set<Reason>([
  'PAGE_CRASHED',
  'PAGE_UNRESPONSIVE',
  'NOT_ACKNOWLEDGED',
  'CALLS_FAILING',
]);

/** What the program does about the trouble by itself; nothing where a person has to do something. */
export type Doing = 'restart' | 'network' | 'open' | 'half_open' | 'next' | 'reload';

export function doing(session: SessionView): Doing | null {
  const aspect = aspectOf(session);
  const { breaker, notice, reason, restart } = session;
  // Without a network it is tried until there is one.
  if (aspect === 'restarting') return restart?.last === null ? 'network' : 'restart';
  if (aspect === 'doubtful') {
    if (breaker !== 'closed') return breaker;
    const wrong = doubt(session);
    return wrong && OF_THE_PAGE.has(wrong) && notice !== wrong ? 'next' : null;
  }
  const up = aspect !== 'NOT_INITIALIZED' && !OVER.has(aspect);
  return up && reason && OF_THE_PAGE.has(reason) ? 'reload' : null;
}

/** The ends of one line of a timeline as a person sees them: which state it was, only its cause tells. */
export function endsOf({ from, to, reason }: TimelineView): [from: Aspect, to: Aspect] {
  return [reason === 'WOKEN' ? 'sleeping' : from, reason === 'HIBERNATED' ? 'sleeping' : to];
}
