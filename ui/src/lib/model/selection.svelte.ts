/** Which clientes are chosen for something that is done to all of them. */
import { SvelteSet } from 'svelte/reactivity';

export class Selection {
  readonly ids = new SvelteSet<number>();
  /** Whether the boxes show although nothing is chosen yet. */
  choosing = $state(false);
  /** The last that was chosen by itself: a range begins there. */
  #anchor: number | null = null;

  readonly active = $derived(this.choosing || this.ids.size > 0);

  toggle(id: number): void {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#anchor = id;
  }

  /** Everything from the last chosen to this one, in the order that is shown. */
  extend(id: number, order: readonly number[]): void {
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) return this.toggle(id);
    for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.ids.add(one);
  }

  all(order: readonly number[]): void {
    for (const id of order) this.ids.add(id);
    this.#anchor = order[0] ?? null;
  }

  only(ids: readonly number[]): void {
    this.ids.clear();
    this.all(ids);
  }

  clear(): void {
    this.ids.clear();
    this.choosing = false;
    this.#anchor = null;
  }

  /** Forgets those that are gone or out of sight: nothing is done to what nobody sees. */
  keep(shown: ReadonlySet<number>): void {
    for (const id of [...this.ids]) if (!shown.has(id)) this.ids.delete(id);
  }
}
