// What the driver asks of the page. Every answer is a value; nothing throws towards the driver.
import type { Push } from './signals';
import { attempt, wpp, written, type Wpp } from './wpp';

export type Answer =
  { ok: true; value: string | null } | { ok: false; kind: 'refused' | 'unsupported'; detail: string };

type Call = (api: Wpp, push: Push, ...values: string[]) => Promise<Answer>;

const done = (value: string | null = null): Answer => ({ ok: true, value });
const refused = (detail: string): Answer => ({ ok: false, kind: 'refused', detail: detail.slice(0, 120) });
const unsupported = (detail: string): Answer => ({
  ok: false,
  kind: 'unsupported',
  detail: detail.slice(0, 120),
});

const calls: Record<string, Call> = { send, refreshCode, pairingCode, checkConnection, logOut };

/** Answers one call of the driver. */
export async function answer(push: Push, name: string, values: string[]): Promise<Answer> {
  const call = calls[name];
  if (!call) return unsupported('the bridge does not know this call');
  const api = wpp();
  if (!api || attempt(() => api.conn.getStreamData().mode) === undefined) {
    return unsupported('the page could not be hooked');
  }
  try {
    return await call(api, push, ...values);
  } catch (error) {
    // Never the error's message: it may hold a number or a text. wa-js gives each of its errors a code.
    const code = (error as { code?: unknown } | null)?.code;
    return refused(typeof code === 'string' ? code.toUpperCase() : 'ERROR_UNKNOWN');
  }
}

/** How long a send waits for a connection that is just coming back, ms. */
const RECONNECT = 5000;

async function send(api: Wpp, push: Push, chat = '', text = ''): Promise<Answer> {
  // The page would keep the message and send it whenever it can, long after the caller was told that it failed.
  if (!(await becomesConnected(api))) return refused('ERROR_NETWORK');
  let to = chat;
  if (chat.endsWith('@c.us') && !attempt(() => api.chat.get(chat))) {
    const found = await api.contact.queryExists(chat);
    if (!found) {
      // wa-js says null both for "no such number" and for a failed query.
      return refused(connected(api) ? 'NUMBER_NOT_ON_WHATSAPP' : 'ERROR_NETWORK');
    }
    to = written(found.wid);
  }
  const result = await api.chat.sendTextMessage(to, text, {
    createChat: true,
    linkPreview: false,
    waitForAck: true,
    delay: 0,
  });
  const outcome =
    typeof result.sendMsgResult === 'object' ? result.sendMsgResult?.messageSendResult : result.sendMsgResult;
  if ((outcome && outcome !== 'OK') || result.ack === -1) return refused(outcome || 'ERROR_UNKNOWN');
  if (!result.id) return refused('ERROR_UNKNOWN');
  // Also told apart from the answer: the driver may have given up on it, and wa-js tells of receipts only some time
  // after a login.
  if (result.ack !== undefined && result.ack >= 1) push({ type: 'acknowledged', id: result.id });
  return done(result.id);
}

function becomesConnected(api: Wpp): Promise<boolean> {
  if (connected(api)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (result: boolean) => {
      clearTimeout(timer);
      api.off('conn.stream_info_changed', look);
      resolve(result);
    };
    const look = () => {
      if (connected(api)) finish(true);
    };
    const timer = setTimeout(finish, RECONNECT, false);
    api.on('conn.stream_info_changed', look);
  });
}

function connected(api: Wpp): boolean {
  const { mode, info } = attempt(() => api.conn.getStreamData()) ?? {};
  return mode === 'MAIN' && info === 'NORMAL';
}

async function refreshCode(api: Wpp): Promise<Answer> {
  if (api.conn.isAuthenticated()) return refused('ALREADY_LINKED');
  // Its promise waits for the next code, without end; the code arrives as a signal anyway.
  void api.conn.refreshQR().catch(() => undefined);
  return done();
}

async function pairingCode(api: Wpp, _push: Push, number = ''): Promise<Answer> {
  const code = await api.conn.genLinkDeviceCodeForPhoneNumber(number, true);
  return code ? done(String(code)) : refused('ERROR_UNKNOWN');
}

/** How long the page may look at its connection, ms. */
const LOOK = 3000;

/** Has the page look at its connection at once. What it finds arrives as a signal. */
async function checkConnection(api: Wpp): Promise<Answer> {
  const network = attempt(() => api.whatsapp.NetworkStatus);
  if (typeof network?.checkOnline !== 'function') return unsupported('the page cannot be asked to look');
  // Without a network its promise may wait for one.
  const signal = AbortSignal.timeout(LOOK);
  const over = new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
  await Promise.race([network.checkOnline({ signal }), over]);
  return done();
}

async function logOut(api: Wpp): Promise<Answer> {
  if (!api.conn.isAuthenticated()) return refused('NOT_LINKED');
  // Its promise waits without end where the network is gone; the logout arrives as a signal.
  void api.conn.logout().catch(() => undefined);
  return done();
}
