/** No component says anything that is not in the catalogue. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';
import { expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../', import.meta.url));
const SAID = new Set([
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'alt',
  'title',
  'placeholder',
  'label',
]);

function literals(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, attribute?: string) => {
    if (Array.isArray(node)) return node.forEach((one) => visit(one, attribute));
    if (typeof node !== 'object' || node === null) return;
    const { type, name, data } = node as { type?: string; name?: string; data?: string };
    if (type === 'Text' && /\p{L}/u.test(data ?? '') && (attribute === undefined || SAID.has(attribute)))
      found.push(data as string);
    const inside = type === 'Attribute' || type?.endsWith('Directive') ? name : attribute;
    for (const [key, value] of Object.entries(node)) if (key !== 'parent') visit(value, inside);
  };
  visit(parse(source, { modern: true }).fragment);
  return found;
}

const components = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.svelte'),
);

it.each(components)('%s', (file) => {
  expect(literals(readFileSync(src + file, 'utf8'))).toEqual([]);
});

it('would notice one', () => {
  expect(literals('<p class="x" title="Hola">Texto {t("a")} <b style:width="{1}px">2</b></p>')).toEqual([
    'Hola',
    'Texto ',
  ]);
  expect(components.length).toBeGreaterThan(20);
});
