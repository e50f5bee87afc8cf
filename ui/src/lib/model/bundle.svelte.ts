/** A support bundle while it is collected: its progress is asked for, and each answer comes when there is news. */
import type { BundleView, BundleWish } from '$lib/wire';
import { Failure } from '$lib/backend/backend';
import type { Room } from './room.svelte';

export class Bundle {
  view = $state.raw<BundleView | null>(null);
  failure = $state.raw<Failure | null>(null);
  cancelling = $state(false);
  readonly running = $derived((this.view?.step ?? null) !== null);
  #gone = false;

  constructor(readonly room: Room) {}

  /** Collects one to its end, or until nobody looks any more. */
  async create(wish: BundleWish): Promise<void> {
    if (this.running) return;
    this.failure = null;
    this.cancelling = false;
    try {
      let view = await this.room.call('begin_bundle', wish);
      this.view = view;
      while (view.step !== null && !this.#gone) {
        view = await this.room.call('bundle_progress', { revision: view.revision });
        this.view = view;
      }
      if (view.failure) this.failure = Failure.from(view.failure);
    } catch (thrown) {
      this.failure = Failure.from(thrown);
      this.view = null;
    }
  }

  async cancel(): Promise<void> {
    if (!this.running) return;
    this.cancelling = true;
    // The progress tells what came of it.
    await this.room.call('cancel_bundle', {}).catch(() => (this.cancelling = false));
  }

  /** Nobody looks any more: what is under way is of no use. */
  leave(): void {
    this.#gone = true;
    void this.cancel();
  }
}
