/**
 * The calls of the local API as they come. The backend tells only that there are new ones; they are asked for by who
 * shows them, so a page that shows none costs a busy API nothing.
 */
import type { CallView } from '$lib/wire';
import { Failure } from '$lib/backend/backend';
import { KEPT, withNewer } from './calls';
import type { Room } from './room.svelte';

export class CallFeed {
  /** The newest first. */
  calls = $state.raw<readonly CallView[]>([]);
  loaded = $state(false);
  failure = $state.raw<Failure | null>(null);
  /** How many are new and not read yet. */
  readonly waiting: number = $derived.by(() => Math.max(0, this.room.lastCall - (this.calls[0]?.id ?? 0)));
  #read = -1;
  #reading = false;
  #again = false;

  constructor(private readonly room: Room) {}

  /** Reads what is new. One question at a time: what was told meanwhile is asked for afterwards. */
  async refresh(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        await this.#ask();
      }
      this.failure = null;
    } catch (thrown) {
      this.failure = Failure.from(thrown);
    } finally {
      this.#reading = false;
    }
  }

  async #ask(): Promise<void> {
    const { snapshots } = this.room;
    const known = snapshots === this.#read ? this.calls : [];
    const after = known[0]?.id;
    const newer = await this.room.call('calls', after ? { limit: KEPT, after } : { limit: KEPT });
    this.calls = withNewer(known, newer);
    this.#read = snapshots;
    this.loaded = true;
  }
}
