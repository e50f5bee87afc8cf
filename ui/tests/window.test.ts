/** A cliente's browser is shown and hidden again. */
import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import { calls, card, choose, dialog, expectAccessible, open, screenshot, useBrowser, SPREAD } from './page';

useBrowser();

const PASSKEY = 14;

describe('the passkey that WhatsApp asks for', () => {
  it('is answered with one button, which shows the browser', async () => {
    const page = await open({ scene: 'states' });
    const shown = card(page, PASSKEY);
    await shown.getByText(es['window.passkey']).waitFor();
    const button = shown.getByRole('button', { name: `${es['action.showBrowser']}:` });
    expect(await button.getAttribute('class')).toContain('primary');
    await button.click();
    expect(await calls(page)).toEqual(['show_browser']);
    await shown.getByText(es['window.opening']).waitFor();
    await page.evaluate((id) => window.fake.change(id, { browser: 'running' }), PASSKEY);
    await shown.getByText(es['window.visible']).waitFor();
    await expect
      .poll(() => page.locator('[aria-live=polite]').first().textContent())
      .toContain('el navegador ya está visible');
  });

  it('is told before a scan that would be in vain', async () => {
    const page = await open({ scene: 'states' });
    const shown = card(page, PASSKEY);
    await page.evaluate((id) => window.fake.change(id, { login_step: 'waiting' }), PASSKEY);
    await shown.getByText(es['window.before']).waitFor();
    await shown.getByRole('button', { name: `${es['action.showBrowser']}:` }).press('Enter');
    expect(await calls(page)).toEqual(['show_browser']);
    expect(await shown.locator(':focus').count(), 'the focus is not lost').toBe(1);
  });

  it('says why where no window can be shown, and leaves all as it is', async () => {
    const page = await open({ scene: 'states' });
    await page.evaluate(() => void (window.fake.windows = false));
    await card(page, PASSKEY)
      .getByRole('button', { name: `${es['action.showBrowser']}:` })
      .click();
    await page.getByText(es['error.NO_WINDOW']).first().waitFor();
    await card(page, PASSKEY).getByText(es['window.passkey']).waitFor();
  });
});

describe('a browser that is shown', () => {
  it('comes from the menu, is said on the card, and goes with a button', async () => {
    const page = await open({ scene: 'states' });
    const id = await page.evaluate(
      () => [...window.fake.clientes.values()].find((it) => it.session.state === 'READY')?.id ?? 0,
    );
    await choose(page, id, es['action.showBrowser']);
    const shown = card(page, id);
    await shown.getByText(es['window.opening']).waitFor();
    await page.evaluate((id) => window.fake.move(id, 'READY', { visible: true, browser: 'running' }), id);
    await shown.getByText(es['window.visible']).waitFor();
    await shown.getByRole('button', { name: `${es['action.hideBrowser']}:` }).press('Enter');
    await shown.getByText(es['window.visible']).waitFor({ state: 'detached' });
    expect(await shown.locator(':focus').count(), 'the focus is not lost').toBe(1);
    expect(await calls(page)).toEqual(['show_browser', 'hide_browser']);
  });
});

describe.each(SPREAD)('in $lang, $theme', ({ lang, theme }) => {
  const words = { es, en, pt }[lang];

  it.each([
    [800, 500],
    [1366, 768],
  ])('looks right at %i by %i', async (width, height) => {
    const page = await open({ scene: 'states', query: 'qr=600000', lang, theme, width, height });
    const id = await page.evaluate((passkey) => {
      const ready = [...window.fake.clientes.values()].find((it) => it.session.state === 'READY')?.id ?? 0;
      window.fake.change(ready, { visible: true, browser: 'running' });
      const code = [...window.fake.clientes.values()].find((it) => it.session.qr)?.id ?? 0;
      window.fake.change(code, { needs_window: true });
      window.fake.change(passkey, {});
      return ready;
    }, PASSKEY);
    await card(page, id).getByText(words['window.visible']).waitFor();
    await card(page, PASSKEY).scrollIntoViewIfNeeded();
    await screenshot(page, `window-passkey-${lang}-${theme}-${width}`);
    await card(page, id).scrollIntoViewIfNeeded();
    await screenshot(page, `window-visible-${lang}-${theme}-${width}`);
    await page.getByText(words['window.before']).first().scrollIntoViewIfNeeded();
    await screenshot(page, `window-before-${lang}-${theme}-${width}`);
    await expectAccessible(page);
  });

  it('the large code gives way to the passkey', async () => {
    const page = await open({ scene: 'states', query: 'qr=600000', lang, theme, width: 800, height: 500 });
    const id = await page.evaluate(
      () => [...window.fake.clientes.values()].find((it) => it.session.qr)?.id ?? 0,
    );
    await card(page, id).getByRole('button', { name: words['action.enlarge'] }).click();
    await page.evaluate((id) => window.fake.change(id, { qr: null, login_step: 'passkey' }), id);
    await dialog(page).getByRole('button', { name: words['action.showBrowser'] }).waitFor();
    await screenshot(page, `window-large-${lang}-${theme}`);
    await expectAccessible(page);
  });
});
