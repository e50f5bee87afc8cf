// Says what of WhatsApp Web can be reached from here, for whoever looks into why something does not work.
import { attempt, type Wpp } from './wpp';

/** What this bridge uses, by name: functions of wa-js, and behind them what wa-js must find in the page. */
const USED = [
  'conn.getStreamData',
  'conn.getAuthCode',
  'conn.isAuthenticated',
  'conn.refreshQR',
  'conn.genLinkDeviceCodeForPhoneNumber',
  'conn.logout',
  'chat.find',
  'chat.generateMessageID',
  'chat.getMessageById',
  'chat.sendTextMessage',
  'chat.sendFileMessage',
  'contact.queryExists',
  'whatsapp.Conn',
  'whatsapp.Socket',
  'whatsapp.Stream',
  'whatsapp.NetworkStatus',
  'whatsapp.UserPrefs',
  'whatsapp.WidFactory',
  'whatsapp.MsgKey',
  'whatsapp.ChatStore',
  'whatsapp.ContactStore',
  'whatsapp.MsgStore',
  'whatsapp.lidPnCache',
  'whatsapp.OpaqueData',
  'whatsapp.MediaPrep',
  'whatsapp.functions.findOrCreateLatestChat',
  'whatsapp.functions.addAndSendMsgToChat',
  'whatsapp.functions.getSearchContext',
  'whatsapp.functions.queryWidExists',
  'whatsapp.functions.handleChatSimpleReceipt',
  'whatsapp.functions.uploadMedia',
];

/** Answers with JSON; the driver reads it in `probe.rs`. */
export function inspect(api: Wpp | undefined): string {
  const { mode, info } = attempt(() => api?.conn.getStreamData()) ?? {};
  const injected = api?.isInjected === true;
  const hooks = USED.map((name) => ({ name, found: injected && found(api, name) }));
  // The streams are read, not only looked for: wa-js may have found something that is none.
  for (const hook of hooks) {
    if (hook.name === 'conn.getStreamData') hook.found = injected && (typeof mode === 'string' || typeof info === 'string');
  }
  return JSON.stringify({
    waJs: api?.version ?? null,
    whatsapp: attempt(() => (globalThis as { Debug?: { VERSION?: string } }).Debug?.VERSION) ?? null,
    hooks,
  });
}

function found(api: Wpp | undefined, name: string): boolean {
  const value = attempt(() =>
    name.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], api),
  );
  return value !== undefined && value !== null;
}
