/**
 * Linking a cliente by its number in place of a scan: what was typed, and the code that WhatsApp gave for it. The card
 * and the large view show the same one. A code is worth as much as a QR, so it is kept only while it can be used.
 */
import type { SessionView } from '$lib/wire';
import { Attempt } from './attempt.svelte';
import { clock } from './clock.svelte';
import { grouped } from './number';

/** Whether a code would link this session now: a QR or its replacement waits, and no phone has taken it yet. */
export function waitsForCode({ state, login_step }: SessionView): boolean {
  return state === 'QR_REQUIRED' && login_step !== 'linking' && login_step !== 'passkey';
}

export class Pairing {
  /** Whether the person chose this way. */
  open = $state(false);
  number = $state('');
  code = $state.raw<string | null>(null);
  /** When the code came, ms since 1970 of the backend. */
  since = $state(0);
  readonly attempt = new Attempt();
  /** Counts what makes an answer that is still on its way worthless. */
  #turn = 0;

  /** Asks for a code; the one before is gone at once, because WhatsApp takes only the newest. */
  async ask(request: (number: string) => Promise<{ code: string } | null>): Promise<void> {
    if (this.attempt.busy) return;
    this.code = null;
    const turn = ++this.#turn;
    await this.attempt.run(async () => {
      const answer = await request(this.number);
      if (!answer || turn !== this.#turn) return;
      this.code = grouped(answer.code);
      this.since = clock.exact();
    });
    // How it failed is no news about another state.
    if (turn !== this.#turn) this.attempt.failure = null;
  }

  /** Back to the number, which can be changed. */
  forget(): void {
    this.#turn++;
    this.code = null;
    this.attempt.failure = null;
  }

  /** The session changed: a code that cannot be used any more goes, and with the link everything. */
  follow(session: SessionView): void {
    if (!waitsForCode(session)) this.forget();
    if (session.state !== 'READY') return;
    this.open = false;
    this.number = '';
  }
}
