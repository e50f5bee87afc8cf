import { expect, test } from 'vitest';
import { sendText } from './send';
import type { Message, Wpp } from './wpp';

/** As much of a page as a send needs. */
function page(messages: Partial<Message>[] = [], stored: Partial<Message>[] = []) {
  const sent: string[] = [];
  const told: unknown[] = [];
  const list = {
    getModelsArray: () => messages as Message[],
    remove: (message: Message) => messages.splice(messages.indexOf(message), 1),
    on: () => undefined,
  };
  const chat = { id: { toString: () => '1@c.us' }, msgs: list };
  const api = {
    on: () => undefined,
    off: () => undefined,
    conn: { getStreamData: () => ({ mode: 'MAIN', info: 'NORMAL' }) },
    contact: { queryExists: async () => null },
    chat: {
      get: () => chat,
      find: async () => chat,
      generateMessageID: async () => ({ id: 'X', toString: () => 'true_1@c.us_X' }),
      getMessageById: async (id: string) => {
        const found = stored.find((message) => String(message.id) === id);
        if (!found) throw Object.assign(new Error('no'), { code: 'msg_not_found' });
        return found;
      },
      sendTextMessage: async (_to: string, _text: string, { messageId }: { messageId: string }) => {
        sent.push(messageId);
        return { id: messageId, ack: 1, sendMsgResult: { messageSendResult: 'OK' } };
      },
    },
    whatsapp: { MsgStore: list },
  } as unknown as Wpp;
  const acknowledge = (id: string, ack: number) => told.push([id, ack]);
  const send = (key: string, limit = '50') => sendText(api, { acknowledge }, '1@c.us', key, limit, 'hola');
  return { send, sent, told };
}

function message(key: string, ack: number): Partial<Message> & { change(ack: number): void } {
  const listeners = new Set<() => void>();
  return {
    id: { id: key, fromMe: true, toString: () => `true_1@c.us_${key}` },
    ack,
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
    change(level) {
      this.ack = level;
      listeners.forEach((listener) => listener());
    },
  };
}

const whole = (key: string) => ({ ok: true, value: `true_1@c.us_${key}` });

test('a new message is handed over under its key', async () => {
  const { send, sent, told } = page();
  expect(await send('A')).toEqual(whole('A'));
  expect(sent).toEqual(['true_1@c.us_A']);
  expect(told).toEqual([['true_1@c.us_A', 1]]);
});

test('a message that has arrived is not sent again, loaded or not', async () => {
  for (const world of [page([message('A', 2)]), page([], [message('A', 2)])]) {
    expect(await world.send('A')).toEqual(whole('A'));
    expect(world.sent).toEqual([]);
    expect(world.told).toEqual([['true_1@c.us_A', 2]]);
  }
});

test('a message on its way is waited for, and sent anew only where it fails', async () => {
  const arriving = message('A', 0);
  const first = page([arriving]);
  const waiting = first.send('A', '5000');
  setTimeout(() => arriving.change(1), 5);
  expect(await waiting).toEqual(whole('A'));
  expect(first.sent).toEqual([]);

  const failing = message('B', 0);
  const second = page([failing]);
  const again = second.send('B', '5000');
  setTimeout(() => failing.change(-1), 5);
  expect(await again).toEqual(whole('B'));
  expect(second.sent).toEqual(['true_1@c.us_B']);

  const third = page([message('C', 0)]);
  expect(await third.send('C', '20')).toMatchObject({ ok: false, detail: 'ERROR_EXPIRED' });
  expect(third.sent).toEqual([]);
});

test('a message that failed makes room for the next one', async () => {
  const messages = [message('A', -1)];
  const { send, sent } = page(messages);
  expect(await send('A')).toEqual(whole('A'));
  expect(sent).toEqual(['true_1@c.us_A']);
  expect(messages).toEqual([]);
});

test('two sends of one key at once are one', async () => {
  const { send, sent } = page();
  expect(await Promise.all([send('A'), send('A'), send('B')])).toEqual([whole('A'), whole('A'), whole('B')]);
  expect(sent).toEqual(['true_1@c.us_A', 'true_1@c.us_B']);
});

test('whoever joins a send that hangs waits as long as it can itself', async () => {
  const arriving = message('A', 0);
  const { send, sent } = page([arriving]);
  const first = send('A', '20');
  const second = send('A', '5000');
  expect(await first).toMatchObject({ ok: false, detail: 'ERROR_EXPIRED' });
  arriving.change(1);
  expect(await second).toEqual(whole('A'));
  expect(sent).toEqual([]);
});
