import { describe, expect, it } from 'vitest';
import { Failure } from '$lib/backend/backend';
import { Attempt } from './attempt.svelte';

/** A command that ends when it is told to. */
function held() {
  let end!: (failure?: Failure) => void;
  const ended = new Promise<void>((resolve, reject) => {
    end = (failure) => (failure ? reject(failure) : resolve());
  });
  return { command: () => ended, end };
}

describe('an attempt', () => {
  it('does nothing at a second click', async () => {
    const attempt = new Attempt();
    const { command, end } = held();
    const first = attempt.run(command);
    expect(await attempt.run(() => Promise.reject(new Error('ran')))).toBe(false);
    end();
    expect(await first).toBe(true);
  });

  it('makes changes one after the other, in their order, and loses none', async () => {
    const attempt = new Attempt();
    const { command, end } = held();
    const ran: number[] = [];
    const all = [
      attempt.run(command),
      ...[1, 2, 3].map((n) => attempt.next(() => Promise.resolve(ran.push(n)))),
    ];
    await Promise.resolve();
    expect(ran).toEqual([]);
    end();
    expect(await Promise.all(all)).toEqual([true, true, true, true]);
    expect(ran).toEqual([1, 2, 3]);
    expect(attempt.busy).toBe(false);
  });

  it('keeps saying what failed when the next one that waited goes well, and forgets it with a new one', async () => {
    const attempt = new Attempt();
    const { command, end } = held();
    const failure = new Failure('AUTOSTART_FAILED', 'no');
    const [first, second] = [attempt.next(command), attempt.next(() => Promise.resolve())];
    end(failure);
    expect(await Promise.all([first, second])).toEqual([false, true]);
    expect(attempt.failure).toBe(failure);
    await attempt.next(() => Promise.resolve());
    expect(attempt.failure).toBeNull();
  });
});
