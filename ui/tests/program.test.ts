/** The program itself without a window, as a person in a browser uses it: real sessions, only WhatsApp is simulated. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { es } from '../src/lib/i18n/es';
import { card, choose, dialog, expectAccessible, forgive, newPage, useBrowser } from './page';
import { PATIENCE, Program } from './programs';

useBrowser();

const program = new Program();
beforeAll(() => program.start('--demo'));
afterAll(() => program.end());

it('links, sends, drops, recovers, logs out and destroys', { timeout: 180_000 }, async () => {
  const page = await newPage();
  await page.goto(program.address);
  await page.getByRole('button', { name: 'Agregar cliente' }).first().click();
  await dialog(page).getByLabel('Nombre').fill('Ventas');
  await dialog(page).getByRole('button', { name: 'Agregar' }).click();
  await card(page, 1)
    .getByRole('img', { name: /Código QR/ })
    .waitFor(PATIENCE);
  await expectAccessible(page);

  const phone = page.getByRole('complementary', { name: 'Teléfono simulado' });
  const act = (action: string) => phone.getByRole('button', { name: action, exact: true }).click();
  await card(page, 1).getByRole('button', { name: 'Teléfono simulado: Ventas' }).click();
  const before = await card(page, 1)
    .getByRole('img', { name: /Código QR/ })
    .getAttribute('src');
  await act('Renovar el QR ya');
  await expect
    .poll(
      () =>
        card(page, 1)
          .getByRole('img', { name: /Código QR/ })
          .getAttribute('src'),
      PATIENCE,
    )
    .not.toBe(before);
  await act('Escanear el QR');
  await card(page, 1).getByText('Conectado correctamente a WhatsApp').waitFor(PATIENCE);

  await card(page, 1).getByRole('button', { name: 'Enviar prueba: Ventas' }).click();
  await dialog(page).getByLabel('Número').fill('+54 9 11 5555-1234');
  await dialog(page).getByRole('button', { name: 'Enviar', exact: true }).click();
  await dialog(page).getByText('WhatsApp aceptó el mensaje.').waitFor(PATIENCE);
  await dialog(page).getByRole('button', { name: 'Cerrar' }).last().click();

  await act('Cortar la red');
  await card(page, 1)
    .getByText(/Desconexión temporal/)
    .waitFor(PATIENCE);
  await act('Devolver la red');
  await card(page, 1).getByText('Conectado correctamente a WhatsApp').waitFor(PATIENCE);

  await choose(page, 1, 'Cerrar sesión en WhatsApp…');
  await dialog(page).getByRole('button', { name: 'Cerrar sesión' }).click();
  await card(page, 1).getByText('Sesión cerrada. Debes reiniciar la conexión.').waitFor(PATIENCE);
  await choose(page, 1, 'Destruir…');
  await dialog(page).getByRole('checkbox').check();
  await dialog(page).getByRole('button', { name: 'Destruir y borrar' }).click();
  await card(page, 1).waitFor({ state: 'detached', ...PATIENCE });
});

it('takes a list in as a whole, and gives it back', { timeout: 90_000 }, async () => {
  const page = await newPage();
  await page.goto(program.address);
  await page.getByText('En línea').waitFor(PATIENCE);
  await page.keyboard.press('Control+k');
  await dialog(page).getByRole('combobox').fill('importar');
  await page.keyboard.press('Enter');
  await dialog(page)
    .locator('input[type=file]')
    .setInputFiles({
      name: 'clientes.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        'id;nombre;nota\r\n40;Ferretería López;Mostrador\r\n;Óptica Central;\r\n',
        'latin1',
      ),
    });
  await dialog(page).getByRole('button', { name: 'Agregar los 2' }).click();
  await page.getByText('2 clientes agregados.').first().waitFor(PATIENCE);
  await expectAccessible(page);
  await card(page, 40).getByText('Ferretería López').waitFor();
  await page.getByRole('heading', { name: 'Óptica Central' }).waitFor();

  await page.getByRole('button', { name: es['app.menu'], exact: true }).click();
  await page.getByRole('menuitem', { name: es['export.open'] }).click();
  const download = page.waitForEvent('download');
  await dialog(page)
    .getByRole('button', { name: /^Exportar \d+$/ })
    .click();
  const text = readFileSync(await (await download).path(), 'utf8');
  expect(text).toMatch(/^\uFEFF/);
  expect(text).toMatch(/40[;,]Ferretería López[;,]Mostrador/);
});

it('writes a bundle for support, without what is private', { timeout: 120_000 }, async () => {
  const page = await newPage();
  await page.goto(program.address);
  await page.getByRole('button', { name: es['app.menu'], exact: true }).click();
  await page.getByRole('menuitem', { name: es['bundle.open'] }).click();
  await dialog(page).getByRole('button', { name: es['bundle.create'] }).click();
  const link = dialog(page).getByRole('link', { name: es['bundle.download'] });
  await link.waitFor({ timeout: 60_000 });
  const download = page.waitForEvent('download');
  await link.click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^session-manager-support-.*\.zip$/);
  const bytes = readFileSync(await file.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  expect(bytes.includes('Ferretería')).toBe(false);
});

it('greys when the program is gone, and comes back with it', { timeout: 90_000 }, async () => {
  const page = await newPage({ lang: 'en' });
  await page.goto(program.address);
  await page.getByText('Online').waitFor();
  await program.stop();
  await page.getByText('The program does not answer.').waitFor();
  await program.start('--demo');
  await page.getByText('Online').waitFor(PATIENCE);
  forgive(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
});
