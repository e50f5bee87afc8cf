/** Logins of another program: looked for, chosen, copied, refused. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { calls, dialog, expectAccessible, LANGS, open, screenshot, useBrowser, type View } from './page';

useBrowser();

const WORDS = {
  es: {
    open: 'Traer sesiones de otro programa…',
    dir: 'Carpeta del otro programa',
    submit: 'Traer 2 sesiones',
    done: 'Se trajo 1 sesión. 1 no se pudo traer.',
  },
  en: {
    open: 'Bring sessions from another program…',
    dir: 'Folder of the other program',
    submit: 'Bring 2 sessions',
    done: '1 session was brought here. 1 could not be brought.',
  },
  pt: {
    open: 'Trazer sessões de outro programa…',
    dir: 'Pasta do outro programa',
    submit: 'Trazer 2 sessões',
    done: 'Chegou 1 sessão. 1 não pôde ser trazida.',
  },
};

const asked = (page: Page) => page.evaluate(() => window.fake.old.asked);

/** From the empty wall, by its button. */
async function begin(view: View = {}, dir = '/opt/wpp'): Promise<Page> {
  const page = await open({ scene: 'empty', ...view });
  const words = WORDS[view.lang ?? 'es'];
  await page.getByRole('button', { name: words.open }).click();
  await dialog(page).getByLabel(words.dir).fill(dir);
  await page.keyboard.press('Enter');
  return page;
}

it('finds them, says why one cannot be taken, and takes the others over under the ids that were chosen', async () => {
  const page = await begin();
  await dialog(page).getByText('Se encontraron 4 sesiones.').waitFor();
  await dialog(page).getByText('Cierra el otro programa y vuelve a buscar').waitFor();
  expect(
    await dialog(page)
      .getByRole('checkbox', { name: /soporte/ })
      .isDisabled(),
  ).toBe(true);
  const id = dialog(page).getByLabel('Número de cliente para ventas');
  await id.fill('7');
  await dialog(page).getByText('Otra sesión de la lista tiene este número.').first().waitFor();
  expect(await dialog(page).getByRole('button', { name: 'Traer 2 sesiones' }).isDisabled()).toBe(true);
  await id.fill('doce');
  await dialog(page).getByText('Escribe un número entero desde 1.').waitFor();
  expect(await id.getAttribute('aria-invalid')).toBe('true');
  await id.fill('12');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('Se trajeron 2 sesiones.').waitFor();
  expect(await asked(page)).toEqual({
    wanted: [
      { path: '/opt/wpp/sessions/cliente_7/session-cliente_7', id: 7, name: '' },
      { path: '/opt/wpp/.wwebjs_auth/session-ventas', id: 12, name: 'ventas' },
    ],
    start: true,
  });
  expect(await page.evaluate(() => [...window.fake.clientes.keys()])).toEqual([7, 12]);
  await dialog(page).getByRole('button', { name: 'Cerrar', exact: true }).last().click();
  await page.getByText('ventas').first().waitFor();
});

it('never offers the number of a cliente that has a login', async () => {
  const page = await open();
  await page.evaluate(() => {
    const known = [...window.fake.clientes.values()].find(({ saved_login }) => saved_login);
    const [first] = window.fake.old.found.logins;
    if (first && known) first.id = known.id;
  });
  await page.getByRole('button', { name: 'Agregar cliente' }).click();
  await dialog(page)
    .getByRole('button', { name: /Trae sus sesiones sin escanear/ })
    .click();
  await dialog(page).getByLabel('Carpeta del otro programa').fill('/opt/wpp');
  await dialog(page).getByRole('button', { name: 'Buscar' }).click();
  await dialog(page)
    .getByText(/ya tiene vinculación o está en marcha/)
    .waitFor();
  expect(await dialog(page).getByRole('button', { name: 'Traer 2 sesiones' }).isDisabled()).toBe(true);
  // It is left out, and the other one can go.
  await dialog(page)
    .getByRole('checkbox', { name: /cliente_7/ })
    .uncheck();
  expect(await dialog(page).getByRole('button', { name: 'Traer 1 sesión' }).isEnabled()).toBe(true);
});

it('says what is wrong with a folder, and keeps what was written', async () => {
  const page = await begin({}, 'sessions');
  const field = dialog(page).getByLabel('Carpeta del otro programa');
  await dialog(page).getByText('Escribe la ruta completa, desde la raíz del disco.').waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await field.fill('/missing');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('No hay ninguna carpeta con esa ruta').waitFor();
  await field.fill('/empty');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('En esta carpeta no hay sesiones').waitFor();
  expect(await field.inputValue()).toBe('/empty');
  await expectAccessible(page);
});

