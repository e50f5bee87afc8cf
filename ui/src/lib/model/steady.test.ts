import { expect, it } from 'vitest';
import { merge, same } from './steady';

it.each([
  ['keeps the order', [1, 2, 3], [3, 1, 2], [1, 2, 3]],
  ['drops what is gone', [1, 2, 3], [3, 1], [1, 3]],
  ['puts a new one after its neighbour', [1, 2, 3], [3, 9, 1, 2], [1, 2, 3, 9]],
  ['puts a new first one first', [1, 2], [9, 2, 1], [9, 1, 2]],
  ['begins from nothing', [], [3, 1, 2], [3, 1, 2]],
])('%s', (_, shown, wanted, expected) => {
  expect(merge(shown, wanted)).toEqual(expected);
});

it('compares orders', () => {
  expect(same([1, 2], [1, 2])).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same([1], [1, 2])).toBe(false);
});
