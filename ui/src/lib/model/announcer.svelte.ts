/** What a screen reader is told as it happens: changes of state, in one sentence, however many come at once. */
import type { ClienteView } from '$lib/wire';
import { badge, nameOf } from '$lib/i18n/names';
import { t } from '$lib/i18n/i18n.svelte';

/** Changes within this time are told together, ms. */
const GATHER = 400;
/** From this many on, only their number is told. */
const TOO_MANY = 5;

class Announcer {
  text = $state('');
  readonly #changed = new Map<number, ClienteView>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    this.text = text;
  }

  stateChanged(cliente: ClienteView): void {
    this.#changed.set(cliente.id, cliente);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), GATHER);
  }

  #tell(): void {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    this.text =
      changed.length < TOO_MANY
        ? changed
            .map((it) => t('announce.state', { name: nameOf(it), state: badge(it.session.state) }))
            .join(' ')
        : t('announce.many', { n: changed.length });
  }
}

export const announcer = new Announcer();
