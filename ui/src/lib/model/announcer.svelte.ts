/** What a screen reader is told as it happens: changes of state, in one sentence, however many come at once. */
import type { ClienteView, Reason } from '$lib/wire';
import { badge, explainReason, nameOf } from '$lib/i18n/names';
import { t } from '$lib/i18n/i18n.svelte';
import { aspectOf } from './states';

/** Changes within this time are told together, ms. */
const GATHER = 400;
/** From this many on, only their number is told. */
const TOO_MANY = 5;

class Announcer {
  text = $state('');
  readonly #changed = new Map<number, ClienteView>();
  readonly #notices = new Map<number, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    this.text = text;
  }

  stateChanged(cliente: ClienteView): void {
    this.#changed.set(cliente.id, cliente);
    this.#soon();
  }

  noticed(cliente: ClienteView, notice: Reason): void {
    const { message } = explainReason(notice);
    this.#notices.set(cliente.id, t('announce.notice', { name: nameOf(cliente), message }));
    this.#soon();
  }

  /** The browser came up as a window, or went; or WhatsApp asks for a passkey in it. */
  told(
    cliente: ClienteView,
    key: 'announce.window.shown' | 'announce.window.hidden' | 'announce.passkey',
  ): void {
    this.#notices.set(cliente.id, t(key, { name: nameOf(cliente) }));
    this.#soon();
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), GATHER);
  }

  #tell(): void {
    const changed = [...this.#changed.values()];
    const states =
      changed.length < TOO_MANY
        ? changed.map((it) => t('announce.state', { name: nameOf(it), state: badge(aspectOf(it.session)) }))
        : [t('announce.many', { n: changed.length })];
    this.text = [...states, ...this.#notices.values()].join(' ');
    this.#changed.clear();
    this.#notices.clear();
  }
}

export const announcer = new Announcer();
