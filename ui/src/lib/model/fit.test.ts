import { expect, it } from 'vitest';
import { howMany } from './fit.svelte';

it.each([
  ['all of them, without what leads to the rest', [50, 50, 50], 170, 3],
  ['not the last one, and what leads to it', [50, 50, 50], 169, 2],
  ['none but what leads to them', [50, 50], 60, 0],
  ['not even that', [50], 10, 0],
  ['nothing of nothing', [], 0, 0],
])('fits %s', (_, widths, room, expected) => expect(howMany(widths, room, 10, 30)).toBe(expected));
