/** Webhooks in memory: what can be done with them, without anybody who is told. */
import type {
  DeadLetterView,
  WebhookDraft,
  WebhookSecretView,
  WebhookTestView,
  WebhookView,
} from '$lib/wire';
import { Failure } from '../backend';
import type { Args, CommandName, Result } from '../commands';
import { inEnglish } from './english';

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

export function sampleLetter(letter: number, patch: Partial<DeadLetterView> = {}): DeadLetterView {
  return {
    letter,
    id: `evt_${letter}`,
    event: 'session.status',
    cliente_id: 1,
    at: Date.now() - 26 * HOUR,
    died_at: Date.now() - 2 * HOUR,
    attempts: 31,
    status: 503,
    error: 'STATUS',
    message: inEnglish('the receiver answered 503'),
    ...patch,
  };
}

const HOUR = 60 * 60 * 1000;

/** As an office has them: one that works, one that fails, one that is off, and one of the command line. */
export function sampleWebhooks(now = Date.now()): WebhookView[] {
  return [
    sampleWebhook('wh_a', {
      url: 'https://panel.example.com/avisos/sesiones',
      events: ['session.*', 'message.status'],
      last_delivery_at: now - 3 * 60_000,
      last_status: 204,
    }),
    sampleWebhook('wh_b', {
      url: 'http://192.168.0.9:8080/hook',
      events: ['*'],
      clientes: [1, 3, 99],
      shape: 'waha',
      content: true,
      unencrypted: true,
      last_delivery_at: now - 27 * HOUR,
      last_error: 'REFUSED',
      last_error_message: inEnglish('nobody listens at this address'),
      failing_since: now - 26 * HOUR,
      attempts: 12,
      next_try_at: now + 14 * 60_000,
      waiting: 41,
      dead: 3,
    }),
    sampleWebhook('wh_c', {
      url: 'https://example.org/viejo',
      enabled: false,
      last_error: 'GONE',
      last_status: 410,
    }),
    sampleWebhook('wh_d', { url: 'https://monitor.example.net/in?t=abc', fixed: true }),
  ];
}

/** What the one that fails was not told. */
export function sampleLetters(): DeadLetterView[] {
  return [
    sampleLetter(19, { event: 'message.status', cliente_id: 3, error: 'REFUSED', status: null }),
    sampleLetter(18, { event: 'session.ready' }),
    sampleLetter(17, { cliente_id: 99 }),
  ];
}

/** What there is of webhooks, for a script to change. */
export interface WebhookWorld {
  webhooks: Map<string, WebhookView>;
  /** By webhook, the newest first. */
  letters: Map<string, DeadLetterView[]>;
  /** What the next trial comes to. */
  nextTest: WebhookTestView;
}

export function webhookHandlers(world: WebhookWorld): Handlers {
  const { webhooks, letters } = world;
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
  const take = (id: string, letter: number | null) => {
    const all = letters.get(one(id).id) ?? [];
    const left = letter === null ? [] : all.filter((other) => other.letter !== letter);
    letters.set(id, left);
    put({ ...one(id), dead: left.length });
    return { taken: all.length - left.length };
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
      const { message } = world.nextTest;
      return { ...world.nextTest, message: message === null ? null : inEnglish(message) };
    },
    webhook_secret: ({ webhook }) => secret(one(webhook)),
    rotate_webhook_secret: ({ webhook }) =>
      secret(put({ ...one(webhook), old_secret_until: Date.now() + 24 * 60 * 60 * 1000 })),
    dead_letters: ({ webhook, limit }) => (letters.get(one(webhook).id) ?? []).slice(0, limit),
    resend_dead_letters: ({ webhook, letter }) => {
      if (!one(webhook).enabled) throw new Failure('NOT_NOW', 'switched off');
      const { taken } = take(webhook, letter);
      put({ ...one(webhook), waiting: one(webhook).waiting + taken });
      return { count: taken };
    },
    discard_dead_letters: ({ webhook, letter }) => ({ count: take(webhook, letter).taken }),
  };
}
