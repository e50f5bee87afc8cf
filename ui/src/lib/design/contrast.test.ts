/** Every pair of colours that may meet can be told apart, in each theme. */
import { describe, expect, it } from 'vitest';
import { colour, contrast, THEMES, tokensOf } from './tokens';

const MEANINGS = ['neutral', 'info', 'warning', 'success', 'danger'];

/** Words on grounds. */
const TEXT: [words: string, ground: string][] = [
  ...['--ground', '--surface', '--sunken', '--neutral-soft'].flatMap((ground): [string, string][] => [
    ['--ink', ground],
    ['--ink-soft', ground],
  ]),
  ...MEANINGS.flatMap((it): [string, string][] => [
    [`--${it}-ink`, `--${it}-soft`],
    [`--${it}-ink`, '--surface'],
    [`--${it}-ink`, '--sunken'],
    ['--strong-ink', `--${it}-strong`],
  ]),
  ['--strong-ink', '--danger-hover'],
  ['--accent-ink', '--accent'],
  ['--accent-ink', '--accent-hover'],
  ['--chosen-ink', '--chosen-soft'],
  ['--paper-ink', '--paper'],
];

/** Edges, bars, rings and icons, beside what they lie on. */
const DRAWN: [string, string][] = [
  ...['--ground', '--surface', '--sunken'].map((ground): [string, string] => ['--focus', ground]),
  ...MEANINGS.map((it): [string, string] => ['--focus', `--${it}-soft`]),
  ...MEANINGS.map((it): [string, string] => [`--${it}-strong`, '--surface']),
  ['--line-strong', '--surface'],
  ['--line-strong', '--ground'],
  ['--line-strong', '--sunken'],
  ['--accent', '--surface'],
];

const RATIOS = { light: [4.5, 3], dark: [4.5, 3], contrast: [7, 7], 'contrast-dark': [7, 7] } as const;

describe.each(THEMES)('%s', (theme) => {
  const tokens = tokensOf(theme);
  const [text, drawn] = RATIOS[theme];
  const ratio = ([one, other]: [string, string]) => contrast(colour(tokens, one), colour(tokens, other));
  const tooClose = (pairs: [string, string][], least: number) =>
    pairs
      .filter((pair) => ratio(pair) < least)
      .map((pair) => `${pair.join(' on ')}: ${ratio(pair).toFixed(2)}`);

  it(`has every word at ${text} or more to its ground`, () => {
    expect(tooClose(TEXT, text)).toEqual([]);
  });

  it(`has everything drawn at ${drawn} or more to what is beside it`, () => {
    expect(tooClose(DRAWN, drawn)).toEqual([]);
  });

  it('has every meaning that the others have', () => {
    expect(MEANINGS.flatMap((it) => ['soft', 'ink', 'strong'].map((part) => `--${it}-${part}`))).toSatisfy(
      (names: string[]) => names.every((name) => tokens.has(name)),
    );
  });
});

it('counts as WCAG does', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 5);
  expect(contrast([119, 119, 119], [255, 255, 255])).toBeCloseTo(4.48, 2);
});
