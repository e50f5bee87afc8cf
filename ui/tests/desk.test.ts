/** How the program sits on the desk: settings of it, a start of many, a card that was asked for, and the end. */
import { describe, expect, it } from 'vitest';
import { calls, card, dialog, expectAccessible, open, screenshot, useBrowser } from './page';

useBrowser();

describe('settings of the desk', () => {
  async function settings(view: Parameters<typeof open>[0] = {}) {
    const page = await open(view);
    await page.getByRole('button', { name: /^(Ajustes|Settings)$/ }).click();
    return page;
  }
  const chosen = (page: Awaited<ReturnType<typeof open>>) =>
    page.evaluate(() => ({ ...window.fake.app.settings, ...window.fake.app.desk }));

  it('take effect at once', async () => {
    const page = await settings();
    await dialog(page).getByLabel('Abrir Session Manager al iniciar sesión en el equipo').check();
    await expect.poll(() => chosen(page)).toMatchObject({ autostart: true });
    await dialog(page).getByLabel('Sin mostrar la ventana').check();
    await expect.poll(() => chosen(page)).toMatchObject({ start_minimized: true });
    await dialog(page).getByLabel('También cuando vuelve a conectarse').check();
    await dialog(page).getByLabel('Avisar de los mensajes que llegan').check();
    await dialog(page).getByLabel('Seguir con las sesiones en segundo plano').check();
    await expect
      .poll(() => chosen(page))
      .toMatchObject({ notifications: 'all', incoming_messages: true, on_close: 'keep_running' });
    await dialog(page).getByLabel('Tema', { exact: true }).selectOption('dark');
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await dialog(page).getByLabel('Idioma', { exact: true }).selectOption('en');
    await dialog(page).getByRole('heading', { name: 'Settings' }).waitFor();
    await expectAccessible(page);
    await screenshot(page, 'settings-desk-dark-en');
  });

  it('show a start with the system that was refused as it was before, and why', async () => {
    const page = await settings();
    await page.evaluate(() =>
      window.fake.fail('update_settings', new window.Failure('AUTOSTART_FAILED', 'the system refused')),
    );
    const box = dialog(page).getByLabel('Abrir Session Manager al iniciar sesión en el equipo');
    await box.click();
    await dialog(page).getByText('El sistema no aceptó el cambio del inicio automático.').waitFor();
    expect(await box.isChecked()).toBe(false);
    expect(await dialog(page).getByLabel('Sin mostrar la ventana').isDisabled()).toBe(true);
  });

  it('are all taken over, one after the other, however quickly somebody makes them', async () => {
    const page = await settings();
    const go = await page.evaluateHandle(() => window.fake.hold('update_settings'));
    await dialog(page).getByLabel('Abrir Session Manager al iniciar sesión en el equipo').check();
    await dialog(page).getByLabel('Ninguna').check();
    await dialog(page).getByLabel('Salir y cerrar las sesiones').check();
    await dialog(page).getByLabel('Tema', { exact: true }).selectOption('light');
    await dialog(page).getByLabel('Avisar de los mensajes que llegan').check();
    await go.evaluate((open) => open());
    await expect
      .poll(() => chosen(page))
      .toMatchObject({
        autostart: true,
        notifications: 'off',
        on_close: 'quit',
        theme: 'light',
        incoming_messages: true,
      });
  });

  it('show a choice that was refused as it was before', async () => {
    const page = await settings();
    const { notifications } = await chosen(page);
    expect(notifications).toBe('problems');
    await page.evaluate(() =>
      window.fake.fail('update_settings', new window.Failure('STORE_UNAVAILABLE', 'the disk is full')),
    );
    await dialog(page).getByLabel('Ninguna').click();
    await dialog(page).getByRole('alert').waitFor();
    expect(await dialog(page).getByLabel('Solo cuando una sesión te necesita').isChecked()).toBe(true);
    await dialog(page).getByLabel('Salir y cerrar las sesiones').click();
    await expect.poll(() => dialog(page).getByLabel('Preguntar cada vez').isChecked()).toBe(true);
  });

  it('say what a desk without a tray does, and what a program without a window does not have', async () => {
    const page = await settings();
    await page.evaluate(() => window.fake.setApp({ desk: { tray: false, autostart: null } }));
    await dialog(page).getByText('la ventana se minimiza en vez de ocultarse').waitFor();
    await dialog(page).getByText('El sistema no dice si lo abre').waitFor();
    await expectAccessible(page);
    const headless = await settings({ query: 'headless' });
    await dialog(headless).getByText('Sin ventana no hay bandeja').waitFor();
    expect(await dialog(headless).getByText('Al encender el equipo').count()).toBe(0);
  });

  it.each([
    ['light', 'es', 800, 500],
    ['light', 'es', 1366, 768],
    ['dark', 'en', 800, 500],
  ] as const)('fit: %s %s %i×%i', async (theme, lang, width, height) => {
    const page = await settings({ theme, lang, width, height });
    await expectAccessible(page);
    await screenshot(page, `settings-desk-${theme}-${lang}-${width}`);
  });
});

