/** What `tokens.css` says, for tests: the tokens of each theme, and how far apart two colours are. */
import { readFileSync } from 'node:fs';

export const THEMES = ['light', 'dark', 'contrast', 'contrast-dark'] as const;
type Theme = (typeof THEMES)[number];

const source = readFileSync(new URL('../../tokens.css', import.meta.url), 'utf8');

function declared(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}

function block(selector: string): string {
  const start = source.indexOf(`${selector} {`);
  if (start < 0) throw new Error(`tokens.css has no ${selector}`);
  return source.slice(start, source.indexOf('\n}', start));
}

/** The tokens of a theme, those that it takes from the light one included. */
export function tokensOf(theme: Theme): Map<string, string> {
  const base = declared(block(':root'));
  if (theme === 'light') return base;
  return new Map([...base, ...declared(block(`:root[data-theme='${theme}']`))]);
}

type Rgb = [number, number, number];

/** A token's colour, through whatever tokens it refers to; fails for what is no plain colour. */
export function colour(tokens: Map<string, string>, name: string): Rgb {
  const value = tokens.get(name);
  const other = value?.match(/^var\((--[\w-]+)\)$/)?.[1];
  if (other) return colour(tokens, other);
  const hex = value?.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/);
  if (!hex) throw new Error(`${name} is ${value}, which is no colour`);
  return [hex[1], hex[2], hex[3]].map((part) => parseInt(part ?? '', 16)) as Rgb;
}

/** Relative luminance as WCAG has it. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG's contrast ratio, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
