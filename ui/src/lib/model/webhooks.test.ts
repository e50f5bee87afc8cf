import { describe, expect, it } from 'vitest';
import { sampleWebhook } from '$lib/backend/fake/webhooks';
import { isLocal } from './address';
import { choose, isTakenIn } from './events';
import { originsIn, refusedOrigin } from './origins';
import { isUnencrypted, stateOf, usableUrl } from './webhooks';

it.each([
  ['https://example.org/hook?a=1', true],
  [' http://192.168.0.9:8080 ', true],
  ['http://[::1]:9/x', true],
  ['', false],
  ['example.org', false],
  ['/hook', false],
  ['ftp://example.org', false],
  ['javascript:alert(1)', false],
  ['https://ana@example.org', false],
  ['https://:secret@example.org', false],
  ['https://example.org/#', false],
  ['https://', false],
  ['http://example.org:99999/', false],
])('takes %s as an address: %s', (text, usable) => expect(usableUrl(text)).toBe(usable));

it.each([
  ['https://example.org/', false],
  ['http://example.org/', true],
  ['http://localhost:3000/', false],
  ['http://127.0.0.9/', false],
  ['http://[::1]/', false],
  ['http://192.168.0.9/', true],
  ['http://localhost.example.org/', true],
  ['http://127.0.0.1.example.org/', true],
])('knows whether %s can be read on the way: %s', (url, read) => expect(isUnencrypted(url)).toBe(read));

it('says the worst of a webhook first', () => {
  const state = (patch: Parameters<typeof sampleWebhook>[1]) => stateOf(sampleWebhook('wh', patch));
  expect(state({})).toBe('new');
  expect(state({ last_delivery_at: 1 })).toBe('working');
  expect(state({ last_delivery_at: 1, lost: 1 })).toBe('undelivered');
  expect(state({ failing_since: 1, dead: 2 })).toBe('failing');
  expect(state({ enabled: false, failing_since: 1 })).toBe('off');
  expect(state({ enabled: false, last_error: 'GONE' })).toBe('ended');
});

describe('a wider choice of events', () => {
  it('takes the narrower ones in, and no other kind', () => {
    expect(isTakenIn('session.qr', ['session.*'])).toBe(true);
    expect(isTakenIn('message.status', ['session.*'])).toBe(false);
    expect(isTakenIn('session.*', ['*'])).toBe(true);
    expect(isTakenIn('session.*', ['session.*'])).toBe(false);
    expect(isTakenIn('*', ['*'])).toBe(false);
  });

  it('stands for what it takes in, and keeps what this version does not know', () => {
    expect(choose(['session.qr', 'message.status', 'group.joined'], 'session.*', true)).toEqual([
      'message.status',
      'group.joined',
      'session.*',
    ]);
    expect(choose(['session.qr', 'message.*'], '*', true)).toEqual(['*']);
    expect(choose(['session.qr'], 'session.qr', false)).toEqual([]);
  });
});

it('reads origins as they are pasted, and which of them was refused', () => {
  expect(originsIn(' https://a.example,https://b.example\nhttps://c.example ')).toHaveLength(3);
  expect(originsIn('  ')).toEqual([]);
  expect(refusedOrigin('"*.example.com" is no origin: write scheme')).toBe('*.example.com');
  expect(refusedOrigin('"a\\"b" is no origin')).toBe('a"b');
  expect(refusedOrigin('something else')).toBe(null);
});

it.each([
  ['127.0.0.1:3001', true],
  ['http://127.0.0.1:3001/', true],
  ['[::1]:3001', true],
  ['localhost:3001', true],
  ['0.0.0.0:3001', false],
  ['[::]:3001', false],
  ['192.168.0.9:3001', false],
])('knows whether only this machine reaches %s: %s', (address, local) =>
  expect(isLocal(address)).toBe(local),
);
