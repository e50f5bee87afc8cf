/** The pictures of the READMEs, drawn from the room as it is. `UPDATE_IMAGES=1` writes them to docs/images. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, inject, it } from 'vitest';
import { card, dialog, open, useBrowser, type View } from './page';

useBrowser();

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const TOUR: Record<string, { view: View; show?: (page: Page) => Promise<unknown> }> = {
  'wall-es-light': { view: { lang: 'es', width: 1440, height: 860 } },
  'wall-en-light': { view: { lang: 'en', width: 1440, height: 860 } },
  'wall-pt-dark': { view: { lang: 'pt', theme: 'dark', width: 1440, height: 860 } },
  'focus-es-light': {
    view: { lang: 'es', query: 'qr=600000', width: 1100, height: 720 },
    show: (page) => enlarge(page, 'Ampliar QR'),
  },
  'focus-en-light': {
    view: { lang: 'en', query: 'qr=600000', width: 1100, height: 720 },
    show: (page) => enlarge(page, 'Enlarge QR'),
  },
  'help-es-light': { view: { lang: 'es', width: 1100, height: 720 }, show: help },
  'help-en-light': { view: { lang: 'en', width: 1100, height: 720 }, show: help },
  'list-es-light': { view: { lang: 'es', scene: 'fifty', width: 1280, height: 720 } },
  'list-en-dark': { view: { lang: 'en', theme: 'dark', scene: 'fifty', width: 1280, height: 720 } },
};

async function enlarge(page: Page, label: string): Promise<void> {
  await card(page, 2)
    .getByRole('button', { name: new RegExp(`^${label}`) })
    .click();
  await dialog(page).getByRole('img').waitFor();
}

async function help(page: Page): Promise<void> {
  await card(page, 8)
    .getByRole('button', { name: /^¿Qué hago ahora\?|^What do I do now\?/ })
    .click();
  await dialog(page).waitFor();
}

it.each(Object.entries(TOUR))('draws %s', async (name, { view, show }) => {
  const page = await open(view);
  await show?.(page);
  await page.mouse.move(0, 0);
  const folder = process.env.UPDATE_IMAGES ? root('docs/images') : `${inject('screens')}/tour`;
  mkdirSync(folder, { recursive: true });
  const picture = await page.screenshot({ animations: 'disabled' });
  writeFileSync(`${folder}/${name}.png`, picture);
  expect(picture.length).toBeGreaterThan(10_000);
});

it('is what the READMEs show, and nothing else is kept', () => {
  const shown = ['README.md', 'README.es.md'].flatMap((file) =>
    [...readFileSync(root(file), 'utf8').matchAll(/docs\/images\/([\w-]+)\.png/g)].map(([, name]) => name),
  );
  for (const name of shown) expect(Object.keys(TOUR)).toContain(name);
  expect(readdirSync(root('docs/images')).sort()).toEqual(
    Object.keys(TOUR)
      .map((name) => `${name}.png`)
      .sort(),
  );
});
