/** What things of the wire are called. Codes this version does not know are shown as they are. */
import type { ClienteView, ProgressView } from '$lib/wire';
import type { Failure } from '$lib/backend/backend';
import { isKnownState } from '$lib/model/states';
import { has, t } from './i18n.svelte';

export function nameOf(cliente: Pick<ClienteView, 'id' | 'name'>): string {
  return cliente.name.trim() || t('card.unnamed', { id: cliente.id });
}

export function badge(state: string): string {
  return isKnownState(state) ? t(`state.${state}.badge`) : state;
}

export function line({ session }: ClienteView): string {
  if (session.state === 'DISCONNECTED_RECOVERABLE')
    return t('state.DISCONNECTED_RECOVERABLE.line', { n: session.attempts, max: session.max_attempts });
  // The code has done its part: to go on asking for a scan would mislead.
  if (session.login_step === 'linking') return t('stage.linking');
  if (session.login_step === 'passkey') return t('qr.passkey');
  return isKnownState(session.state) ? t(`state.${session.state}.line`) : t('state.unknown.line');
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
    : { message: code, remedy: null };
}

/** A failure in plain words: the cause where the backend knows one, else what the code means. */
export function explainFailure(failure: Failure): Explained {
  if (failure.reason) return explainReason(failure.reason);
  const key = `error.${failure.code}`;
  const remedy = `error.${failure.code}.remedy`;
  if (has(key) && has(remedy)) return { message: say(key), remedy: say(remedy) };
  return { message: t('failure.unknown', { code: failure.code }), remedy: t('failure.unknown.remedy') };
}

/** Messages of reasons and errors take no values. */
function say(key: Parameters<typeof t>[0]): string {
  return (t as (key: string) => string)(key);
}

export function stageOf({ stage, percent }: ProgressView): string {
  const key = `stage.${stage}`;
  const name = has(key) ? say(key) : stage;
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