it('looks into the folder that is chosen in the dialog of the system, which begins at what was written', async () => {
  const page = await begin({}, '/opt/wpp-old');
  await dialog(page).getByText('Se encontraron 4 sesiones.').waitFor();
  const field = dialog(page).getByLabel('Carpeta del otro programa');
  await field.fill('/missing');
  const go = await page.evaluateHandle(() => window.fake.hold('choose_folder'));
  const choose = dialog(page).getByRole('button', { name: 'Elegir carpeta…' });
  await choose.focus();
  await page.keyboard.press('Enter');
  // One dialog of the system at a time.
  await page.keyboard.press('Enter');
  expect(await choose.getAttribute('aria-disabled')).toBe('true');
  await go.evaluate((open) => open());
  await dialog(page).getByText('Se encontraron 4 sesiones.').waitFor();
  expect(await field.inputValue()).toBe('/opt/wpp');
  expect(await choose.evaluate((it) => it === document.activeElement)).toBe(true);
  expect(await page.evaluate(() => window.fake.old.from)).toBe('/missing');
  expect((await calls(page)).filter((name) => name === 'choose_folder')).toEqual(['choose_folder']);
});

it('leaves what was written where no folder is chosen, and says why none can be', async () => {
  const page = await begin({}, '/empty');
  await dialog(page).getByText('En esta carpeta no hay sesiones').waitFor();
  const field = dialog(page).getByLabel('Carpeta del otro programa');
  await page.evaluate(() => {
    window.fake.old.chosen = null;
  });
  const choose = dialog(page).getByRole('button', { name: 'Elegir carpeta…' });
  await choose.click();
  await choose.and(page.locator('[aria-disabled=false]')).waitFor();
  expect(await field.inputValue()).toBe('/empty');
  expect((await calls(page)).filter((name) => name === 'find_old_logins')).toHaveLength(1);
  await page.evaluate(() =>
    window.fake.fail('choose_folder', new window.Failure('NOT_NOW', 'a dialog is open')),
  );
  await choose.click();
  await dialog(page).getByRole('alert').waitFor();
  expect(await field.inputValue()).toBe('/empty');
});

it('offers no dialog of the system to a page in a browser: its folders are not the ones meant', async () => {
  const page = await begin({ query: 'headless' });
  await dialog(page).getByText('Se encontraron 4 sesiones.').waitFor();
  expect(await dialog(page).getByRole('button', { name: 'Elegir carpeta…' }).count()).toBe(0);
});

it('is cancelled, says so of each, and searches again', async () => {
  const page = await begin();
  const go = await page.evaluateHandle(() => window.fake.hold('import_progress'));
  await dialog(page).getByRole('button', { name: 'Traer 2 sesiones' }).click();
  await dialog(page).getByRole('button', { name: 'Cancelar la copia' }).click();
  await dialog(page).getByText('Cancelando…').waitFor();
  await go.evaluate((open) => open());
  await dialog(page).getByText('No se trajo ninguna sesión.').waitFor();
  expect(await dialog(page).getByText('Se canceló. No quedó nada a medias.').count()).toBe(2);
  await dialog(page).getByRole('button', { name: 'Buscar otra vez' }).click();
  await dialog(page).getByText('Se encontraron 4 sesiones.').waitFor();
});

it('goes on when its dialog is closed, and is found again', async () => {
  const page = await begin();
  const go = await page.evaluateHandle(() => window.fake.hold('import_progress'));
  await dialog(page).getByRole('button', { name: 'Traer 2 sesiones' }).click();
  await dialog(page).getByText('Copiando 2 sesiones').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.locator('dialog[open]').count()).toBe(0);
  expect(
    await page.evaluate(() => window.fake.calls.some(({ command }) => command === 'cancel_import')),
  ).toBe(false);
  await page.getByRole('button', { name: WORDS.es.open }).click();
  await go.evaluate((open) => open());
  await dialog(page).getByText('Se trajeron 2 sesiones.').waitFor();
});

for (const lang of LANGS)
  for (const theme of ['light', 'dark'] as const)
    it(`looks right in ${lang}, ${theme}, in a small window`, async () => {
      const page = await begin({ lang, theme, width: 800, height: 500 });
      const words = WORDS[lang];
      const submit = dialog(page).getByRole('button', { name: words.submit });
      await submit.waitFor();
      await expectAccessible(page);
      await screenshot(page, `old-found-${lang}-${theme}-800`);
      await page.evaluate(() =>
        window.fake.old.refused.set('/opt/wpp/.wwebjs_auth/session-ventas', 'no_space'),
      );
      const go = await page.evaluateHandle(() => window.fake.hold('import_progress'));
      await submit.click();
      await dialog(page).locator('li').first().waitFor();
      expect(await dialog(page).getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
      await expectAccessible(page);
      await screenshot(page, `old-copies-${lang}-${theme}-800`);
      await go.evaluate((open) => open());
      await dialog(page).getByText(words.done).waitFor();
      await expectAccessible(page);
      await screenshot(page, `old-done-${lang}-${theme}-800`);
    });
