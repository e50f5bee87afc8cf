import { expect, test } from 'vitest';
import { followIncoming, shortened } from './incoming';
import type { Signal } from './signals';
import type { Message, Wpp } from './wpp';

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

test('what was there before is told first, whichever is noticed first', () => {
  const message = (id: string): Message =>
    ({ id: { fromMe: false, remote: '1@c.us', toString: () => id }, type: 'chat', isNewMsg: true, t: 1, body: id }) as never;
  for (const injectedFirst of [true, false]) {
    const store = [message('false_1@c.us_A'), message('false_1@c.us_B')];
    let hear: (message: Message) => void = () => {};
    let inject: () => void = () => {};
    const api = {
      on: (_: string, listener: typeof hear) => (hear = listener),
      loader: { onInjected: (listener: typeof inject) => (inject = listener) },
      whatsapp: { MsgStore: { getModelsArray: () => store } },
    };
    const told: Signal[] = [];
    followIncoming(api as unknown as Wpp, (signal) => told.push(signal));
    if (injectedFirst) inject();
    store.push(message('false_1@c.us_C'));
    hear(store[2] as Message);
    if (!injectedFirst) inject();
    expect(told.map((signal) => signal.type === 'incoming' && signal.text)).toEqual([
      'false_1@c.us_A',
      'false_1@c.us_B',
      'false_1@c.us_C',
    ]);
  }
});
