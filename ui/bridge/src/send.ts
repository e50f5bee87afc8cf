// Sends messages, each under the key that it was given: however often it is asked for, it arrives once.
//
// WhatsApp takes two messages of a device with one key for the same message, and WhatsApp Web keeps what it could not
// send and sends it when it is connected. So before a message is handed over, the page is asked whether it has it.
import { done, refused, wordOf, type Answer } from './answer';
import type { Page } from './calls';
import { becomesConnected } from './connection';
import { lookUp } from './numbers';
import { attempt, loaded, written, type Message, type SendResult, type Wpp } from './wpp';

/** How long the page may look for a message among those that it has not loaded, ms. */
const SEARCH = 3000;

/** How long a message may be on its way before nothing in here waits for it any more, ms. No caller waits as long. */
const GIVEN_UP = 600_000;

/** Hands a message to wa-js: where it goes, and how. */
type HandOver = (chat: string, options: object) => Promise<SendResult>;

/** Sends that are under way, by key. */
const underWay = new Map<string, Promise<Answer>>();

export function sendText(api: Wpp, page: Page, chat = '', key = '', limit = '', text = ''): Promise<Answer> {
  return once(key, limit, () =>
    send(api, page, chat, key, (to, options) =>
      api.chat.sendTextMessage(to, text, { ...options, linkPreview: false }),
    ),
  );
}

export async function sendFile(
  api: Wpp,
  page: Page,
  chat = '',
  key = '',
  limit = '',
  type = '',
  mimetype = '',
  name = '',
  caption = '',
): Promise<Answer> {
  const { file } = page;
  if (!file) return refused('FILE_UNREADABLE');
  if (file.size === 0) return refused('FILE_EMPTY');
  await file.slice(0, 1).arrayBuffer();
  // What the file is called here is nobody's business.
  const filename = name || `${type}.${/\/([a-z0-9]{2,5})\b/.exec(mimetype)?.[1] ?? 'bin'}`;
  const content = new File([file], filename, { type: mimetype });
  const media = { type, mimetype, filename, ...(caption ? { caption } : {}) };
  return once(key, limit, () =>
    send(api, page, chat, key, (to, options) =>
      api.chat.sendFileMessage(to, content, { ...options, ...media }).catch(explain),
    ),
  );
}

/** A page that makes no message of a file says so in its own words. Another attempt would not help. */
function explain(error: unknown): never {
  const word = wordOf(error);
  const code = word === 'ERROR_UNKNOWN' ? 'MEDIA_REJECTED' : word;
  throw Object.assign(new Error(code), { code });
}

/**
 * One at a time for each key; each caller waits as long as it can. One that takes longer than the first can wait is not
 * what the next one waits for: it may hang, and whether it left the message in the page can be seen there.
 */
async function once(key: string, limit: string, start: () => Promise<Answer>): Promise<Answer> {
  const mine = !underWay.has(key);
  const sending = underWay.get(key) ?? start();
  if (mine) underWay.set(key, sending);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(resolve, Number(limit), refused('ERROR_EXPIRED'));
  });
  try {
    return await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
    if (mine) underWay.delete(key);
  }
}

async function send(
  api: Wpp,
  page: Page,
  chat: string,
  key: string,
  handOver: HandOver,
): Promise<Answer> {
  const sent = loaded(api, key);
  if (sent && arrived(sent)) return accepted(page, sent);
  // The page would keep a new message and send it whenever it can, long after the caller was told that it failed.
  if (!(await becomesConnected(api))) return refused('ERROR_NETWORK');

  let to = chat;
  if (chat.endsWith('@c.us') && !attempt(() => api.chat.get(chat))) {
    const wid = await lookUp(api, chat);
    if (wid === undefined) return refused('ERROR_NETWORK');
    if (wid === null) return refused('NUMBER_NOT_ON_WHATSAPP');
    to = written(wid);
  }
  // A chat that was not there holds no message.
  const existed = attempt(() => api.chat.get(to)) !== undefined;
  const model = await api.chat.find(to).catch(() => undefined);
  if (!model) return refused('CHAT_NOT_FOUND');
  // It may be known by another id than the one asked for, and the id of a message names that one.
  to = written(model.id);
  const messageId = await idOf(api, to, key);

  const held = loaded(api, key) ?? (existed ? await search(api, messageId) : undefined);
  if (held) {
    if (arrived(held)) return accepted(page, held);
    if (!failed(held)) await settled(held);
    if (arrived(held)) return accepted(page, held);
    if (!failed(held)) return refused('ERROR_EXPIRED');
    // wa-js waits for the new one to be added, so the old one must not be there.
    for (const list of [model.msgs, attempt(() => api.whatsapp.MsgStore)]) {
      attempt(() => list?.remove(held));
    }
  }
  const result = await handOver(to, { createChat: true, waitForAck: true, delay: 0, messageId });
  const outcome =
    typeof result.sendMsgResult === 'object' ? result.sendMsgResult?.messageSendResult : result.sendMsgResult;
  if ((outcome && outcome !== 'OK') || (result.ack ?? 0) < 0) return refused(outcome || 'ERROR_UNKNOWN');
  if (!result.id) return refused('ERROR_UNKNOWN');
  // Also told apart from the answer: the driver may have given up on it, and wa-js tells of receipts only some time
  // after a login.
  page.acknowledge(result.id, result.ack ?? 0);
  return done(result.id);
}

/** The whole id of a message of ours, in the form that wa-js gives its own: in a group it also says who we are there. */
async function idOf(api: Wpp, chat: string, key: string): Promise<string> {
  const made = await api.chat.generateMessageID(chat).catch(() => undefined);
  return made?.id ? written(made).replace(`_${made.id}`, `_${key}`) : `true_${chat}_${key}`;
}

/** Looks for a message among those that are not loaded. wa-js fails where there is none. */
async function search(api: Wpp, id: string): Promise<Message | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(resolve, SEARCH, undefined);
  });
  return Promise.race([api.chat.getMessageById(id).catch(() => undefined), late]);
}

const arrived = ({ ack }: Message) => (ack ?? 0) >= 1;
const failed = ({ ack }: Message) => (ack ?? 0) < 0;

function accepted(page: Page, message: Message): Answer {
  const id = written(message.id);
  page.acknowledge(id, message.ack ?? 0);
  return done(id);
}

/** Waits until a message has arrived or failed, or is given up. */
function settled(message: Message): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      attempt(() => message.off('change:ack', look));
      resolve();
    };
    const look = () => {
      if (arrived(message) || failed(message)) finish();
    };
    const timer = setTimeout(finish, GIVEN_UP);
    attempt(() => message.on('change:ack', look));
    look();
  });
}

