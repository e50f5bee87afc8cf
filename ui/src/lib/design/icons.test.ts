/** One set of icons, drawn with one stroke. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const lib = fileURLToPath(new URL('../', import.meta.url));
const components = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.svelte'));

/** Pictures that are no icons: the mark, an illustration, and the ring of a QR's life. */
const DRAWN = new Set(['shell/Logo.svelte', 'shell/Empty.svelte', 'card/Countdown.svelte']);
/** What an icon may measure, px. */
const SIZES = new Set(['14', '16', '18', '28', '32', '64']);

it.each(components)('%s', (file) => {
  const source = readFileSync(lib + file, 'utf8');
  if (!DRAWN.has(file)) expect(source).not.toMatch(/<svg/);
  expect(source).not.toMatch(/from '(?!@lucide\/svelte\/icons\/)[^']*icons?[^'.]*\/[^']*'/i);
  const sizes = [...source.matchAll(/size=\{(\d+)\}/g)].map(([, size]) => size ?? '');
  expect(sizes.filter((size) => !SIZES.has(size))).toEqual([]);
  // A stroke of its own only for the check mark of a card that was just linked, which is a picture.
  const strokes = [...source.matchAll(/strokeWidth=\{([^}]+)\}/g)].map(([, width]) => width);
  expect(strokes).toEqual(file === 'card/QrBox.svelte' ? ['3'] : []);
});
