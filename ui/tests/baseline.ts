/**
 * Compares a picture with the committed one of the same name in tests/baseline, with a small tolerance.
 * `UPDATE_SCREENS=1` writes them anew. Other fonts or another Chromium draw other pictures: then nothing is compared, and
 * one line says so.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const folder = fileURLToPath(new URL('./baseline/', import.meta.url));
const output = fileURLToPath(new URL('../../test-output/differences/', import.meta.url));
const stamp = `${folder}drawn-with.json`;
export const UPDATING = process.env.UPDATE_SCREENS === '1';

/** Pixels that may differ: what is smaller than a letter is no difference that a person sees. */
const TOLERATED = 10;

/** The fonts that the page's typefaces come to here, and the browser that draws them. */
function drawnWith(browser: string): string {
  const font = (family: string) => {
    try {
      return execFileSync('fc-match', ['-f', '%{family} %{style} %{fontversion}', family], {
        encoding: 'utf8',
      });
    } catch {
      return 'unknown';
    }
  };
  const fonts = Object.fromEntries(
    ['system-ui', 'monospace', 'emoji', 'system-ui:lang=ar'].map((it) => [it, font(it)]),
  );
  return `${JSON.stringify({ chromium: browser.split('.')[0], fonts }, null, 2)}\n`;
}

/** Why pictures drawn here cannot be compared with the committed ones; null if they can. */
export function incomparable(browser: string): string | null {
  const here = drawnWith(browser);
  if (UPDATING) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(stamp, here);
    return null;
  }
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').replaceAll('\r\n', '\n') === here) return null;
  process.stdout.write(
    'skipped: pictures are not compared, they are drawn with other fonts or another Chromium here\n',
  );
  return 'drawn with other fonts';
}

/** What is wrong with a picture, in words; null if it is as it was. */
export function compare(name: string, picture: Buffer): string | null {
  const path = `${folder}${name}.png`;
  const actual = coarse(PNG.sync.read(picture));
  if (UPDATING) {
    // One that is as good as the same stays, so that only what changed is committed anew.
    if (existsSync(path) && difference(name, PNG.sync.read(readFileSync(path)), actual) === null) return null;
    writeFileSync(path, small(actual));
    return null;
  }
  if (!existsSync(path)) {
    keep(`${name}-actual`, picture);
    return `${name}: there is no such picture in tests/baseline; UPDATE_SCREENS=1 makes it`;
  }
  const found = difference(name, PNG.sync.read(readFileSync(path)), actual, true);
  if (found) keep(`${name}-actual`, picture);
  return found;
}

/** Pictures that are of nothing any more. When updating they go. */
export function orphans(names: string[]): string[] {
  const known = new Set(names.map((name) => `${name}.png`));
  const left = readdirSync(folder).filter((file) => file.endsWith('.png') && !known.has(file));
  if (!UPDATING) return left;
  for (const file of left) rmSync(folder + file);
  return [];
}

function difference(name: string, expected: PNG, actual: PNG, write = false): string | null {
  const { width, height } = expected;
  if (width !== actual.width || height !== actual.height)
    return `${name}: ${actual.width}×${actual.height}, it was ${width}×${height}`;
  const diff = new PNG({ width, height });
  const pixels = pixelmatch(expected.data, actual.data, diff.data, width, height, { threshold: 0.1 });
  if (pixels <= TOLERATED) return null;
  if (write) keep(`${name}-difference`, PNG.sync.write(diff));
  return `${name}: ${pixels} pixels differ, see test-output/differences/${name}-difference.png`;
}

function keep(name: string, picture: Buffer): void {
  mkdirSync(output, { recursive: true });
  writeFileSync(`${output}${name}.png`, picture);
}

/** In sixteen steps a channel: half as large a file, and steps that nobody can tell apart. */
function coarse(picture: PNG): PNG {
  const { data } = picture;
  for (let at = 0; at < data.length; at++) if (at % 4 !== 3) data[at] = Math.round((data[at] ?? 0) / 17) * 17;
  return picture;
}

/** Without the alpha that no picture of a page uses; without filters, because they pack letters worse. */
function small(picture: PNG): Buffer {
  return PNG.sync.write(picture, { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 });
}
