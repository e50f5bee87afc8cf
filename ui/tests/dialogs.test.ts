/** What dialogs ask, keep and do. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { inEnglish } from '../src/lib/backend/fake/english';
import { calls, card, choose, dialog, open, useBrowser } from './page';

useBrowser();

const lastCall = (page: Page) => page.evaluate(() => window.fake.calls.at(-1));
const fail = (page: Page, command: string, code: string) =>
  page.evaluate(
    ([command, code]) => window.fake.fail(command as never, new window.Failure(code as never, 'details')),
    [command, code],
  );

describe('destroying', () => {
  it('asks first, names the cliente, and does nothing when it is cancelled', async () => {
    const page = await open();
    await choose(page, 1, 'Destruir…');
    await dialog(page).getByText('¿Destruir Ferretería López?').waitFor();
    await page.getByRole('button', { name: 'Cancelar' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(await calls(page)).toEqual([]);
  });

  it('keeps the login and the card unless it is told to forget them', async () => {
    const page = await open();
    await choose(page, 1, 'Destruir…');
    await page.getByRole('button', { name: 'Destruir', exact: true }).click();
    await card(page, 1).getByText('No inicializado').waitFor();
    expect(await lastCall(page)).toEqual({ command: 'destroy', args: { id: 1, forget: false } });
  });

  it('forgets on the separate choice, once however often it is clicked', async () => {
    const page = await open();
    await page.evaluate(() => Object.assign(window, { release: window.fake.hold('destroy') }));
    await choose(page, 1, 'Destruir…');
    await page.getByLabel('Borrar también la vinculación guardada y quitarlo de la lista').check();
    await page.getByRole('button', { name: 'Destruir y borrar' }).dblclick();
    await page.getByRole('button', { name: 'Destruyendo…' }).click({ force: true });
    await page.keyboard.press('Escape');
    await dialog(page).waitFor();
    await page.evaluate(() => (window as unknown as { release: () => void }).release());
    await card(page, 1).waitFor({ state: 'detached' });
    await dialog(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => window.fake.calls)).toEqual([
      { command: 'destroy', args: { id: 1, forget: true } },
    ]);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('wall');
  });

  it('says what went wrong and can be tried again', async () => {
    const page = await open();
    await fail(page, 'destroy', 'DELETE_FAILED');
    await choose(page, 1, 'Destruir…');
    await page.getByRole('button', { name: 'Destruir', exact: true }).click();
    await dialog(page).getByText('No se pudo borrar la vinculación guardada.').waitFor();
    await page.evaluate(() => window.fake.fail('destroy', null));
    await page.getByRole('button', { name: 'Destruir', exact: true }).click();
    await dialog(page).waitFor({ state: 'detached' });
  });
});

describe('sending a test', () => {
  it('keeps what was typed through an error, and shows the result', async () => {
    const page = await open();
    await fail(page, 'send_message', 'SEND_FAILED');
    await card(page, 1).getByRole('button', { name: 'Enviar prueba' }).click();
    const [to, text] = [dialog(page).getByLabel('Número'), dialog(page).getByLabel('Mensaje')];
    await to.fill('12');
    await page.getByRole('button', { name: 'Enviar', exact: true }).click();
    await page.getByText('Escribe el número con su código de país.').waitFor();
    expect(await to.evaluate((it) => it === document.activeElement)).toBe(true);
    expect(await calls(page)).toEqual([]);
    await to.fill('+54 9 11 5555-1234');
    await text.fill('Hola, ¿llega?');
    await page.getByRole('button', { name: 'Enviar', exact: true }).click();
    await page.getByText('WhatsApp no aceptó el mensaje.').waitFor();
    await page.evaluate(() => window.fake.move(1, 'DISCONNECTED_RECOVERABLE', { attempts: 1 }));
    await card(page, 1).getByText('Desconectado (temporal)').waitFor();
    expect(await to.inputValue()).toBe('+54 9 11 5555-1234');
    expect(await text.inputValue()).toBe('Hola, ¿llega?');
    await page.evaluate(() => {
      window.fake.fail('send_message', null);
      window.fake.move(1, 'READY');
    });
    await page.getByRole('button', { name: 'Enviar', exact: true }).click();
    await page.getByText('WhatsApp aceptó el mensaje.').waitFor();
    expect(await lastCall(page)).toEqual({
      command: 'send_message',
      args: { id: 1, to: '+54 9 11 5555-1234', text: 'Hola, ¿llega?' },
    });
  });
});

describe('adding and editing', () => {
  it('takes the next free id, or a free one that was typed', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Agregar cliente' }).click();
    await dialog(page).getByLabel('Nombre').fill('  Kiosco  ');
    await page.getByLabel('Id', { exact: true }).fill('12');
    await page.getByText('Ya hay un cliente con este id.').waitFor();
    await page.getByLabel('Id', { exact: true }).fill('1x');
    await page.getByText('Un número entero, de 1 en adelante.').waitFor();
    await page.getByLabel('Id', { exact: true }).fill('300');
    await page.getByLabel('Iniciar ahora y mostrar el QR').uncheck();
    await page.getByRole('button', { name: 'Agregar', exact: true }).click();
    await card(page, 300).getByText('Kiosco').waitFor();
    expect(await lastCall(page)).toEqual({
      command: 'add_cliente',
      args: { id: 300, name: 'Kiosco', note: '', start: false },
    });
  });

  it('keeps what was typed when it fails', async () => {
    const page = await open();
    await fail(page, 'update_cliente', 'STORE_UNAVAILABLE');
    await choose(page, 1, 'Editar nombre y nota…');
    await dialog(page).getByLabel('Nombre').fill('Ferretería López e Hijos');
    await page.getByRole('button', { name: 'Guardar' }).click();
    await page.getByText('No se pudo leer o guardar.').waitFor();
    expect(await dialog(page).getByLabel('Nombre').inputValue()).toBe('Ferretería López e Hijos');
    await page.evaluate(() => window.fake.fail('update_cliente', null));
    await page.getByRole('button', { name: 'Guardar' }).click();
    await card(page, 1).getByText('Ferretería López e Hijos').waitFor();
  });
});

describe('the test message to itself', () => {
  it('is a switch beside name and note, and is told only when it changed', async () => {
    const page = await open();
    await choose(page, 1, 'Editar nombre y nota…');
    const toggle = dialog(page).getByRole('switch', { name: 'Mensaje de prueba a sí mismo' });
    expect(await toggle.isChecked()).toBe(false);
    await toggle.focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Guardar' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(await lastCall(page)).toEqual({ command: 'set_self_test', args: { id: 1, on: true } });
    await choose(page, 1, 'Editar nombre y nota…');
    expect(await toggle.isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Guardar' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(await calls(page)).toEqual(['update_cliente', 'set_self_test', 'update_cliente']);
  });
});

describe('the large QR', () => {
  it('follows the session: a new code, the check mark, a failure', async () => {
    const page = await open();
    await card(page, 2).getByRole('button', { name: 'Ampliar QR' }).click();
    await dialog(page).getByAltText('Código QR para vincular Clínica San Martín').waitFor();
    await dialog(page).locator('.countdown').waitFor();
    expect(await page.locator('[role=status] .countdown, [aria-live] .countdown').count()).toBe(0);
    await page.evaluate(() => window.fake.change(2, { qr: null, login_step: 'linking' }));
    await dialog(page).getByText('Código aceptado. Vinculando…').waitFor();
    await page.evaluate(() => window.fake.move(2, 'READY'));
    await dialog(page).getByText('Clínica San Martín quedó conectado.').waitFor();
    await page.evaluate(() => window.fake.move(2, 'ERROR'));
    await dialog(page).getByText('Este cliente ya no espera un código.').waitFor();
  });

  it('closes when the cliente is removed', async () => {
    const page = await open();
    await card(page, 2).getByRole('button', { name: 'Ampliar QR' }).click();
    await dialog(page).waitFor();
    await page.evaluate(() => window.fake.remove(2));
    await dialog(page).waitFor({ state: 'detached' });
  });
});

describe('the timeline', () => {
  it('lists changes with time and cause, and goes on while it is open', async () => {
    const page = await open();
    await choose(page, 8, 'Historial…');
    await dialog(page).getByText('Otro programa tiene abierto el perfil de este cliente.').waitFor();
    await page.evaluate(() => window.fake.move(8, 'INITIALIZING'));
    await dialog(page).getByText('Error → Inicializando').waitFor();
  });

  it('tells rest from a stop', async () => {
    const page = await open();
    await page.evaluate(() => window.fake.call('hibernate', { id: 1 }));
    await page.evaluate(() => window.fake.call('start', { id: 1 }));
    await choose(page, 1, 'Historial…');
    await dialog(page).getByText('Conectado → En reposo').waitFor();
    await dialog(page).getByText('En reposo → Reconectando').waitFor();
  });

  it('says what the browser takes and how often the session was restarted', async () => {
    const page = await open();
    await page.evaluate(() => window.fake.change(1, { restarts: 2 }));
    await choose(page, 1, 'Historial…');
    await dialog(page)
      .getByText(/Proceso del navegador: 4312 · Usa 162\sMB · 3\s% CPU/)
      .waitFor();
    await dialog(page).getByText('Se reinició solo 2 veces').waitFor();
  });
});

describe('settings', () => {
  it('lead to the panel of the local API, and the way back is the button in the header', async () => {
    const page = await open();
    const button = page.getByRole('button', { name: 'Ajustes' });
    await button.click();
    await dialog(page).getByRole('button', { name: 'Abrir el panel' }).click();
    await dialog(page).getByRole('heading', { name: 'API local' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await button.evaluate((it) => it === document.activeElement)).toBe(true);
  });

  it('change theme and language at once, and are kept by the backend', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Tema: el del sistema' }).click();
    await page.getByRole('menuitemradio', { name: 'Tema: oscuro' }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Add cliente' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
    expect(await page.evaluate(() => window.fake.app.settings)).toMatchObject({
      language: 'en',
      theme: 'dark',
      on_close: null,
      max_browsers: null,
    });
  });

  it('say how many sessions this computer can run, and take a maximum of 1 to 500', async () => {
    const page = await open();
    await page.evaluate(() =>
      window.fake.setApp({ resources: { ...window.fake.app.resources, fits: 14, running: 9, waiting: 2 } }),
    );
    await page.getByRole('button', { name: 'Ajustes' }).click();
    await dialog(page).getByText('Este equipo puede con unas 14. 9 en marcha. 2 esperan un lugar.').waitFor();
    expect(await dialog(page).getByLabel('Las que permita la memoria').isChecked()).toBe(true);
    await dialog(page).getByLabel('Un máximo propio').check();
    const number = dialog(page).getByLabel('Máximo de sesiones');
    const apply = dialog(page).locator('.number').getByRole('button', { name: 'Aplicar' });
    for (const wrong of ['0', '501', '', '2x']) {
      await number.fill(wrong);
      await dialog(page).getByText('Un número de 1 a 500.').waitFor();
      expect(await number.getAttribute('aria-invalid')).toBe('true');
      expect(await apply.isDisabled()).toBe(true);
    }
    await number.fill('20');
    await dialog(page).getByText('Son más de las que la memoria permite').waitFor();
    await number.press('Enter');
    await expect.poll(() => page.evaluate(() => window.fake.app.settings.max_browsers)).toBe(20);
    expect(await lastCall(page)).toEqual({ command: 'update_settings', args: { max_browsers: 20 } });
    await expect.poll(() => apply.isDisabled()).toBe(true);
    await dialog(page).getByLabel('Las que permita la memoria').check();
    await expect.poll(() => page.evaluate(() => window.fake.app.settings.max_browsers)).toBeNull();
    await number.waitFor({ state: 'detached' });
  });

  it('leave out what only a window has', async () => {
    const page = await open({ query: 'headless' });
    await page.getByRole('button', { name: 'Ajustes' }).click();
    await dialog(page).getByText('Escuchando en http://127.0.0.1:3001').waitFor();
    for (const text of ['Al cerrar la ventana', 'Abrir registros', 'Abrir datos'])
      expect(await dialog(page).getByText(text).count()).toBe(0);
  });
});

describe('closing the window', () => {
  it.each([
    ['Seguir en segundo plano', true, { choice: 'keep_running', remember: true }],
    ['Salir', false, { choice: 'quit', remember: false }],
    ['Cancelar', true, { choice: null, remember: false }],
  ])('%s', async (button, remember, args) => {
    const page = await open();
    await page.evaluate(() => window.fake.requestClose());
    await page.getByLabel('Recordar mi elección').setChecked(remember);
    await page.getByRole('button', { name: button, exact: true }).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(await lastCall(page)).toEqual({ command: 'close_decided', args });
  });

  it('is asked over whatever else is open, and loses nothing of it', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Agregar cliente' }).click();
    await dialog(page).getByLabel('Nombre').fill('Kiosco');
    await page.evaluate(() => window.fake.requestClose());
    await page.keyboard.press('Escape');
    await page.getByText('¿Seguir con las sesiones en segundo plano?').waitFor({ state: 'detached' });
    expect(await dialog(page).getByLabel('Nombre').inputValue()).toBe('Kiosco');
    expect(await lastCall(page)).toEqual({
      command: 'close_decided',
      args: { choice: null, remember: false },
    });
  });
});

describe('failures of buttons', () => {
  it('stay until dismissed, name the cliente, and can be copied', async () => {
    const page = await open();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await fail(page, 'stop', 'NOT_NOW');
    await card(page, 1).getByRole('button', { name: 'Detener' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('Ferretería López: Ahora no se puede hacer.').waitFor();
    await alert.getByText('Espera un momento y mira si algo cambió antes de intentarlo de nuevo.').waitFor();
    await alert.getByRole('button', { name: 'Copiar detalles' }).click();
    await alert.getByText('Copiado').waitFor();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as object;
    expect(copied).toMatchObject({ code: 'NOT_NOW', message: inEnglish('details') });
    await alert.getByRole('button', { name: 'Descartar' }).click();
    await alert.waitFor({ state: 'detached' });
  });
});
