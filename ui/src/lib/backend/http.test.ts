import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ControlEvent } from '$lib/wire';
import { sampleApp } from './fake/samples';
import { HttpBackend } from './http';

class Source extends EventTarget {
  static all: Source[] = [];
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close() {
    this.closed = true;
  }
  say(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

const fetched = vi.fn<typeof fetch>();
const answer = (status: number, body: string) =>
  fetched.mockResolvedValueOnce(new Response(body, { status }));

beforeEach(() => {
  Source.all = [];
  fetched.mockReset();
  vi.stubGlobal('EventSource', Source);
  vi.stubGlobal('fetch', fetched);
});

afterEach(() => vi.unstubAllGlobals());

describe('commands over HTTP', () => {
  const backend = new HttpBackend('http://host');

  it('post their arguments as JSON', async () => {
    answer(200, '{"message_id":"abc"}');
    expect(await backend.call('send_message', { id: 7, to: '1', text: 'x' })).toEqual({ message_id: 'abc' });
    const [url, request] = fetched.mock.calls[0] ?? [];
    expect(url).toBe('http://host/control/send_message');
    expect(request).toMatchObject({ method: 'POST', headers: { 'Content-Type': 'application/json' } });
    expect(JSON.parse(String(request?.body))).toEqual({ id: 7, to: '1', text: 'x' });
  });

  it('may answer null', async () => {
    answer(200, 'null');
    expect(await backend.call('refresh_qr', { id: 7 })).toBeNull();
  });

  it.each([
    [409, '{"code":"NOT_NOW","message":"no","reason":null}', { code: 'NOT_NOW', reason: null }],
    [
      500,
      '{"code":"INITIALIZATION_FAILED","message":"no","reason":"LAUNCH_FAILED"}',
      { reason: 'LAUNCH_FAILED' },
    ],
    [502, '<h1>Bad gateway</h1>', { code: 'INTERNAL_ERROR', message: 'HTTP 502' }],
    [500, '{"error":true}', { code: 'INTERNAL_ERROR' }],
  ])('fail with %i %s', async (status, body, expected) => {
    answer(status, body);
    await expect(backend.call('start', { id: 1 })).rejects.toMatchObject(expected);
  });

  it('fail as unreachable when nobody answers', async () => {
    fetched.mockRejectedValueOnce(new TypeError('fetch failed'));
    await expect(backend.call('start', { id: 1 })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

it('delivers named events, and opens a new stream after an error', async () => {
  vi.useFakeTimers();
  const events: ControlEvent[] = [];
  const connections: string[] = [];
  const end = new HttpBackend().subscribe(
    (event) => events.push(event),
    (connection) => connections.push(connection),
  );
  const [source] = Source.all;
  expect(source?.url).toBe('/control/events');
  source?.say('snapshot', { type: 'snapshot', app: sampleApp(), clientes: [] });
  source?.say('cliente_removed', { type: 'cliente_removed', id: 4 });
  expect(events.map(({ type }) => type)).toEqual(['snapshot', 'cliente_removed']);
  source?.onerror?.();
  await vi.runOnlyPendingTimersAsync();
  expect(source?.closed).toBe(true);
  expect(Source.all).toHaveLength(2);
  Source.all[1]?.say('snapshot', { type: 'snapshot', app: sampleApp(), clientes: [] });
  expect(connections).toEqual(['connecting', 'online', 'offline', 'online']);
  end();
  expect(Source.all[1]?.closed).toBe(true);
  vi.useRealTimers();
});
