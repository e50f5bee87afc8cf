/** What each state looks like and which group it belongs to. A state this UI does not know is neutral, never an error. */
import type { ClienteView, Reason, StateName } from '$lib/wire';

export type Tone = 'neutral' | 'blue' | 'amber' | 'green' | 'red';
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
  | 'unknown';

/** Groups in the order of the wall: those that wait for a person first. */
export const GROUPS = ['attention', 'progress', 'ready', 'idle'] as const;
export type Group = (typeof GROUPS)[number];

export interface StateLook {
  tone: Tone;
  icon: StateIcon;
  group: Group;
}

const LOOKS: Record<StateName, StateLook> = {
  NOT_INITIALIZED: { tone: 'neutral', icon: 'idle', group: 'idle' },
  INITIALIZING: { tone: 'blue', icon: 'busy', group: 'progress' },
  RECONNECTING: { tone: 'amber', icon: 'reconnect', group: 'progress' },
  QR_REQUIRED: { tone: 'blue', icon: 'qr', group: 'attention' },
  READY: { tone: 'green', icon: 'ready', group: 'ready' },
  AUTH_FAILURE: { tone: 'red', icon: 'refused', group: 'attention' },
  DISCONNECTED_RECOVERABLE: { tone: 'amber', icon: 'offline', group: 'progress' },
  DISCONNECTED_LOGOUT: { tone: 'neutral', icon: 'logout', group: 'attention' },
  DISCONNECTED_BANNED: { tone: 'red', icon: 'banned', group: 'attention' },
  ERROR: { tone: 'red', icon: 'error', group: 'attention' },
};

export const STATES = Object.keys(LOOKS) as StateName[];

const UNKNOWN: StateLook = { tone: 'neutral', icon: 'unknown', group: 'progress' };

export function isKnownState(state: string): state is StateName {
  return Object.hasOwn(LOOKS, state);
}

export function lookOf(state: string): StateLook {
  return isKnownState(state) ? LOOKS[state] : UNKNOWN;
}

export function groupOf(cliente: ClienteView): Group {
  const { state, degraded } = cliente.session;
  return degraded ? 'attention' : lookOf(state).group;
}

/** States that only a new start leads out of. */
const OVER = new Set<string>(['AUTH_FAILURE', 'DISCONNECTED_LOGOUT', 'DISCONNECTED_BANNED', 'ERROR']);

/** What the first button of a card does: `start` begins, `again` begins anew, `stop` ends what runs. */
export function mainAction(cliente: ClienteView): 'start' | 'again' | 'stop' {
  const { state } = cliente.session;
  if (state === 'NOT_INITIALIZED') return 'start';
  return OVER.has(state) ? 'again' : 'stop';
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
]);

/** The cause to show on the card, if there is one worth showing. */
export function trouble(cliente: ClienteView): Reason | null {
  const { degraded, reason, login_step } = cliente.session;
  if (degraded) return degraded;
  if (login_step === 'passkey') return 'PASSKEY_NEEDED';
  return reason && !ORDINARY.has(reason) ? reason : null;
}
