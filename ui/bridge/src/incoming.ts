// Passes messages on that somebody else wrote. Only where the driver asked for it.
import { numberOf } from './numbers';
import type { Push } from './signals';
import { attempt, written, type Message, type Wpp } from './wpp';

/** The longest text that is passed on, characters. */
const LONGEST_TEXT = 4096;
/** And how long it may be as the driver gets it, bytes: a signal has room for 16 KiB. */
const LONGEST_SIGNAL = 15_000;
/** A message is told once within this many others. */
const REMEMBERED = 1000;

/** WhatsApp's words for what the driver knows by others. */
const KINDS: Record<string, string> = { chat: 'text', ptt: 'audio', ptv: 'video' };

/** What WhatsApp Web shows in a chat although nobody wrote it, and what it cannot read yet. */
const NOTICES = new Set([
  'broadcast_notification',
  'call_log',
  'ciphertext',
  'debug',
  'e2e_notification',
  'gp2',
  'groups_v4_invite_notification',
  'newsletter_notification',
  'notification',
  'notification_template',
  'pinned_message',
  'protocol',
  'reaction',
  'revoked',
]);

export function followIncoming(api: Wpp, push: Push): void {
  const told = new Set<string>();
  let hidden = 0;
  const tell = (message: Message) => {
    const { id, type = '', t } = message;
    if (id.fromMe !== false || NOTICES.has(type)) return;
    const text = attempt(() => written(id));
    const remote = attempt(() => (id.remote ? written(id.remote) : undefined));
    // Neither what everybody is shown, such as a status, nor channels.
    if (!text || !remote || !/@(c\.us|g\.us|lid)$/.test(remote) || told.has(text)) return;
    told.add(text);
    if (told.size > REMEMBERED) told.delete(told.values().next().value as string);
    const chat = visible(api, remote);
    if (!chat) {
      hidden += 1;
      push({ type: 'hidden', messages: hidden });
      return;
    }
    // The body of anything but a text is a small picture of it, or its data.
    const content = type === 'chat' ? message.body : message.caption;
    push({
      type: 'incoming',
      id: text,
      chat,
      kind: KINDS[type] ?? type,
      text: typeof content === 'string' && content ? shortened(content) : null,
      t: typeof t === 'number' ? t : null,
    });
  };
  // Those that came in while nobody was connected may be there before wa-js listens. They are older than what it hears.
  let caughtUp = false;
  const catchUp = () => {
    if (caughtUp) return;
    caughtUp = true;
    for (const message of attempt(() => api.whatsapp.MsgStore?.getModelsArray()) ?? []) {
      if (message.isNewMsg === true) attempt(() => tell(message));
    }
  };
  attempt(() =>
    api.on('chat.new_message', (message) => {
      catchUp();
      tell(message);
    }),
  );
  api.loader.onInjected(catchUp);
}

/** The chat by the number of who is in it; nothing where WhatsApp hides that. */
function visible(api: Wpp, chat: string): string | undefined {
  if (!chat.endsWith('@lid')) return chat;
  const wid = attempt(() => api.whatsapp.WidFactory?.createWid(chat));
  const known = attempt(() => (wid ? api.whatsapp.lidPnCache?.getPhoneNumber(wid) : undefined));
  const number = known && numberOf(written(known));
  return number ? `${number}@c.us` : undefined;
}

/** As much of a text as may be passed on; no character is cut in half. */
export function shortened(text: string): string {
  let bytes = 0;
  let characters = 0;
  let kept = '';
  for (let character of text) {
    const code = character.codePointAt(0) ?? 0;
    // Half a pair is no character, and nobody could read it.
    if (code >= 0xd800 && code <= 0xdfff) character = '\ufffd';
    bytes += code < 0x80 ? JSON.stringify(character).length - 2 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    characters += 1;
    if (bytes > LONGEST_SIGNAL || characters > LONGEST_TEXT) break;
    kept += character;
  }
  return kept;
}
