import { describe, expect, it } from 'vitest';
import { grouped, numberProblem } from './number';

describe('a number that is typed', () => {
  it.each([
    ['', 'empty'],
    ['+', 'empty'],
    ['54 9 1', 'short'],
    ['+54 9 11 5555-1234', null],
    ['+54 (911) 5555.1234', null],
    ['54\u00a0911\u00a05555\u00a01234', null],
    ['ana', 'letters'],
    ['54+911', 'letters'],
    ['0054 911 5555 1234', 'zero'],
    ['+0 11 5555', 'zero'],
    ['1234567890123456', 'long'],
  ])('%j: %s', (text, problem) => expect(numberProblem(text)).toBe(problem));
});

it('writes a code as WhatsApp does, however it came', () => {
  expect(grouped('abcdefgh')).toBe('ABCD-EFGH');
  expect(grouped('ABCD-EFGH')).toBe('ABCD-EFGH');
  expect(grouped('ABC')).toBe('ABC');
});
