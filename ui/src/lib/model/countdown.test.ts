import { expect, it } from 'vitest';
import { lifeOf } from './countdown';

const qr = { image: null, issued_at: 1_000, expires_at: 21_000 };

it.each([
  [500, { passed: 0, seconds: 21, expired: false }],
  [1_000, { passed: 0, seconds: 20, expired: false }],
  [11_001, { passed: 10_001, seconds: 10, expired: false }],
  [20_999, { passed: 19_999, seconds: 1, expired: false }],
  [21_000, { passed: 20_000, seconds: 0, expired: true }],
  [99_000, { passed: 20_000, seconds: 0, expired: true }],
])('at %i', (now, expected) => {
  expect(lifeOf(qr, now)).toEqual({ total: 20_000, ...expected });
});

it('takes a life without length as over', () => {
  expect(lifeOf({ ...qr, expires_at: 1_000 }, 1_000)).toMatchObject({ total: 1, expired: true });
});
