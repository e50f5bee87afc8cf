import { expect, test } from 'vitest';
import { receipts } from './receipts';
import type { Signal } from './signals';

test('each level of each message is told once', () => {
  const told: Signal[] = [];
  const acknowledge = receipts((signal) => told.push(signal));
  for (const ack of [0, 1, 1, 2, 1, 3, 3, -1, NaN]) acknowledge('true_1@c.us_A', ack);
  acknowledge('true_1@c.us_B', 1);
  acknowledge('false_1@c.us_C', 1);
  expect(told.map((signal) => ('ack' in signal ? [signal.id, signal.ack] : []))).toEqual([
    ['true_1@c.us_A', 1],
    ['true_1@c.us_A', 2],
    ['true_1@c.us_A', 3],
    ['true_1@c.us_B', 1],
  ]);
});

test('what was told long ago is forgotten', () => {
  let told = 0;
  const acknowledge = receipts(() => (told += 1));
  for (let number = 0; number <= 2000; number++) acknowledge(`true_${number}`, 1);
  acknowledge('true_0', 1);
  acknowledge('true_2000', 1);
  expect(told).toBe(2002);
});
