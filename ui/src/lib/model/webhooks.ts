/** How it goes with a webhook, and what of an address can be used. */
import type { WebhookDraft, WebhookView } from '$lib/wire';

export type WebhookState = 'off' | 'ended' | 'failing' | 'undelivered' | 'working' | 'new';

/** The one thing to know of it first. */
export function stateOf(webhook: WebhookView): WebhookState {
  if (!webhook.enabled) return webhook.last_error === 'GONE' ? 'ended' : 'off';
  if (webhook.failing_since !== null) return 'failing';
  if (webhook.dead + webhook.lost > 0) return 'undelivered';
  return webhook.last_delivery_at === null ? 'new' : 'working';
}

export const NEW_WEBHOOK: WebhookDraft = {
  url: '',
  events: ['session.status'],
  clientes: null,
  shape: 'native',
  content: false,
  enabled: true,
};

/** What a person can change of it. */
export function draftOf({ url, events, clientes, shape, content, enabled }: WebhookView): WebhookDraft {
  return { url, events: [...events], clientes: clientes && [...clientes], shape, content, enabled };
}

/** Whether an address can be told anything: what the backend asks of it, known while it is typed. */
export function usableUrl(text: string): boolean {
  const trimmed = text.trim();
  // Relative to nothing, so an address without a scheme is none.
  if (!URL.canParse(trimmed)) return false;
  const { protocol, username, password, host } = new URL(trimmed);
  const web = protocol === 'https:' || protocol === 'http:';
  return web && host !== '' && username === '' && password === '' && !trimmed.includes('#');
}

/** Whether what is sent there can be read on the way: http, to another computer. */
export function isUnencrypted(text: string): boolean {
  if (!usableUrl(text)) return false;
  const { protocol, hostname } = new URL(text.trim());
  const here =
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname);
  return protocol === 'http:' && !here;
}
