import { afterEach, expect, it, vi } from 'vitest';
import { fetchAll, Part } from './parts.svelte';

afterEach(() => vi.useRealTimers());

it('fetches one after the other, and no more once the program is gone', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  const part = (name: string, there: boolean) =>
    new Part(() => {
      asked.push(name);
      return there ? Promise.resolve({ default: name }) : Promise.reject(new Error('gone'));
    });
  const parts = [part('first', true), part('second', false), part('third', true)];
  const done = fetchAll(parts);
  await vi.runAllTimersAsync();
  await done;
  expect(asked).toEqual(['first', 'second']);
  expect(parts.map(({ component }) => component)).toEqual(['first', null, null]);

  // Whoever opens it asks again.
  await parts[1]?.load();
  expect(asked).toEqual(['first', 'second', 'second']);
});
