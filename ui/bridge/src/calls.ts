// What the driver asks of the page.
import { done, refused, unsupported, wordOf, type Answer } from './answer';
import { inspect } from './inspect';
import { findNumber } from './numbers';
import type { Acknowledge } from './receipts';
import { sendFile, sendText } from './send';
import { attempt, wpp, type Wpp } from './wpp';

/** What calls have besides wa-js. */
export interface Page {
  acknowledge: Acknowledge;
  /** What the call is about, where that is a file. */
  file?: File | undefined;
}

type Call = (api: Wpp, page: Page, ...values: string[]) => Promise<Answer>;

const calls: Record<string, Call> = {
  sendText,
  sendFile,
  findNumber,
  refreshCode,
  pairingCode,
  checkConnection,
  logOut,
};

/** Answers one call of the driver. */
export async function answer(page: Page, name: string, values: string[]): Promise<Answer> {
  const api = wpp();
  if (name === 'inspect') return done(inspect(api));
  const call = calls[name];
  if (!call) return unsupported('the bridge does not know this call');
  if (!api || attempt(() => api.conn.getStreamData().mode) === undefined) {
    return unsupported('the page could not be hooked');
  }
  try {
    return await call(api, page, ...values);
  } catch (error) {
    return refused(wordOf(error));
  }
}

async function refreshCode(api: Wpp): Promise<Answer> {
  if (api.conn.isAuthenticated()) return refused('ALREADY_LINKED');
  // Its promise waits for the next code, without end; the code arrives as a signal anyway.
  void api.conn.refreshQR().catch(() => undefined);
  return done();
}

/**
 * Asks for one code. wa-js could also keep renewing it, but then the one that a person is typing would go stale without
 * a word; so whoever finds that it has expired asks again.
 */
async function pairingCode(api: Wpp, _page: Page, number = ''): Promise<Answer> {
  if (api.conn.isAuthenticated()) return refused('ALREADY_LINKED');
  try {
    const code = await api.conn.genLinkDeviceCodeForPhoneNumber(number, true);
    return code ? done(String(code)) : refused('LINK_CODE_ERROR');
  } catch (error) {
    const word = wordOf(error);
    return refused(word === 'ERROR_UNKNOWN' ? 'LINK_CODE_ERROR' : word);
  }
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
