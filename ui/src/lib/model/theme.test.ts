import { expect, it } from 'vitest';
import { lookFor } from './theme';

it.each([
  [null, { dark: false, contrast: false }, 'light'],
  [null, { dark: true, contrast: false }, 'dark'],
  [null, { dark: false, contrast: true }, 'contrast'],
  [null, { dark: true, contrast: true }, 'contrast-dark'],
  ['light', { dark: true, contrast: true }, 'light'],
  ['dark', { dark: false, contrast: true }, 'dark'],
  ['contrast', { dark: false, contrast: false }, 'contrast'],
  ['contrast', { dark: true, contrast: false }, 'contrast-dark'],
] as const)('chosen %s, and the system says %o: %s', (chosen, system, look) => {
  expect(lookFor(chosen, system)).toBe(look);
});
