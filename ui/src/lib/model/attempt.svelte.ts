/** One command of a dialog: whether it is under way, and how it failed. A second click while it runs does nothing. */
import type { Failure } from '$lib/backend/backend';

export class Attempt {
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);
  #under: Promise<boolean> = Promise.resolve(true);

  /** Runs it; says whether it went well. */
  run(command: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return Promise.resolve(false);
    return (this.#under = this.#run(command));
  }

  /** Runs it when what is under way has ended: of what somebody changes quickly, nothing is lost. */
  async next(command: () => Promise<unknown>): Promise<boolean> {
    const waits = this.busy;
    while (this.busy) await this.#under;
    const before = waits ? this.failure : null;
    const done = await this.run(command);
    this.failure ??= before;
    return done;
  }

  async #run(command: () => Promise<unknown>): Promise<boolean> {
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
