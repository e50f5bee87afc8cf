import { expect, it } from 'vitest';
import { sampleSession } from '$lib/backend/fake/samples';
import { Failure } from '$lib/backend/backend';
import { Pairing } from './pairing.svelte';

const code = () => Promise.resolve({ code: 'abcdefgh' });

async function paired(): Promise<Pairing> {
  const pairing = new Pairing();
  pairing.open = true;
  pairing.number = '5491155551234';
  await pairing.ask(code);
  return pairing;
}

it('keeps a code through rotations of the QR beside it', async () => {
  const pairing = await paired();
  for (const login_step of ['code', 'waiting', 'idle'] as const)
    pairing.follow(sampleSession('QR_REQUIRED', { login_step }));
  expect(pairing.code).toBe('ABCD-EFGH');
});

it.each([
  sampleSession('QR_REQUIRED', { login_step: 'linking' }),
  sampleSession('QR_REQUIRED', { login_step: 'passkey' }),
  sampleSession('ERROR'),
  sampleSession('NOT_INITIALIZED'),
])('forgets a code that cannot be used any more, and keeps the number', async (session) => {
  const pairing = await paired();
  pairing.follow(session);
  expect(pairing.code).toBeNull();
  expect([pairing.open, pairing.number]).toEqual([true, '5491155551234']);
});

it('forgets everything once it is linked', async () => {
  const pairing = await paired();
  pairing.follow(sampleSession('READY'));
  expect([pairing.code, pairing.open, pairing.number]).toEqual([null, false, '']);
});

it('drops the code at once when a new one is asked for, and keeps the number when that fails', async () => {
  const pairing = await paired();
  const asked = pairing.ask(() => Promise.reject(new Failure('PAIRING_REFUSED', 'no')));
  expect(pairing.code).toBeNull();
  await asked;
  expect(pairing.code).toBeNull();
  expect(pairing.attempt.failure?.code).toBe('PAIRING_REFUSED');
  expect(pairing.number).toBe('5491155551234');
});

it('does not show an answer that comes after the session has left', async () => {
  const pairing = new Pairing();
  let answer: (code: { code: string }) => void = () => undefined;
  const asked = pairing.ask(() => new Promise((resolve) => (answer = resolve)));
  pairing.follow(sampleSession('ERROR'));
  answer({ code: 'ABCDEFGH' });
  await asked;
  expect(pairing.code).toBeNull();
});
