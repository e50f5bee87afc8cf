import { beforeEach, describe, expect, it } from 'vitest';
import { MIB, sampleSession } from '$lib/backend/fake/samples';
import type { Reason } from '$lib/wire';
import { bytes, setLanguage } from './i18n.svelte';
import { restartLine, stageOf, usageOf } from './names';

beforeEach(() => setLanguage('es'));

const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ') ?? null;

describe('a restart that is to come', () => {
  const said = (reason: Reason, attempt: number, left: number) =>
    plain(restartLine(sampleSession('ERROR', { reason, restart: { attempt, at: 10_000 } }), 10_000 - left));

  it.each<[Reason, number, number, string]>([
    ['BROWSER_DIED', 1, 4_000, 'Se reinicia solo en 4 s (intento 1 de 3)'],
    ['PAGE_CRASHED', 3, 3_001, 'Se reinicia solo en 4 s (intento 3 de 3)'],
    ['PAGE_UNRESPONSIVE', 2, 0, 'Se reinicia ahora (intento 2 de 3)'],
    ['BROWSER_DIED', 1, -5_000, 'Se reinicia ahora (intento 1 de 3)'],
    ['INIT_TIMEOUT', 1, 25_000, 'Se intenta una vez más en 25 s'],
    ['INIT_TIMEOUT', 1, 0, 'Se intenta una vez más ahora'],
    ['INIT_TIMEOUT', 4, 1_000, 'Se reinicia solo en 1 s (intento 4 de 4)'],
  ])('after %s, attempt %i, %i ms before it', (reason, attempt, left, line) => {
    expect(said(reason, attempt, left)).toBe(line);
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
