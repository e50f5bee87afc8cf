import { expect, it } from 'vitest';
import { FakeBackend } from '$lib/backend/fake/fake';
import { sampleCalls } from '$lib/backend/fake/samples';
import { CallFeed } from './callFeed.svelte';
import { Room } from './room.svelte';

function watching(count: number) {
  const fake = new FakeBackend();
  fake.callLog = sampleCalls(count);
  const room = new Room(fake);
  room.open();
  return { fake, room, feed: new CallFeed(room) };
}

const asked = (fake: FakeBackend) => fake.calls.map(({ args }) => args);

it('asks for all calls, then only for those it does not have', async () => {
  const { fake, feed } = watching(3);
  await feed.refresh();
  expect(feed.calls.map(({ id }) => id)).toEqual([3, 2, 1]);
  fake.called();
  fake.called();
  expect(feed.waiting).toBe(2);
  await feed.refresh();
  expect(feed.calls.map(({ id }) => id)).toEqual([5, 4, 3, 2, 1]);
  expect(feed.waiting).toBe(0);
  expect(asked(fake)).toEqual([{ limit: 500 }, { limit: 500, after: 3 }]);
});

it('reads everything anew after a gap: the program may have been started again', async () => {
  const { fake, feed } = watching(9);
  await feed.refresh();
  fake.callLog = sampleCalls(2);
  fake.reconnect();
  await feed.refresh();
  expect(feed.calls.map(({ id }) => id)).toEqual([2, 1]);
});

it('asks one question at a time, and once more for what was told meanwhile', async () => {
  const { fake, feed } = watching(1);
  const release = fake.hold('calls');
  const first = feed.refresh();
  void feed.refresh();
  void feed.refresh();
  expect(asked(fake).length).toBe(1);
  release();
  await first;
  expect(asked(fake).length).toBe(2);
});

it('keeps what it has when it cannot read, and says so until it can', async () => {
  const { fake, feed } = watching(2);
  await feed.refresh();
  fake.disconnect();
  await feed.refresh();
  expect(feed.failure?.code).toBe('UNREACHABLE');
  expect(feed.calls.length).toBe(2);
  fake.reconnect();
  await feed.refresh();
  expect(feed.failure).toBeNull();
});