describe('a start of many', () => {
  const starting = { restoring: true, total: 12, done: 3, ready: 3, attention: 0 };

  it('shows how far it is, also to a page that loads in the middle, and what did not come back', async () => {
    const page = await open({ query: 'x' });
    await page.evaluate((it) => window.fake.setApp({ starting: it }), starting);
    await page.getByText('Recuperando 3 de 12').waitFor();
    const bar = page.getByRole('progressbar', { name: 'Sesiones que arrancan' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('3');
    expect(await bar.getAttribute('aria-valuemax')).toBe('12');
    await expectAccessible(page);
    await screenshot(page, 'starting-light-es');
    await page.evaluate(() => {
      window.fake.disconnect();
      window.fake.reconnect();
    });
    await page.getByText('Recuperando 3 de 12').waitFor();
    await page.evaluate(
      (it) => window.fake.setApp({ starting: { ...it, done: 12, ready: 10, attention: 1 } }),
      starting,
    );
    await page.getByText('10 listas, una te necesita, una lo sigue intentando.').waitFor();
    expect(await bar.count()).toBe(0);
    await screenshot(page, 'starting-over-light-es');
    await page.getByRole('button', { name: 'Verlas' }).click();
    expect(await page.getByRole('button', { name: /^Te necesitan/ }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    await page.evaluate(() => window.fake.setApp({ starting: null }));
    await expect.poll(() => page.getByText('10 listas').count()).toBe(0);
  });

  it('fits a small window in the dark', async () => {
    const page = await open({ lang: 'en', theme: 'dark', width: 800, height: 500 });
    await page.evaluate((it) => window.fake.setApp({ starting: { ...it, restoring: false } }), starting);
    await page.getByText('Starting 3 of 12').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'starting-dark-en-800');
  });
});

it('puts the focus on a card that was asked for, whatever is in front of it', async () => {
  const page = await open({ width: 800, height: 500 });
  await page.getByRole('search').getByRole('textbox').fill('Clínica');
  await expect.poll(() => card(page, 12).count()).toBe(0);
  await page.getByRole('button', { name: 'Ajustes' }).click();
  await dialog(page).waitFor();
  await page.evaluate(() => window.fake.showCliente(12));
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('12');
  expect(await page.locator('dialog[open]').count()).toBe(0);
  await screenshot(page, 'shown-card');
  // What is being written is not lost for it.
  await page.getByRole('button', { name: 'Agregar cliente' }).click();
  await dialog(page).getByLabel('Nombre').fill('Kiosco');
  await page.evaluate(() => window.fake.showCliente(1));
  expect(await dialog(page).getByLabel('Nombre').inputValue()).toBe('Kiosco');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('1');
  await page.evaluate(() => window.fake.showCliente(12));
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('12');
  // One that is gone is no reason to take anything away.
  await page.evaluate(() => window.fake.showCliente(999));
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('12');
});

it('says that sessions are being closed when the end takes a while, and cannot be talked out of it', async () => {
  const page = await open();
  await page.evaluate(() => {
    for (const id of [1, 3]) window.fake.change(id, { browser: 'closing' });
    window.fake.end();
  });
  await dialog(page).getByRole('heading', { name: 'Cerrando las sesiones' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await dialog(page).getByRole('progressbar').count()).toBe(1);
  await expectAccessible(page);
  await screenshot(page, 'ending-light-es');
  await page.evaluate(() => {
    for (const [id] of window.fake.clientes) window.fake.change(id, { browser: 'none' });
  });
  await dialog(page).getByText('Ya casi.').waitFor();
});

it('says before it closes that a desk without a tray minimises the window', async () => {
  const page = await open();
  await page.evaluate(() => {
    window.fake.setApp({ desk: { tray: false, autostart: false } });
    window.fake.requestClose();
  });
  await dialog(page).getByText('no tiene bandeja').waitFor();
  await dialog(page).getByRole('button', { name: 'Seguir en segundo plano' }).click();
  await expect.poll(() => calls(page)).toContain('close_decided');
});
