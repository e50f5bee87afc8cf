/** Nothing is said to people that is not in the catalogue: neither by components nor by the modules behind them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';
import ts from 'typescript';
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
  'hint',
  'text',
  'aria-valuetext',
  'aria-placeholder',
]);
/** What is compared, looked up or handed to a function is not said. */
const UNSAID = new Set(['CallExpression', 'BinaryExpression', 'MemberExpression', 'ArrowFunctionExpression']);

function literals(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, attribute?: string) => {
    if (Array.isArray(node)) return node.forEach((one) => visit(one, attribute));
    if (typeof node !== 'object' || node === null) return;
    const { type, name, data } = node as { type?: string; name?: string; data?: string };
    if (type !== undefined && UNSAID.has(type)) return;
    const { value } = node as { value?: { cooked?: string } | string };
    const written = type === 'TemplateElement' ? (value as { cooked: string }).cooked : value;
    const isSaid = attribute === undefined || SAID.has(attribute);
    if ((type === 'Literal' || type === 'TemplateElement') && isSaid && /\p{L}/u.test(String(written)))
      if (typeof written === 'string') found.push(written);
    if (type === 'Text' && /\p{L}/u.test(data ?? '') && (attribute === undefined || SAID.has(attribute)))
      found.push(data as string);
    const inside = type === 'Attribute' || type?.endsWith('Directive') ? name : attribute;
    for (const [key, part] of Object.entries(node))
      if (key === 'fragment' || key === 'nodes' || !['parent', 'test', 'key', 'context'].includes(key))
        visit(part, inside);
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

/** What a symbol is called is seen by nobody but programmers. */
const isSymbol = (node: ts.Node) =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Symbol';

/** Sentences in a module: strings of several words that are neither thrown, nor part of a type, nor a symbol's name. */
function sentences(source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isThrowStatement(node) || ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
    if (isSymbol(node)) return;
    if (ts.isStringLiteralLike(node) && /\p{L}+ \p{L}+ ?/u.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest));
  return found;
}

/** Words of people's own files, which are read and never said. */
const READ = 'lib/csv/headers.ts';

const modules = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (name) =>
    name.startsWith('lib/') &&
    name !== READ &&
    /\.ts$/.test(name) &&
    !/\.test\.ts$|i18n\/(es|en|pt)|\/fake\/|wire\.ts$/.test(name),
);

it.each(modules)('%s', (file) => {
  expect(sentences(readFileSync(src + file, 'utf8'))).toEqual([]);
});

it('would notice a sentence in a module, or a text in an expression', () => {
  expect(sentences("const a: 'b c' = f('Not there'); throw new Error('of no use')")).toEqual(['Not there']);
  expect(sentences("const key = Symbol('the name'); say('Not this')")).toEqual(['Not this']);
  expect(literals('<p title={a ? "Hola" : t("b.c")}>{a === "x" ? "Sí" : `No ${b}`}</p>')).toEqual([
    'Hola',
    'Sí',
    'No ',
  ]);
  expect(modules.length).toBeGreaterThan(20);
  expect(existsSync(src + READ)).toBe(true);
});

it('would notice one', () => {
  expect(literals('<p class="x" title="Hola">Texto {t("a")} <b style:width="{1}px">2</b></p>')).toEqual([
    'Hola',
    'Texto ',
  ]);
  expect(components.length).toBeGreaterThan(20);
});
