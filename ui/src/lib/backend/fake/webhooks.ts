/** Webhooks in memory: what can be done with them, without anybody who is told. */
import type { WebhookDraft, WebhookSecretView, WebhookView } from '$lib/wire';
import { Failure } from '../backend';
import type { Args, CommandName, Result } from '../commands';

type WebhookCommand = Extract<CommandName, `${string}webhook${string}` | `${string}dead_letters`>;
type Handlers = { [K in WebhookCommand]: (args: Args<K>) => Result<K> };

export function sampleWebhook(id: string, patch: Partial<WebhookView> = {}): WebhookView {
  return {
    id,
    url: 'https://example.org/hook',
    events: ['session.status'],
    clientes: null,
    shape: 'native',
    content: false,
    enabled: true,
    fixed: false,
    unencrypted: false,
    created_at: Date.now(),
    last_delivery_at: null,
    last_status: null,
    last_error: null,
    last_error_message: null,
    failing_since: null,
    attempts: 0,
    next_try_at: null,
    waiting: 0,
    dead: 0,
    lost: 0,
    old_secret_until: null,
    ...patch,
  };
}

export function webhookHandlers(webhooks: Map<string, WebhookView>): Handlers {
  let added = 0;
  const one = (id: string): WebhookView => {
    const webhook = webhooks.get(id);
    if (!webhook) throw new Failure('WEBHOOK_NOT_FOUND', `no webhook ${id}`);
    return webhook;
  };
  const put = (webhook: WebhookView): WebhookView => {
    webhooks.set(webhook.id, webhook);
    return webhook;
  };
  const said = ({ events, ...draft }: WebhookDraft): Partial<WebhookView> => {
    if (!/^https?:\/\/\S+$/.test(draft.url)) throw new Failure('INVALID_REQUEST', 'no such address');
    return {
      ...draft,
      events: events.length ? events : ['session.status'],
      unencrypted: draft.url.startsWith('http:'),
    };
  };
  const secret = (webhook: WebhookView): WebhookSecretView => ({
    webhook,
    secret: `whsec_${webhook.id}${webhook.old_secret_until ?? ''}`,
  });
  return {
    webhooks: () => [...webhooks.values()],
    add_webhook: (draft) => secret(put(sampleWebhook(`wh_${(added += 1)}`, said(draft)))),
    update_webhook: ({ webhook, draft }) => put({ ...one(webhook), ...said(draft) }),
    remove_webhook: ({ webhook }) => {
      webhooks.delete(one(webhook).id);
      return null;
    },
    test_webhook: ({ webhook }) => {
      one(webhook);
      return { ok: true, status: 200, duration_ms: 12, error: null, message: null };
    },
    webhook_secret: ({ webhook }) => secret(one(webhook)),
    rotate_webhook_secret: ({ webhook }) =>
      secret(put({ ...one(webhook), old_secret_until: Date.now() + 24 * 60 * 60 * 1000 })),
    dead_letters: ({ webhook }) => {
      one(webhook);
      return [];
    },
    resend_dead_letters: ({ webhook }) => ({ count: one(webhook).dead }),
    discard_dead_letters: ({ webhook }) => {
      const { dead } = one(webhook);
      put({ ...one(webhook), dead: 0 });
      return { count: dead };
    },
  };
}
