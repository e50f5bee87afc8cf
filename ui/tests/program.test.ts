/** The program itself without a window, as a person in a browser uses it: real sessions, only WhatsApp is simulated. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { card, choose, dialog, expectAccessible, forgive, newPage, useBrowser } from './page';

useBrowser();

const program =
  process.env.SESSION_MANAGER ??
  fileURLToPath(new URL('../../target/debug/session-manager', import.meta.url));
/** A browser has to come up, on a machine that may be busy. */
const PATIENCE = { timeout: 40_000 };

let child: ChildProcess;
let address: string;
let folder: string;

beforeAll(async () => {
  if (!existsSync(program)) throw new Error(`${program} is not built: cargo test --workspace --no-run`);
  folder = mkdtempSync(join(tmpdir(), 'session-manager-'));
  await start(await freePort());
});

afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(port: number): Promise<void> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const options = ['--headless', '--demo', '--api', String(port), '--data-dir', folder, '--init-rate=0'];
  child = spawn(program, [...options, ...sandbox], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (!child.stdout) throw new Error('the program has no output');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  address = line.replace('Control room: ', '');
}

async function stop(): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

it('links, sends, drops, recovers, logs out and destroys', { timeout: 180_000 }, async () => {
  const page = await newPage();
  await page.goto(address);
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
  await page.goto(address);
  await page.getByText('Online').waitFor();
  const port = Number(new URL(address).port);
  await stop();
  await page.getByText('The program does not answer.').waitFor();
  await start(port);
  await page.getByText('Online').waitFor(PATIENCE);
  forgive(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
});
