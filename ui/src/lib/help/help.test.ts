import { describe, expect, it } from 'vitest';
import { sampleCliente } from '$lib/backend/fake/samples';
import { en } from '$lib/i18n/en';
import { es } from '$lib/i18n/es';
import { LANGUAGES, setLanguage, t } from '$lib/i18n/i18n.svelte';
import { pt } from '$lib/i18n/pt';
import { STATES, VARIANTS } from '$lib/model/states';
import { helpFor, meaningOf } from './help';

const CATALOGUES = { es, en, pt };

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(STATES)('there is help for %s, in steps', (state) => {
    setLanguage(language);
    const help = helpFor(sampleCliente(1, state));
    expect(help?.means).toBeTruthy();
    expect(help?.itself).toBeTruthy();
    expect(help?.steps.length).toBeGreaterThan(0);
    for (const step of help?.steps ?? []) expect(step).toMatch(/\S.*[.!?]$/);
  });

  it.each([...STATES, ...VARIANTS])('every text about %s is there and short enough to be read', (aspect) => {
    setLanguage(language);
    const texts = [meaningOf(aspect), t(`help.${aspect}.steps`), t(`help.${aspect}.itself`)];
    for (const text of texts) expect(text?.trim()).toMatch(/[.!?]$/);
    expect(t(`help.${aspect}.steps`).split('\n').length).toBeLessThanOrEqual(3);
    for (const line of texts.flatMap((text) => text?.split('\n') ?? []))
      expect(line.length).toBeLessThan(160);
  });

  it('names buttons and states as the cards do', () => {
    setLanguage(language);
    const said = Object.values(CATALOGUES[language]).flat();
    const names = new Set(
      said.flatMap((message) => (typeof message === 'string' ? [message.replace(/…$/, '')] : [])),
    );
    const quoted = Object.entries(CATALOGUES[language])
      .filter(([key]) => key.startsWith('help.'))
      .flatMap(([, text]) =>
        [...String(text).matchAll(/[«“]([^»”]+)[»”]/g)].map(([, name]) => name as string),
      );
    expect(quoted.length).toBeGreaterThan(5);
    expect(quoted.filter((name) => !names.has(name))).toEqual([]);
  });
});

it('begins with what the cause asks for', () => {
  setLanguage('en');
  const steps = (reason: Parameters<typeof sampleCliente>[2]) =>
    helpFor(sampleCliente(1, 'DISCONNECTED_LOGOUT', reason))?.steps ?? [];
  const cliente = sampleCliente(1, 'DISCONNECTED_LOGOUT');
  expect(steps({ session: { ...cliente.session, reason: 'CONFLICT' } })[0]).toContain('another browser');
  expect(steps({ session: { ...cliente.session, reason: 'LOGGED_OUT' } })[0]).toBe(
    'Restart and scan the QR code.',
  );
});

it('has no help for a state that this version does not know', () => {
  expect(meaningOf('OF_THE_FUTURE')).toBeNull();
});
