// The bridge between WhatsApp Web and the driver. Runs before the page's own scripts, after wa-js.
import { takeBoot, type Boot } from './boot';
import { answer } from './calls';
import { listen, storedNumber } from './hooks';
import { followIncoming } from './incoming';
import { noticePasskeys } from './passkey';
import { followReceipts, receipts } from './receipts';
import { watchScreen } from './screen';
import { pushThrough, type Push } from './signals';
import { attempt, wpp } from './wpp';

function start(boot: Boot, deliver: (text: string) => void): void {
  const push = pushThrough(deliver);
  push({ type: 'hello', bridge: wpp()?.version ?? '' });
  const acknowledge = receipts(push);
  const call = (name: string, values: string[], file?: File) => answer({ acknowledge, file }, name, values);
  Object.defineProperty(globalThis, boot.api, { value: call, enumerable: false });
  noticePasskeys(push);

  let stopWatching: (() => void) | undefined;
  const api = wpp();
  const hooks = api && attempt(() => listen(api, push, () => stopWatching?.()));
  if (api) attempt(() => followReceipts(api, acknowledge));
  if (api && boot.incoming) attempt(() => followIncoming(api, push));
  setTimeout(() => {
    if (hooks?.working()) return;
    push({ type: 'hooks', ok: false });
    stopWatching = watchScreen(withAccount(push));
  }, boot.fallbackAfter);
}

/** Adds the number to a screen that shows chats: there is no other way to know it there. */
function withAccount(push: Push): Push {
  return (signal) => {
    push(signal);
    const number = signal.type === 'screen' && signal.screen === 'chats' ? storedNumber() : undefined;
    if (number) push({ type: 'account', number, name: null });
  };
}

const boot = takeBoot();
if (boot) {
  const globals = globalThis as unknown as Record<string, unknown>;
  const deliver = globals[boot.push];
  delete globals[boot.push];
  if (typeof deliver === 'function') start(boot, deliver as (text: string) => void);
}
