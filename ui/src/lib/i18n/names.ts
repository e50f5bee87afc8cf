/** What things of the wire are called. Codes this version does not know are shown as they are. */
import type {
  CallView,
  ClienteView,
  CommandError,
  ProgressView,
  Scope,
  SessionView,
  WebhookProblem,
} from '$lib/wire';
import { Failure } from '$lib/backend/backend';
import { aspectOf, isKnown } from '$lib/model/states';
import { bytes, has, t } from './i18n.svelte';

export function nameOf(cliente: Pick<ClienteView, 'id' | 'name'>): string {
  return cliente.name.trim() || t('card.unnamed', { id: cliente.id });
}

export function badge(aspect: string): string {
  return isKnown(aspect) ? t(`state.${aspect}.badge`) : aspect;
}

export function line({ session }: ClienteView): string {
  const aspect = aspectOf(session);
  if (aspect === 'DISCONNECTED_RECOVERABLE')
    return t('state.DISCONNECTED_RECOVERABLE.line', { n: session.attempts, max: session.max_attempts });
  // The code has done its part: to go on asking for a scan would mislead.
  if (session.login_step === 'linking') return t('stage.linking');
  if (session.login_step === 'passkey') return t('qr.passkey');
  return isKnown(aspect) ? t(`state.${aspect}.line`) : t('state.unknown.line');
}

/** When a session that failed is started again by itself; nothing where it is not. */
export function restartLine({ restart }: SessionView, now: number): string | null {
  if (!restart) return null;
  const { attempt: n, last } = restart;
  const left = restart.at - now;
  const time = left > 0 ? timeLeft(left) : null;
  if (last === 1) return time ? t('restart.once.in', { time }) : t('restart.once.now');
  if (last === null) return time ? t('restart.on.in', { time, n }) : t('restart.on.now', { n });
  return time ? t('restart.in', { time, n, last }) : t('restart.now', { n, last });
}

/** Above this, seconds say nothing anybody waits for. */
const IN_SECONDS = 100;

function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < IN_SECONDS
    ? t('time.seconds', { n: seconds })
    : t('time.minutes', { n: Math.ceil(seconds / 60) });
}

/** "162 MB · 3 % CPU"; nothing while nothing was measured. */
export function usageOf({ memory, cpu }: SessionView): string | null {
  if (memory === null) return null;
  return cpu === null ? bytes(memory) : t('card.usage', { memory: bytes(memory), cpu: Math.round(cpu) });
}

export interface Explained {
  message: string;
  remedy: string | null;
}

export function explainReason(code: string): Explained {
  const key = `reason.${code}`;
  const remedy = `reason.${code}.remedy`;
  return has(key) && has(remedy)
    ? { message: say(key), remedy: say(remedy) }
    : { message: t('reason.unknown', { code }), remedy: null };
}

/** A failure in plain words: the cause where the backend knows one, else what the code means. */
export function explainFailure(failure: Failure): Explained {
  if (failure.reason) return explainReason(failure.reason);
  const key = `error.${failure.code}`;
  const remedy = `error.${failure.code}.remedy`;
  if (has(key) && has(remedy)) return { message: say(key), remedy: say(remedy) };
  return { message: t('failure.unknown', { code: failure.code }), remedy: t('failure.unknown.remedy') };
}

/** What went wrong and what to do about it, where there is one line for both. */
export function failureLine(error: CommandError): string {
  const { message, remedy } = explainFailure(Failure.from(error));
  return [message, remedy].filter(Boolean).join(' ');
}

/** Messages of reasons and errors take no values. */
function say(key: Parameters<typeof t>[0]): string {
  return (t as (key: string) => string)(key);
}

/** `crowded`: sessions wait until another one ends, so waiting is not only for a turn. */
export function stageOf({ stage, percent }: ProgressView, crowded = false): string {
  if (stage === 'queued' && crowded) return t('stage.queued.room');
  const key = `stage.${stage}`;
  const name = has(key) ? say(key) : t('stage.unknown');
  return percent === null ? name : t('stage.percent', { stage: name, percent });
}

/** Country codes: one digit, the two-digit ones of the ITU's list, else three. */
const COUNTRY = /^([17]|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** A number as people write it: its country apart, then fours. Countries group differently; fours read well. */
export function phoneNumber(digits: string): string {
  if (!/^\d+$/.test(digits)) return digits;
  if (digits.length < 10) return `+${digits}`;
  const country = digits.match(COUNTRY)?.[0] ?? '';
  const rest = digits.slice(country.length);
  const parts = [country, rest.slice(0, -8), rest.slice(-8, -4), rest.slice(-4)];
  return `+${parts.filter(Boolean).join(' ')}`;
}

/** What came of a call of the local API, in words. */
export function resultOf({ status, code }: CallView): string {
  if (status === null) return t('calls.gone');
  if (status < 400) return t('calls.ok');
  const key = `error.${code}`;
  return has(key) ? say(key) : t('calls.other');
}

/** Who called: by the name of a key, as another user of this machine, or from an address of it. */
export function callerOf(caller: string): string {
  if (caller === 'control') return t('calls.caller.control');
  if (caller.startsWith('user:')) return t('calls.caller.user', { id: caller.slice(5) });
  return caller.startsWith('key:') ? t('calls.caller.key', { name: caller.slice(4) }) : caller;
}

/** What a key may do, in the order of the wire. */
export function scopesOf(scopes: readonly Scope[]): string {
  return scopes.map((scope) => t(`scope.${scope}`)).join(', ');
}

/** What webhooks are told of, one event or all of a kind. */
export function eventName(event: string): string {
  const name = event === '*' ? 'all' : event.replace('.*', '_all').replace('.', '_');
  const key = `webhooks.event.${name}`;
  return has(key) ? say(key) : event;
}

/** Why a webhook was not told. An answer with a status says more than that it was the wrong one. */
export function explainProblem(problem: WebhookProblem, status: number | null): Explained {
  const key = `webhooks.problem.${problem}`;
  const remedy = `webhooks.problem.${problem}.remedy`;
  if (!has(key) || !has(remedy))
    return { message: t('failure.unknown', { code: problem }), remedy: t('failure.unknown.remedy') };
  const answered = problem === 'STATUS' && status !== null;
  return {
    message: answered ? `${t('webhooks.status', { status })}.` : say(key),
    remedy: say(remedy),
  };
}

/** A cliente by its number and name; one that is gone by its number. */
export function nameOfId(id: number, clientes: ReadonlyMap<number, ClienteView>): string {
  const cliente = clientes.get(id);
  return cliente ? `${t('card.id', { id })} ${nameOf(cliente)}` : t('webhooks.clientes.gone', { id });
}
