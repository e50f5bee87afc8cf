import { beforeEach, describe, expect, it } from 'vitest';
import { MIB, sampleCall, sampleSession } from '$lib/backend/fake/samples';
import { bytes, duration, otherDay, setLanguage, t } from './i18n.svelte';
import { callerOf, restartLine, resultOf, stageOf, usageOf } from './names';

beforeEach(() => setLanguage('es'));

const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ') ?? null;

describe('a restart that is to come', () => {
  it.each<[number, number | null, number, string]>([
    [1, 3, 4_000, 'Se reinicia solo en 4 s (intento 1 de 3)'],
    [3, 3, 3_001, 'Se reinicia solo en 4 s (intento 3 de 3)'],
    [2, 3, 0, 'Se reinicia ahora (intento 2 de 3)'],
    [1, 3, -5_000, 'Se reinicia ahora (intento 1 de 3)'],
    [1, 1, 25_000, 'Se intenta una vez más en 25 s'],
    [1, 1, 0, 'Se intenta una vez más ahora'],
    [4, null, 99_000, 'Se reinicia solo en 99 s (intento 4)'],
    [4, null, 280_000, 'Se reinicia solo en 5 min (intento 4)'],
    [4, null, 0, 'Se reinicia ahora (intento 4)'],
  ])('attempt %i of %j, %i ms before it', (attempt, last, left, line) => {
    const session = sampleSession('ERROR', { restart: { attempt, last, at: 10_000 } });
    expect(plain(restartLine(session, 10_000 - left))).toBe(line);
  });

  it('is not promised where there is none', () => {
    expect(restartLine(sampleSession('ERROR'), 0)).toBeNull();
  });
});

it('says what a browser takes, as far as it is known', () => {
  const usage = (memory: number | null, cpu: number | null) =>
    plain(usageOf(sampleSession('READY', { memory, cpu })));
  expect(usage(162 * MIB, 3.4)).toBe('162 MB · 3 % CPU');
  expect(usage(162 * MIB, null)).toBe('162 MB');
  expect(usage(null, 3)).toBeNull();
});

it('writes amounts as operating systems do', () => {
  expect(plain(bytes(299.6 * MIB))).toBe('300 MB');
  expect(plain(bytes(1.25 * 1024 * MIB))).toBe('1,3 GB');
  setLanguage('en');
  expect(plain(bytes(48 * 1024 * MIB))).toBe('48 GB');
});

it('tells waiting for room from waiting for a turn', () => {
  expect(stageOf({ stage: 'queued', percent: null })).toBe('En espera de turno');
  expect(stageOf({ stage: 'queued', percent: null }, true)).toBe('En espera de un lugar');
  expect(stageOf({ stage: 'loading', percent: null }, true)).toBe('Cargando WhatsApp');
});

it.each([
  [180, '0,2 ms'],
  [9_940, '9,9 ms'],
  [412_300, '412 ms'],
  [999_499, '999 ms'],
  [999_500, '1 s'],
  [8_204_000, '8,2 s'],
  [61_400_000, '61 s'],
])('writes that %i µs passed as %s', (micros, written) => expect(plain(duration(micros))).toBe(written));

describe('a call of the local API', () => {
  it.each([
    [{ status: 200 }, 'Bien'],
    [{ status: 409, code: 'NOT_NOW' }, 'Ahora no se puede hacer.'],
    [{ status: 418, code: 'TEAPOT' as never }, 'Rechazada'],
    [{ status: 502 }, 'Rechazada'],
    [{ status: null }, 'Quien llamaba colgó antes de la respuesta.'],
  ] as const)('%j: %s', (patch, words) => expect(resultOf(sampleCall(1, patch))).toBe(words));

  it('came from the control room, from somebody with a key, from another user, or from an address', () => {
    expect(callerOf('control')).toBe('Esta sala de control');
    expect(callerOf('key:Tablero')).toBe('Clave Tablero');
    expect(callerOf('user:1001')).toBe('Usuario 1001 de este equipo');
    expect(callerOf('[::1]:50613')).toBe('[::1]:50613');
  });
});

it('tells the day only where it is another one', () => {
  const noon = new Date(2026, 10, 24, 12).getTime();
  expect(otherDay(noon, noon + 3_600_000)).toBeNull();
  expect(otherDay(noon, noon + 24 * 3_600_000)).toMatch(/24/);
});

it.each([
  ['es', '0 enviados'],
  ['en', '0 sent'],
  ['pt', '0 enviadas'],
] as const)('says in %s that nothing was sent', (language, words) => {
  setLanguage(language);
  expect(t('card.sent', { n: 0 })).toBe(words);
});
