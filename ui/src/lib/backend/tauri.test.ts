import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ControlEvent } from '$lib/wire';
import { sampleApp } from './fake/samples';

interface Sent {
  command: string;
  args: Record<string, unknown>;
}

const { channels, invoke } = vi.hoisted(() => ({
  channels: [] as { onmessage: (event: unknown) => void }[],
  invoke: vi.fn<(command: string, args: Record<string, unknown>) => Promise<unknown>>(),
}));
vi.mock('@tauri-apps/api/core', () => ({
  invoke,
  Channel: class {
    onmessage: (event: unknown) => void = () => undefined;
    constructor() {
      channels.push(this);
    }
  },
}));

const { TauriBackend } = await import('./tauri');
const sent = (): Sent[] => invoke.mock.calls.map(([command, args]) => ({ command, args }));

beforeEach(() => {
  vi.useFakeTimers();
  channels.length = 0;
  invoke.mockReset().mockResolvedValue(null);
});
afterEach(() => vi.useRealTimers());

it('sends all arguments under one key', async () => {
  invoke.mockResolvedValueOnce({ id: 7 });
  expect(await new TauriBackend().call('start', { id: 7 })).toEqual({ id: 7 });
  expect(sent()).toEqual([{ command: 'start', args: { args: { id: 7 } } }]);
});

it('keeps the code and reason of an error', async () => {
  invoke.mockRejectedValueOnce({ code: 'INITIALIZATION_FAILED', message: 'no', reason: 'PROFILE_IN_USE' });
  await expect(new TauriBackend().call('start', { id: 7 })).rejects.toMatchObject({
    code: 'INITIALIZATION_FAILED',
    reason: 'PROFILE_IN_USE',
  });
  invoke.mockRejectedValueOnce('command start not found');
  await expect(new TauriBackend().call('start', { id: 7 })).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
});

it('subscribes with a channel, and again after the subscription was refused', async () => {
  const events: ControlEvent[] = [];
  const connections: string[] = [];
  const snapshot = { type: 'snapshot', app: sampleApp(), clientes: [] };
  invoke.mockRejectedValueOnce('not yet');
  const end = new TauriBackend().subscribe(
    (event) => events.push(event),
    (connection) => connections.push(connection),
  );
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent().map(({ command }) => command)).toEqual(['subscribe', 'subscribe']);
  expect(sent()[1]?.args).toEqual({ channel: channels[1] });
  channels[1]?.onmessage(snapshot);
  expect(connections).toEqual(['connecting', 'offline', 'online']);
  end();
  channels[1]?.onmessage(snapshot);
  expect(events).toHaveLength(1);
});
