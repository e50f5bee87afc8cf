/**
 * Things that the backend lists when it is asked, and does not tell of when they change: asked for when somebody looks,
 * now and then while somebody does, and after everything that this page changes.
 */
import { untrack } from 'svelte';
import { Failure } from '$lib/backend/backend';
import type { Room } from './room.svelte';
import { visible } from './visible.svelte';

export class Listing<T> {
  /** Null until they were read once. What was read stays while the program does not answer. */
  items = $state.raw<readonly T[] | null>(null);
  failure = $state.raw<Failure | null>(null);
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(
    private readonly room: Room,
    private readonly read: () => Promise<readonly T[]>,
  ) {}

  /** Reads them. One question at a time; who asks meanwhile gets what is read after it. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#readOn().finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** Reads them from now on every so many ms, while the page can be seen. For the set-up of a component. */
  watch(every: number): void {
    $effect(() => {
      void this.room.snapshots;
      if (!visible()) return;
      untrack(() => void this.refresh());
      const timer = setInterval(() => void this.refresh(), every);
      return () => clearInterval(timer);
    });
  }

  async #readOn(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        this.items = await this.read();
      }
      this.failure = null;
    } catch (thrown) {
      this.failure = Failure.from(thrown);
    }
  }
}
