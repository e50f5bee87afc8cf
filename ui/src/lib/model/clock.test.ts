import { expect, it, vi } from 'vitest';
import { Clock } from './clock.svelte';

it('tells the coarse time a few times a minute, and at once when the backend has another', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const clock = new Clock();
  const told = new Set<number>();
  for (let second = 0; second < 60; second += 1) {
    vi.advanceTimersByTime(1_000);
    clock.refresh();
    told.add(clock.coarse);
    expect(clock.now).toBe(Date.now());
    expect(clock.now - clock.coarse).toBeLessThan(10_000);
  }
  expect(told.size).toBe(7);
  clock.set(500_000);
  expect(clock.coarse).toBe(500_000);
  vi.useRealTimers();
});
