import { describe, expect, it } from 'vitest';
import { sampleCliente } from '$lib/backend/fake/samples';
import { LANGUAGES, setLanguage } from '$lib/i18n/i18n.svelte';
import { STATES } from '$lib/model/states';
import { helpFor, meaningOf } from './help';

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(STATES)('there is help for %s, in steps', (state) => {
    setLanguage(language);
    const help = helpFor(sampleCliente(1, state));
    expect(help?.means).toBeTruthy();
    expect(help?.itself).toBeTruthy();
    expect(help?.steps.length).toBeGreaterThan(0);
    for (const step of help?.steps ?? []) expect(step).toMatch(/\S.*[.!?]$/);
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
