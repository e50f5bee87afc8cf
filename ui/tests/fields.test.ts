/** What a field is, for whoever does not know: behind a "?", by keyboard too, and told to screen readers. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import { card, dialog, expectAccessible, open, screenshot, useBrowser, type Lang } from './page';

useBrowser();

const WORDS = { es, en, pt };
type Words = (typeof WORDS)[Lang];
type About = Extract<keyof typeof es, `field.${string}`>;

async function openApi(page: Page, words: Words, section: string): Promise<void> {
  await page.getByRole('button', { name: words['api.title'] }).click();
  await page.getByRole('tab', { name: section, exact: true }).click();
}

/** Where each is explained, and by which field it is told; without one, by its text alone. */
const PLACES: [about: About, name: keyof typeof es, show: (page: Page, words: Words) => Promise<unknown>][] =
  [
    [
      'field.id',
      'edit.id',
      (page, words) => page.getByRole('button', { name: words['header.add'] }).first().click(),
    ],
    [
      'field.number',
      'send.to',
      (page, words) => card(page, 1).getByRole('button', { name: words['action.send'] }).click(),
    ],
    [
      'field.number',
      'pair.number',
      (page, words) => card(page, 2).getByRole('button', { name: words['pair.instead'] }).click(),
    ],
    ['field.api', 'api.title', (page, words) => openApi(page, words, words['api.section.status'])],
    ['field.port', 'api.port', (page, words) => openApi(page, words, words['api.section.status'])],
    ['field.key', 'keys.list', (page, words) => openApi(page, words, words['api.section.keys'])],
    ['field.origin', 'origins.add', (page, words) => openApi(page, words, words['api.section.origins'])],
    ['field.webhook', 'webhooks.list', (page, words) => openApi(page, words, words['api.section.webhooks'])],
    [
      'field.webhookUrl',
      'webhooks.url',
      async (page, words) => {
        await openApi(page, words, words['api.section.webhooks']);
        await page.getByRole('button', { name: words['webhooks.add'] }).click();
      },
    ],
    [
      'field.capacity',
      'settings.capacity',
      (page, words) => page.getByRole('button', { name: words['header.settings'], exact: true }).click(),
    ],
    [
      'field.oldFolder',
      'old.dir',
      async (page, words) => {
        await page.getByRole('button', { name: words['app.menu'] }).click();
        await page.getByRole('menuitem', { name: words['old.open'] }).click();
      },
    ],
  ];

const opener = (page: Page, words: Words, name: keyof typeof es): Locator =>
  page.getByRole('button', {
    name: words['field.about'].replace('{name}', String(words[name])),
    exact: true,
  });

describe.each(['es', 'en', 'pt'] as const)('in %s', (lang) => {
  const words = WORDS[lang];

  it.each(PLACES)('%s is explained beside %s', async (about, name, show) => {
    const page = await open({ lang, width: 1100, height: 720, theme: lang === 'en' ? 'dark' : 'light' });
    await show(page, words);
    const mark = opener(page, words, name);
    expect(await mark.getAttribute('aria-expanded')).toBe('false');
    await mark.focus();
    await page.keyboard.press('Enter');
    expect(await mark.getAttribute('aria-expanded')).toBe('true');
    const text = page.locator(`[id="${await mark.getAttribute('aria-controls')}"]`);
    expect((await text.textContent())?.trim()).toBe(words[about]);
    expect(await text.isVisible()).toBe(true);
    // The field tells it too.
    const field = page.getByRole('textbox', { name: String(words[name]), exact: true });
    if (await field.count())
      expect((await field.first().getAttribute('aria-describedby'))?.split(' ')).toContain(
        await mark.getAttribute('aria-controls'),
      );
    const wide = await text.evaluate((it) => it.scrollWidth > it.clientWidth || it.clientWidth < 180);
    expect(wide).toBe(false);
    await expectAccessible(page);
    await screenshot(page, `field-${about.slice(6)}-${String(name)}-${lang}`);
    await page.keyboard.press('Space');
    expect(await text.isVisible()).toBe(false);
  });
});

it('Escape closes what is explained first, and the dialog after that', async () => {
  const page = await open();
  await page.getByRole('button', { name: 'Agregar cliente' }).click();
  const mark = opener(page, es, 'edit.id');
  await mark.click();
  await page.keyboard.press('Escape');
  expect(await mark.getAttribute('aria-expanded')).toBe('false');
  expect(await dialog(page).isVisible()).toBe(true);
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
});
