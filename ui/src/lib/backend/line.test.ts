import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ControlEvent } from '$lib/wire';
import { sampleApp } from './fake/samples';
import { keepOpen, WAITS } from './line';

const snapshot = (): ControlEvent => ({ type: 'snapshot', app: sampleApp(), clientes: [] });
const gone: ControlEvent = { type: 'cliente_removed', id: 1 };

let streams: { deliver: (event: ControlEvent) => void; lose: () => void; closed: boolean }[];
let check: ReturnType<typeof vi.fn<() => Promise<unknown>>>;
let events: string[];
let connections: string[];
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  events = [];
  connections = [];
  check = vi.fn(() => Promise.resolve());
  end = keepOpen(
    {
      open(deliver, lose) {
        const stream = { deliver, lose, closed: false };
        streams.push(stream);
        return { close: () => (stream.closed = true) };
      },
      check,
    },
    (event) => events.push(event.type),
    (connection) => connections.push(connection),
  );
});

afterEach(() => {
  end();
  vi.useRealTimers();
});

it('is online from the first snapshot on', () => {
  expect(connections).toEqual(['connecting']);
  streams[0]?.deliver(snapshot());
  streams[0]?.deliver(gone);
  expect(connections).toEqual(['connecting', 'online']);
  expect(events).toEqual(['snapshot', 'cliente_removed']);
});

it('opens a new stream when one is lost, and is online again only with its snapshot', async () => {
  streams[0]?.deliver(snapshot());
  streams[0]?.lose();
  expect(connections.at(-1)).toBe('offline');
  expect(streams[0]?.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(WAITS.retry);
  expect(streams).toHaveLength(2);
  streams[1]?.deliver(gone);
  expect(connections.at(-1)).toBe('offline');
  streams[1]?.deliver(snapshot());
  expect(connections.at(-1)).toBe('online');
});

it('ignores what an abandoned stream still says', async () => {
  streams[0]?.lose();
  await vi.advanceTimersByTimeAsync(WAITS.retry);
  streams[0]?.deliver(snapshot());
  streams[0]?.lose();
  expect(events).toEqual([]);
  expect(streams).toHaveLength(2);
});

it('asks a quiet backend whether it is there, and stays while it answers', async () => {
  streams[0]?.deliver(snapshot());
  await vi.advanceTimersByTimeAsync(2 * WAITS.silence + 100);
  expect(check).toHaveBeenCalledTimes(2);
  expect(connections.at(-1)).toBe('online');
});

it('gives up on a backend that does not answer, and on one that refuses', async () => {
  streams[0]?.deliver(snapshot());
  check.mockReturnValueOnce(new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(WAITS.silence + WAITS.answer);
  expect(connections.at(-1)).toBe('offline');
  await vi.advanceTimersByTimeAsync(WAITS.retry);
  streams[1]?.deliver(snapshot());
  check.mockRejectedValueOnce(new Error('no'));
  await vi.advanceTimersByTimeAsync(WAITS.silence);
  expect(connections.at(-1)).toBe('offline');
});

it('does nothing more once it is closed', async () => {
  end();
  await vi.advanceTimersByTimeAsync(WAITS.silence * 3);
  expect(streams).toHaveLength(1);
  expect(streams[0]?.closed).toBe(true);
  expect(check).not.toHaveBeenCalled();
});
