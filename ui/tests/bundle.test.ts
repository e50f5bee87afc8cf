/** The support bundle: chosen, collected, cancelled, found. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { card, dialog, expectAccessible, open, screenshot, useBrowser, type View } from './page';

useBrowser();

const wish = (page: Page) => page.evaluate(() => window.fake.bundle.wish);

async function openFromSettings(view: View = {}): Promise<Page> {
  const page = await open(view);
  const english = view.lang === 'en';
  await page.getByRole('button', { name: english ? 'Settings' : 'Ajustes' }).click();
  await dialog(page)
    .getByRole('button', { name: english ? 'Support bundle…' : 'Paquete de soporte…' })
    .click();
  return page;
}

it('says what is in it, collects it step by step, and shows where it is', async () => {
  const page = await openFromSettings();
  await dialog(page).getByText('No se envía a ninguna parte').waitFor();
  expect(await dialog(page).getByRole('checkbox', { name: 'Nombres de los clientes' }).isChecked()).toBe(
    false,
  );
  await expectAccessible(page);
  await screenshot(page, 'bundle-choice-es');
  const go = await page.evaluateHandle(() => window.fake.hold('bundle_progress'));
  await dialog(page).getByRole('checkbox', { name: 'Nombres de los clientes' }).check();
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Se mira el programa y el equipo…').waitFor();
  expect(await dialog(page).getByRole('progressbar').getAttribute('aria-valuenow')).toBe('0');
  await expectAccessible(page);
  await screenshot(page, 'bundle-progress-es');
  await go.evaluate((open) => open());
  await dialog(page).getByText('El paquete está listo').waitFor();
  expect(await wish(page)).toEqual({ cliente: null, pictures: true, names: true });
  await expectAccessible(page);
  await screenshot(page, 'bundle-ready-es');
  await dialog(page).getByRole('button', { name: 'Mostrar en la carpeta' }).click();
  expect(await page.evaluate(() => window.fake.calls.at(-1)?.command)).toBe('show_bundle');
});

it('is cancelled, and can be begun again', async () => {
  const page = await openFromSettings();
  const go = await page.evaluateHandle(() => window.fake.hold('bundle_progress'));
  await dialog(page).getByRole('button', { name: 'Crear paquete' }).click();
  await dialog(page).getByRole('button', { name: 'Cancelar' }).click();
  await dialog(page).getByText('Cancelando…').waitFor();
  await go.evaluate((open) => open());
  await dialog(page).getByText('Se canceló. No quedó nada a medias.').waitFor();
  await dialog(page).getByRole('button', { name: 'Crear paquete' }).click();
  await dialog(page).getByText('El paquete está listo').waitFor();
});

it('is cancelled when its dialog is closed', async () => {
  const page = await openFromSettings();
  await page.evaluate(() => void window.fake.hold('bundle_progress'));
  await dialog(page).getByRole('button', { name: 'Crear paquete' }).click();
  await dialog(page).getByRole('progressbar').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => window.fake.bundle.view.cancelled);
  expect(await page.locator('dialog[open]').count()).toBe(0);
});

it('says what to do when the disk is full', async () => {
  const page = await openFromSettings({ lang: 'en', theme: 'dark', width: 800, height: 500 });
  await page.evaluate(() => {
    window.fake.bundle.failure = { code: 'INSUFFICIENT_STORAGE', message: 'full', reason: null };
  });
  await dialog(page).getByRole('button', { name: 'Create bundle' }).click();
  await dialog(page).getByRole('alert').waitFor();
  expect(await dialog(page).getByRole('button', { name: 'Create bundle' }).count()).toBe(1);
  await expectAccessible(page);
  await screenshot(page, 'bundle-failed-en-dark-800');
});

it('is about one cliente from its timeline', async () => {
  const page = await open();
  const id = await page.evaluate(() => [...window.fake.clientes.keys()][0] ?? 0);
  await card(page, id).locator('[aria-haspopup=menu]').click();
  await page.getByRole('menuitem', { name: 'Historial…' }).click();
  await dialog(page).getByRole('button', { name: 'Exportar para soporte…' }).click();
  await dialog(page).getByText('El estado y el historial de este cliente').waitFor();
  await dialog(page).getByRole('button', { name: 'Crear paquete' }).click();
  await dialog(page).getByText('El paquete está listo').waitFor();
  expect(await wish(page)).toEqual({ cliente: id, pictures: true, names: false });
});

it('is offered beside a failure, and downloaded where there is no window', async () => {
  const page = await open({ query: 'headless' });
  const id = await page.evaluate(() => {
    window.fake.fail('stop', new window.Failure('TIMED_OUT', 'x'));
    return [...window.fake.clientes.values()].find(({ session }) => session.state === 'READY')?.id ?? 0;
  });
  await card(page, id).getByRole('button', { name: 'Detener' }).click();
  await page.locator('.notices').getByRole('button', { name: 'Paquete de soporte…' }).click();
  await dialog(page).getByRole('button', { name: 'Crear paquete' }).click();
  const link = dialog(page).getByRole('link', { name: 'Descargar' });
  expect(await link.getAttribute('href')).toBe('/control/bundle');
  expect(await wish(page)).toMatchObject({ cliente: id });
  await expectAccessible(page);
});
