/** What helps a person in front of a card, or of a command that failed. */
import type { ClienteView, Reason, SessionView } from '$lib/wire';
import type { Failure } from '$lib/backend/backend';
import { has, t } from '$lib/i18n/i18n.svelte';
import type { Key } from '$lib/i18n/catalogue';
import { explainReason, type Explained } from '$lib/i18n/names';
import { waitsForCode } from '$lib/model/pairing.svelte';
import { aspectOf, doing, isKnown, isOfNetwork, trouble, type Aspect } from '$lib/model/states';
import { CAUSES, FAILURES } from './causes';

export interface Help {
  means: string;
  steps: string[];
  /** What the program does meanwhile. */
  itself: string;
  /** Something else that happened, which the card tells until somebody has read it. */
  also: Explained | null;
}

/** Where a person is: finer than a state, where what is to be done is not the same. */
type Situation =
  | Aspect
  | 'offline'
  | 'losing'
  | 'reloading'
  | 'QR_number'
  | 'QR_waiting'
  | 'QR_idle'
  | 'QR_linking'
  | 'QR_passkey'
  | 'QR_passkey_visible';

/** In these the program works on it, or the step says what to do: the cause changes nothing of it. */
const SETTLED = new Set<Situation>([
  'restarting',
  'held',
  'sleeping',
  'offline',
  'losing',
  'reloading',
  'QR_number',
  'QR_waiting',
  'QR_idle',
  'QR_linking',
  'QR_passkey',
  'QR_passkey_visible',
]);

const say = (key: Key) => (t as (key: Key) => string)(key);
const lines = (text: string) => text.split('\n');

const KEYS = {
  means: (of: string) => `help.${of}.means`,
  steps: (of: string) => `help.${of}.steps`,
  itself: (of: string) => `help.${of}.itself`,
};

/** The text of a situation, or that of its state where it has none of its own. */
function told(situation: Situation, aspect: Aspect, part: keyof typeof KEYS): string {
  const fallback = situation === 'QR_passkey_visible' ? 'QR_passkey' : aspect;
  const key = [situation, fallback].map(KEYS[part]).find(has);
  return key ? say(key) : '';
}

function situationOf(session: SessionView, cause: Reason | null, byNumber: boolean): Situation {
  const aspect = aspectOf(session);
  const work = doing(session);
  if (work === 'network') return 'offline';
  if (work === 'reload') return 'reloading';
  const { login_step, state, visible, degraded } = session;
  if (cause !== null && cause === degraded && isOfNetwork(cause) && state !== 'DISCONNECTED_RECOVERABLE')
    return 'losing';
  if (byNumber && waitsForCode(session)) return 'QR_number';
  if (aspect !== 'QR_REQUIRED' || login_step === null || login_step === 'code') return aspect;
  return login_step === 'passkey' && visible ? 'QR_passkey_visible' : `QR_${login_step}`;
}

/** The steps that a cause has, by itself or shared with another one. */
function stepsOf(cause: Reason): string[] | null {
  const entry = CAUSES[cause] as (typeof CAUSES)[Reason] | undefined;
  const key = `help.reason.${entry === 'own' || entry === undefined ? cause : entry}.steps`;
  return entry !== 'state' && has(key) ? lines(say(key)) : null;
}

/** What a state means. One that this version does not know has no help. */
export function meaningOf(aspect: string): string | null {
  return isKnown(aspect) ? t(`help.${aspect}.means`) : null;
}

/**
 * The steps of the cause where it has some and nobody else is at it, else those of the situation. `byNumber`: the person chose to
 * link without a scan.
 */
export function helpFor(cliente: ClienteView, byNumber = false): Help | null {
  const { session } = cliente;
  const aspect = aspectOf(session);
  if (!isKnown(aspect)) return null;
  const cause = trouble(cliente);
  const situation = situationOf(session, cause, byNumber);
  const own = cause && !SETTLED.has(situation) ? stepsOf(cause) : null;
  const { notice } = session;
  return {
    means: told(situation, aspect, 'means'),
    steps: own ?? lines(told(situation, aspect, 'steps')),
    itself: told(situation, aspect, 'itself'),
    also: notice && notice !== cause ? explainReason(notice) : null,
  };
}

/** What to do about a command that failed, where one line of advice is too little. */
export function stepsFor({ code, reason }: Failure): string[] | null {
  if (reason) return stepsOf(reason);
  const key = `help.error.${code}.steps`;
  return FAILURES[code] === 'own' && has(key) ? lines(say(key)) : null;
}
