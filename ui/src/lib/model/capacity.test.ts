import { expect, it } from 'vitest';
import { validMaximum } from './capacity';

it.each(['1', '14', ' 500 '])('takes %j as a maximum', (text) => expect(validMaximum(text)).toBe(true));
it.each(['', '0', '501', '-1', '1.5', '1e2', 'all'])('refuses %j as a maximum', (text) =>
  expect(validMaximum(text)).toBe(false),
);
