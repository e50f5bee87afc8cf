/** Dialogs whose files come later: the frame is there at once, and a file that does not come is told and asked for again. */
import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { dialog, expectAccessible, forgive, newPage, open, screenshot, useBrowser } from './page';

useBrowser();

/** The room with the files of these dialogs held back, or refused, until the returned function is called. */
async function without(files: RegExp, how: 'held' | 'refused', lang: 'es' | 'pt' = 'es') {
  const page = await newPage({ lang });
  let letGo: () => void = () => undefined;
  const free = new Promise<null>((resolve) => (letGo = () => resolve(null)));
  let blocked = true;
  await page.route(files, async (route) => {
    if (how === 'held') await free;
    if (how === 'refused' && blocked) return route.abort();
    return route.continue();
  });
  await page.goto(`${inject('gallery')}?scene=office`);
  await page.locator('main[aria-busy=false]').waitFor();
  return {
    page,
    release: () => {
      blocked = false;
      letGo();
    },
  };
}

const settings = (page: Page) => page.getByRole('button', { name: 'Ajustes', exact: true });

describe('a file that takes its time', () => {
  it('leaves a frame that says so, and the dialog takes its place with the focus in it', async () => {
    const { page, release } = await without(/\/Settings-[^/]+\.js/, 'held');
    await settings(page).click();
    await dialog(page).getByRole('heading', { name: 'Ajustes' }).waitFor();
    await dialog(page).getByText('Cargando…').waitFor();
    const frame = await dialog(page).boundingBox();
    await screenshot(page, 'later-waiting');
    release();
    await dialog(page).getByRole('combobox', { name: 'Tema' }).waitFor();
    expect(await page.locator('dialog').count()).toBe(1);
    const there = await dialog(page).boundingBox();
    expect([there?.x, there?.width]).toEqual([frame?.x, frame?.width]);
    expect(await dialog(page).evaluate((it) => it.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await settings(page).evaluate((it) => it === document.activeElement)).toBe(true);
  });

  it('can be left, and is not opened then', async () => {
    const { page, release } = await without(/\/Settings-[^/]+\.js/, 'held');
    await settings(page).click();
    await dialog(page).getByText('Cargando…').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    release();
    await page.waitForLoadState('networkidle');
    expect(await page.locator('dialog').count()).toBe(0);
    await settings(page).click();
    await dialog(page).getByRole('combobox', { name: 'Tema' }).waitFor();
  });
});

it.each(['es', 'pt'] as const)(
  'a file that does not come is told in %s, and asked for again',
  async (lang) => {
    const { page, release } = await without(/\/Settings-[^/]+\.js/, 'refused', lang);
    const words = {
      es: ['Ajustes', 'El programa no responde.', 'Reintentar', 'Recargar la página', 'Tema'],
      pt: ['Configurações', 'O programa não responde.', 'Tentar de novo', 'Recarregar a página', 'Tema'],
    }[lang] as [string, string, string, string, string];
    await page.getByRole('button', { name: words[0], exact: true }).click();
    await dialog(page).getByText(words[1]).waitFor();
    await dialog(page).getByRole('button', { name: words[3] }).waitFor();
    expect(await page.getByText(/Failed to fetch|import/i).count()).toBe(0);
    await expectAccessible(page);
    await screenshot(page, `later-failed-${lang}`);
    await dialog(page).getByRole('button', { name: words[2] }).click();
    await dialog(page).getByText(words[1]).waitFor();
    release();
    await dialog(page).getByRole('button', { name: words[2] }).click();
    await dialog(page).getByRole('combobox', { name: words[4] }).waitFor();
    forgive(/ERR_FAILED/);
  },
);

it('all of them are fetched while nothing else is to be done, so that opening one waits for nothing', async () => {
  const page = await open();
  const files = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name.match(/\/(\w+)-[^/]+\.js$/)?.[1])
        .filter((name) => name !== undefined),
    );
  const wanted = [
    'Settings',
    'Timeline',
    'ApiPanel',
    'OldLogins',
    'ImportClientes',
    'SupportBundle',
    'Legend',
  ];
  await expect
    .poll(async () => (await files()).filter((name) => wanted.includes(name)).sort())
    .toEqual([...wanted].sort());
  // In the frame after the click there is the dialog, not its frame.
  await page.evaluate(() => {
    (document.querySelector('button[aria-label="Ajustes"]') as HTMLElement).click();
  });
  expect(await dialog(page).getByText('Cargando…').count()).toBe(0);
  await dialog(page).getByRole('combobox', { name: 'Tema' }).waitFor();
});
