/** What helps a person in front of a card. */
import type { ClienteView } from '$lib/wire';
import { has, t } from '$lib/i18n/i18n.svelte';
import type { Key } from '$lib/i18n/catalogue';
import { explainReason } from '$lib/i18n/names';
import { aspectOf, isKnown, trouble } from '$lib/model/states';

export interface Help {
  means: string;
  steps: string[];
  /** What the program does meanwhile. */
  itself: string;
}

const say = (key: Key) => (t as (key: Key) => string)(key);
const lines = (text: string) => text.split('\n');

/** What a state means. One that this version does not know has no help. */
export function meaningOf(aspect: string): string | null {
  return isKnown(aspect) ? t(`help.${aspect}.means`) : null;
}

/** Where the cause is known the steps are about it, or begin with what the card advises. */
export function helpFor(cliente: ClienteView): Help | null {
  const aspect = aspectOf(cliente.session);
  if (!isKnown(aspect)) return null;
  const cause = trouble(cliente);
  const own = `help.reason.${cause}.steps`;
  const general = lines(t(`help.${aspect}.steps`));
  const remedy = cause && explainReason(cause).remedy;
  return {
    means: t(`help.${aspect}.means`),
    steps: has(own) ? lines(say(own)) : remedy ? [remedy, ...general] : general,
    itself: t(`help.${aspect}.itself`),
  };
}
