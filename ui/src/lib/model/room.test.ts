import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$lib/backend/fake/fake';
import { sampleCliente } from '$lib/backend/fake/samples';
import { Failure } from '$lib/backend/backend';
import { setLanguage } from '$lib/i18n/i18n.svelte';
import { announcer } from './announcer.svelte';
import { clock } from './clock.svelte';
import { Room } from './room.svelte';

let fake: FakeBackend;
let room: Room;

beforeEach(() => {
  vi.useFakeTimers();
  setLanguage('es');
  announcer.say('');
  fake = new FakeBackend({}, [
    sampleCliente(1, 'QR_REQUIRED', { name: 'Uno' }),
    sampleCliente(2, 'READY', { name: 'Dos' }),
  ]);
  room = new Room(fake);
  room.open();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('what the backend says', () => {
  it('is taken from the first snapshot, with its clock', () => {
    expect([...room.clientes.keys()]).toEqual([1, 2]);
    expect(room.connection).toBe('online');
    fake.skew = -90_000;
    fake.setApp({});
    expect(clock.now).toBe(Date.now() - 90_000);
  });

  it('is taken again after a gap: what is gone goes, what is new comes', () => {
    fake.disconnect();
    expect(room.connection).toBe('offline');
    fake.clientes.delete(1);
    fake.clientes.set(3, sampleCliente(3, 'ERROR'));
    fake.reconnect();
    expect([...room.clientes.keys()]).toEqual([2, 3]);
    expect(room.connection).toBe('online');
  });

  it('asks how to close', () => {
    fake.requestClose();
    expect(room.closing).toBe(true);
  });
});

describe('a card that is linked', () => {
  it('is held for a while', () => {
    fake.move(1, 'READY');
    expect(room.linked.has(1)).toBe(true);
    vi.advanceTimersByTime(5_000);
    expect(room.linked.has(1)).toBe(false);
  });

  it('is let go when it changes again', () => {
    fake.move(1, 'READY');
    fake.move(1, 'ERROR');
    expect(room.linked.has(1)).toBe(false);
  });

  it('is no card that reconnected', () => {
    fake.move(2, 'RECONNECTING');
    fake.move(2, 'READY');
    expect(room.linked.size).toBe(0);
  });
});

describe('announcements', () => {
  it('tell changes of state, gathered', () => {
    fake.move(1, 'READY');
    fake.move(2, 'ERROR');
    vi.advanceTimersByTime(400);
    expect(announcer.text).toBe('Uno: Conectado. Dos: Error.');
  });

  it('tell what became of a state: an error that mends itself, a connection in trouble, and a notice', () => {
    fake.move(1, 'ERROR', { restart: { attempt: 1, last: 3, at: Date.now() + 4_000 } });
    fake.change(2, { breaker: 'open' });
    vi.advanceTimersByTime(400);
    expect(announcer.text).toBe('Uno: Se reinicia solo. Dos: Conectado con problemas.');
    fake.change(2, { breaker: 'closed', notice: 'LOGIN_RESTORED' });
    vi.advanceTimersByTime(400);
    expect(announcer.text).toBe(
      'Dos: Conectado. Dos: Su vinculación estaba dañada y se recuperó de una copia.',
    );
    announcer.say('');
    fake.change(2, { sent: 3 });
    vi.advanceTimersByTime(400);
    expect(announcer.text).toBe('');
  });

  it('do not tell a QR that rotates', () => {
    fake.change(1, { attempts: 0 });
    vi.advanceTimersByTime(400);
    expect(announcer.text).toBe('');
  });

  it('tell only how many when there are many', () => {
    for (let id = 10; id < 16; id++) fake.put(sampleCliente(id, 'INITIALIZING'));
    for (let id = 10; id < 16; id++) fake.move(id, 'READY');
    vi.advanceTimersByTime(400);
    expect(announcer.text).toBe('6 sesiones cambiaron de estado.');
  });
});

describe('commands', () => {
  it('of one session run one at a time', async () => {
    const release = fake.hold('destroy');
    const first = room.once('destroy', { id: 1, forget: true });
    expect(room.busy(1)).toBe(true);
    expect(await room.once('destroy', { id: 1, forget: true })).toBeNull();
    expect(await room.once('stop', { id: 1 })).toBeNull();
    release();
    await first;
    expect(room.busy(1)).toBe(false);
    expect(fake.calls.map(({ command }) => command)).toEqual(['destroy']);
  });

  it('of another session, and a message of the same one, do not wait', async () => {
    const release = fake.hold('stop');
    void room.once('stop', { id: 1 });
    await room.once('start', { id: 2 });
    fake.move(2, 'READY');
    await room.once('send_message', { id: 2, to: '1', text: 'x' });
    release();
    expect(fake.calls.map(({ command }) => command)).toEqual(['stop', 'start', 'send_message']);
  });

  it('may be tried again after a failure', async () => {
    fake.fail('start', new Failure('INSUFFICIENT_STORAGE', 'no space'));
    await expect(room.once('start', { id: 1 })).rejects.toMatchObject({ code: 'INSUFFICIENT_STORAGE' });
    fake.fail('start', null);
    await expect(room.once('start', { id: 1 })).resolves.toMatchObject({ id: 1 });
  });
});
