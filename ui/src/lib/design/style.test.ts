/** Components speak of meanings: colours, sizes of type, layers and times have their one place in `tokens.css`. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tokensOf } from './tokens';

const src = fileURLToPath(new URL('../../', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.svelte') || (name.endsWith('.css') && name !== 'tokens.css'));
const tokens = tokensOf('light');

const NAMED =
  'white|black|red|green|blue|yellow|orange|purple|gr[ae]y|silver|pink|brown|gold|cyan|magenta|navy|teal';
const CANVAS = /^(CanvasText|Canvas|ButtonText|ButtonFace|GrayText|Highlight|HighlightText|LinkText|Mark)$/;

/** What a rule says that only a token may. */
const FORBIDDEN: [why: string, found: (property: string, value: string) => boolean][] = [
  [
    'a colour',
    (_, value) => /#[0-9a-f]{3,8}\b|\b(rgba?|hsla?|oklch|oklab|lab|lch|color|color-mix)\(/i.test(value),
  ],
  [
    'a colour by its name',
    (property, value) =>
      /color|background|border|outline|fill|stroke|shadow/.test(property) &&
      new RegExp(`(^|[\\s,(])(${NAMED})([\\s,)]|$)`, 'i').test(value) &&
      !CANVAS.test(value),
  ],
  [
    'a size of type',
    (property, value) => property === 'font-size' && !/^(var\(--[\w-]+\)|inherit|100%|112\.5%)$/.test(value),
  ],
  ['a typeface', (property, value) => property === 'font-family' && !/^(var\(|system-ui)/.test(value)],
  ['a layer', (property, value) => property === 'z-index' && !/^var\(/.test(value)],
  [
    'a corner',
    (property, value) => /radius$/.test(property) && !/^(var\(--[\w-]+\)|inherit|50%|0)$/.test(value),
  ],
  ['a time', (property, value) => /^(transition|animation)/.test(property) && /\b\d*\.?\d+m?s\b/.test(value)],
  ['a shadow', (property, value) => property === 'box-shadow' && !/^(var\(--[\w-]+\)|none)$/.test(value)],
];

function styleOf(file: string, source: string): string {
  const css = file.endsWith('.css') ? source : (source.match(/<style[^>]*>([\s\S]*?)<\/style>/)?.[1] ?? '');
  return css.replace(/\/\*[\s\S]*?\*\//g, '');
}

export function offences(css: string): string[] {
  return [...css.matchAll(/([\w-]+)\s*:\s*([^;{}]+);/g)].flatMap(([, property = '', value = '']) => {
    const said = value.replace(/\s+/g, ' ').trim();
    return FORBIDDEN.filter(([, found]) => found(property, said)).map(
      ([why]) => `${why}: ${property}: ${said}`,
    );
  });
}

it.each(files)('%s', (file) => {
  const source = readFileSync(src + file, 'utf8');
  const css = styleOf(file, source);
  expect(offences(css)).toEqual([]);
  // A token that is misspelt, or was renamed, is no error to a browser: it is nothing.
  const own = new Set([...source.matchAll(/(--[\w-]+)\s*[:=]/g)].map(([, name]) => name));
  const unknown = [...source.matchAll(/var\((--[\w-]+)([,)])/g)]
    .filter(
      ([, name = '', next]) => !tokens.has(name) && !own.has(name) && !INHERITED.has(name) && next !== ',',
    )
    .map(([, name]) => name);
  expect(unknown).toEqual([]);
});

/** What a card tells its parts of its state. */
const INHERITED = new Set(['--soft-ground', '--tone-ink', '--strong']);

it('every token is used somewhere', () => {
  const all = [...files, 'tokens.css'].map((file) => readFileSync(src + file, 'utf8')).join('\n');
  expect([...tokens.keys()].filter((name) => !all.includes(`var(${name}`))).toEqual([]);
});

it.each([
  'color: #fff;',
  'background: rgb(0 0 0 / 50%);',
  'border: 1px solid red;',
  'font-size: 13px;',
  'font-size: 0.8rem;',
  'z-index: 3;',
  'border-radius: 4px;',
  'transition: width 300ms;',
  'animation: spin 1s linear infinite;',
  'box-shadow: 0 1px 2px var(--line);',
])('would notice %s', (rule) => {
  expect(offences(rule)).toHaveLength(1);
});

it('lets tokens be', () => {
  expect(
    offences('color: var(--ink); border: 1px solid transparent; font-size: var(--small); z-index: var(--x);'),
  ).toEqual([]);
});
