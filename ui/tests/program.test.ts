/** The program itself without a window, as a person in a browser uses it: real sessions, only WhatsApp is simulated. */
import { afterAll, beforeAll, expect, it } from 'vitest';
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
