import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fill, type Message } from './catalogue';
import { en } from './en';
import { es } from './es';
import { pt } from './pt';
import { VARIANTS } from '$lib/model/states';
import { systemLanguage } from './i18n.svelte';
import { phoneNumber } from './names';

const src = fileURLToPath(new URL('../../', import.meta.url));
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(svelte|ts)$/.test(name) && !/\.test\.ts$|i18n\/(es|en|pt)(\.\w+)?\.ts$/.test(name))
  .map((name) => readFileSync(src + name, 'utf8'))
  .join('\n');

/** The members of a union of strings on the wire: read from the generated file, so that none is forgotten. */
function members(type: string): string[] {
  const wire = readFileSync(`${src}lib/wire.ts`, 'utf8');
  const union = wire.match(new RegExp(`export type ${type} = ([^;]+);`))?.[1] ?? '';
  return [...union.matchAll(/"([^"]+)"/g)].map(([, name]) => name as string);
}

const texts = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
const placeholders = (message: Message) =>
  texts(message).map((text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join());

describe('the catalogue', () => {
  it('is whole in every language', () => {
    for (const catalogue of [es, en, pt]) {
      expect(Object.keys(catalogue).sort()).toEqual(Object.keys(es).sort());
      for (const message of Object.values(catalogue))
        for (const text of texts(message)) expect(text.trim()).not.toBe('');
    }
  });

  it('asks for the same values in every language', () => {
    for (const key of Object.keys(es) as (keyof typeof es)[])
      for (const catalogue of [en, pt])
        expect(placeholders(catalogue[key]).at(-1), key).toBe(placeholders(es[key]).at(-1));
  });

  it('is translated, not copied', () => {
    // Names, units and words like "error" are the same in several languages; what has more letters is a sentence.
    const said = (message: Message) =>
      texts(message)
        .join()
        .replace(/\{\w+\}|\P{L}/gu, '');
    const same = (Object.keys(es) as (keyof typeof es)[]).filter((key) => {
      const all = [es, en, pt].map((catalogue) => said(catalogue[key]));
      return new Set(all).size < all.length && all.some((text) => text.length > 20);
    });
    expect(same).toEqual(['webhooks.url.placeholder']);
  });

  it('has a message and a remedy for every reason and error, and words for every state, stage and action', () => {
    const wanted = [
      ...members('Reason').flatMap((code) => [`reason.${code}`, `reason.${code}.remedy`]),
      ...[...members('ErrorCode'), 'UNREACHABLE'].flatMap((code) => [
        `error.${code}`,
        `error.${code}.remedy`,
      ]),
      ...[...members('StateName'), ...VARIANTS].flatMap((state) => [
        `state.${state}.badge`,
        `state.${state}.line`,
      ]),
      ...members('Stage').map((stage) => `stage.${stage}`),
      ...members('PhoneAction').map((action) => `phone.${action}`),
      ...members('ApiProblem').map((problem) => `banner.api.${problem}`),
      ...members('DiskState')
        .filter((disk) => disk !== 'ok')
        .flatMap((disk) => [`banner.disk.${disk}.title`, `banner.disk.${disk}.text`]),
      ...members('Scope').flatMap((scope) => [`scope.${scope}`, `scope.${scope}.text`]),
      ...members('WebhookShape').map((shape) => `webhooks.shape.${shape}`),
      ...members('WebhookProblem').flatMap((code) => [
        `webhooks.problem.${code}`,
        `webhooks.problem.${code}.remedy`,
      ]),
      ...members('OnClose').map((choice) => `settings.close.${choice}`),
    ];
    expect(wanted.length).toBeGreaterThan(150);
    expect(wanted.filter((key) => !Object.hasOwn(es, key))).toEqual([]);
  });

  it('has no message that nothing says', () => {
    // `state.${x}.badge` in the source says every key of that form.
    const families = [...sources.matchAll(/`([a-z][\w.]*\.)\$\{[^}]+\}([\w.]*)`/g)].map(
      ([, before, after]) => new RegExp(`^${before}[\\w]+${after}$`.replaceAll('.', '\\.')),
    );
    const unused = Object.keys(es).filter(
      (key) => !sources.includes(`'${key}'`) && !families.some((family) => family.test(key)),
    );
    expect(unused).toEqual([]);
  });
});

it('follows the system, and speaks Spanish to everybody it does not know', () => {
  expect(systemLanguage('en-GB')).toBe('en');
  expect(systemLanguage('es-AR')).toBe('es');
  expect(systemLanguage('pt-BR')).toBe('pt');
  expect(systemLanguage('fr-FR')).toBe('es');
  expect(systemLanguage('')).toBe('es');
});

it.each([
  ['5491155551234', '+54 911 5555 1234'],
  ['56987654321', '+56 9 8765 4321'],
  ['12025550123', '+1 20 2555 0123'],
  ['59899123456', '+598 9912 3456'],
  ['123456', '+123456'],
  ['abc@g.us', 'abc@g.us'],
])('writes %s as %s', (digits, written) => expect(phoneNumber(digits)).toBe(written));

describe('numbers in messages', () => {
  const say = (language: string, message: Message, n: number) =>
    fill(message, { n }, { plural: new Intl.PluralRules(language), number: new Intl.NumberFormat(language) });

  it.each(['es', 'en', 'pt'])('none is never said as one, in %s', (language) => {
    expect(say(language, { one: 'Uno', other: '{n}' }, 0)).toBe('0');
    expect(say(language, { one: 'Uno', other: '{n}' }, 1)).toBe('Uno');
    expect(say(language, { one: 'Uno', other: '{n}' }, 21)).toBe('21');
  });

  it('whole millions have a form of their own where the language has one, and fall back where none was written', () => {
    const message = { one: 'x', other: '{n} avisos', many: '{n} de avisos' };
    expect(say('es', message, 1_000_000)).toBe('1.000.000 de avisos');
    expect(say('pt', message, 2_000_000)).toBe('2.000.000 de avisos');
    expect(say('es', message, 1_000_001)).toBe('1.000.001 avisos');
    expect(say('en', message, 1_000_000)).toBe('1,000,000 avisos');
    expect(say('es', { one: 'x', other: '{n} avisos' }, 1_000_000)).toBe('1.000.000 avisos');
  });

  it('amounts are grouped and numbers that name something are not', () => {
    const numerals = { plural: new Intl.PluralRules('pt'), number: new Intl.NumberFormat('pt') };
    expect(fill('{n} #{id}', { n: 12345, id: 12345 }, numerals)).toBe('12.345 #12345');
  });
});
