/** One command of a dialog: whether it is under way, and how it failed. A second click while it runs does nothing. */
import type { Failure } from '$lib/backend/backend';

export class Attempt {
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);

  /** Runs it; says whether it went well. */
  async run(command: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.failure = null;
    try {
      await command();
      return true;
    } catch (failure) {
      this.failure = failure as Failure;
      return false;
    } finally {
      this.busy = false;
    }
  }
}
