/** "What do I do now?", from every card. */
import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import { STATES, VARIANTS } from '../src/lib/model/states';
import { card, choose, dialog, expectAccessible, open, screenshot, useBrowser, SPREAD } from './page';

useBrowser();

const WORDS = { es, en, pt };

describe.each(SPREAD)('in $lang, $theme', ({ lang, theme }) => {
  const words = WORDS[lang];

  it('says what a state means and what to do, and shows them all', async () => {
    const page = await open({ lang, theme, width: 1100, height: 720 });
    const opener = card(page, 2).getByRole('button', { name: words['help.of'].replace('{name}', '') });
    await opener.click();
    await dialog(page).getByText(words['help.QR_REQUIRED.means']).waitFor();
    for (const step of words['help.QR_REQUIRED.steps'].split('\n'))
      await dialog(page).getByRole('listitem').filter({ hasText: step }).waitFor();
    await expectAccessible(page);
    await screenshot(page, `help-${lang}-${theme}`);
    await dialog(page).getByRole('button', { name: words['help.legend'] }).click();
    await dialog(page).getByText(words['help.legend.text']).waitFor();
    for (const aspect of [...STATES, ...VARIANTS])
      await dialog(page).getByText(words[`help.${aspect}.means`]).waitFor();
    await expectAccessible(page);
    await screenshot(page, `legend-${lang}-${theme}`);
  });
});

it('opens from the menu of a card too, by keyboard, and gives the focus back', async () => {
  const page = await open();
  await choose(page, 4, '¿Qué hago ahora?');
  await dialog(page).getByText(es['help.DISCONNECTED_LOGOUT.means']).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
  const opener = card(page, 4).getByRole('button', { name: /^¿Qué hago ahora\?/ });
  await opener.focus();
  await page.keyboard.press('Enter');
  await dialog(page).waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => opener.evaluate((it) => it === document.activeElement)).toBe(true);
});

it('follows the state while it is read', async () => {
  const page = await open();
  await card(page, 2)
    .getByRole('button', { name: /^¿Qué hago ahora\?/ })
    .click();
  await page.evaluate(() => window.fake.move(2, 'READY'));
  await dialog(page).getByText(es['help.READY.means']).waitFor();
});

it('follows the way to link that somebody chose, and tells of what happened beside', async () => {
  const page = await open();
  await card(page, 2).getByRole('button', { name: 'Vincular con el número de teléfono' }).click();
  await card(page, 2)
    .getByRole('button', { name: /^¿Qué hago ahora\?/ })
    .click();
  await dialog(page).getByText(es['help.QR_number.means']).waitFor();
  await page.keyboard.press('Escape');
  await page.evaluate(() => window.fake.change(1, { notice: 'LOGIN_RESTORED' }));
  await choose(page, 1, '¿Qué hago ahora?');
  await dialog(page).getByRole('heading', { name: 'Además' }).waitFor();
  await dialog(page).getByText(es['reason.LOGIN_RESTORED']).waitFor();
  await dialog(page).getByText(es['help.READY.means']).waitFor();
});

it.each([
  [800, 500, 1],
  [1366, 768, 2],
] as const)('fits %i×%i with text %i times as large', async (width, height, zoom) => {
  const page = await open({ width, height });
  await page.evaluate((zoom) => (document.documentElement.style.fontSize = `${zoom * 100}%`), zoom);
  await choose(page, 4, '¿Qué hago ahora?');
  const wide = () => dialog(page).evaluate((it) => it.scrollWidth > it.clientWidth);
  expect(await wide()).toBe(false);
  await expectAccessible(page);
  await screenshot(page, `help-${width}-${zoom}`);
  await dialog(page).getByRole('button', { name: 'Ver todos los estados' }).click();
  expect(await wide()).toBe(false);
  await screenshot(page, `legend-${width}-${zoom}`);
});
