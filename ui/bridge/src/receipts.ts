// How far messages of our own have come.
import type { Push } from './signals';
import { attempt, loaded, written, type AckChange, type Message, type Wpp } from './wpp';

/** Tells how far a message has come: 1 the server has it, 2 a device, 3 it was read, 4 it was played. */
export type Acknowledge = (id: string, ack: number) => void;

/** What was told and is told again within this many others is no news. */
const REMEMBERED = 2000;

/** Passes each level of each message on once: it is heard of in several ways. */
export function receipts(push: Push): Acknowledge {
  const told = new Set<string>();
  return (id, ack) => {
    const news = `${ack} ${id}`;
    if (!id.startsWith('true_') || !(ack >= 1) || told.has(news)) return;
    told.add(news);
    if (told.size > REMEMBERED) told.delete(told.values().next().value as string);
    push({ type: 'acknowledged', id, ack });
  };
}

/** Listens to what becomes of messages. */
export function followReceipts(api: Wpp, acknowledge: Acknowledge): void {
  api.loader.onInjected(() => {
    attempt(() =>
      api.whatsapp.MsgStore?.on('change:ack', (msg: Message) => {
        const id = attempt(() => written(msg.id));
        if (id && msg.ack) acknowledge(id, msg.ack);
      }),
    );
  });
  // Also tells of messages that are not loaded. Receipts of others' messages come the same way.
  attempt(() =>
    api.on('chat.msg_ack_change', ({ ack, ids }: AckChange) => {
      if (typeof ack !== 'number' || !Array.isArray(ids)) return;
      for (const id of ids) {
        const text = attempt(() => written(id));
        if (!text?.startsWith('true_')) continue;
        // In a group, each member's receipt comes by itself, under an id of its own. WhatsApp sums them up above.
        if (ack > 1 && text.includes('@g.us_')) continue;
        // The receiver may be known by two ids; the message is known by one of them.
        const known = id.id ? attempt(() => loaded(api, String(id.id))) : undefined;
        acknowledge((known && attempt(() => written(known.id))) ?? text, ack);
      }
    }),
  );
}
