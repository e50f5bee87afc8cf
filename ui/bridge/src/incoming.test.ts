import { expect, test } from 'vitest';
import { shortened } from './incoming';

const bytes = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length;

test('a text is passed on as it is', () => {
  for (const text of ['hola', '"ñandú" \\ \n ☕🦤', '']) expect(shortened(text)).toBe(text);
});

test('a long text is cut between characters, and fits into a signal', () => {
  for (const part of ['a', 'ñ', '☕', '🦤', '\u0001', '"', 'a🦤']) {
    const text = part.repeat(20_000);
    const cut = shortened(text);
    expect(text.startsWith(cut)).toBe(true);
    expect([...cut].length).toBeLessThanOrEqual(4096);
    expect(bytes(cut)).toBeLessThanOrEqual(15_002);
    // Nothing is cut that had room.
    const longer = bytes(cut + part) > 15_002 || [...cut].length + [...part].length > 4096;
    expect(longer).toBe(true);
  }
});

test('half a character is replaced', () => {
  expect(shortened('a\ud83eb')).toBe('a\ufffdb');
});
