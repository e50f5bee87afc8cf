/** Keys and web pages of the local API. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import { dialog, expectAccessible, open, screenshot, useBrowser, type View, SPREAD } from './page';

useBrowser();

const lastCall = (page: Page, command: string) =>
  page.evaluate((name) => window.fake.calls.findLast((call) => call.command === name)?.args, command);
const count = (page: Page, command: string) =>
  page.evaluate((name) => window.fake.calls.filter((call) => call.command === name).length, command);
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent?.trim());

async function openSection(section: string, view: View = {}): Promise<Page> {
  const page = await open(view);
  await page.getByRole('button', { name: 'API local' }).click();
  await page.getByRole('tab', { name: section }).click();
  return page;
}

async function createKey(page: Page, name = 'Tablero'): Promise<void> {
  await page.getByRole('button', { name: 'Crear clave' }).click();
  await page.getByLabel('Nombre', { exact: true }).fill(name);
  await page.getByRole('checkbox', { name: 'Leer' }).check();
  await page.getByRole('button', { name: 'Crear', exact: true }).click();
  await dialog(page).getByText('es la única vez que se muestra').waitFor();
}

const secret = (page: Page) => dialog(page).locator('code').first();

describe('a key', () => {
  it('is created, its secret shows once, and then it is listed', async () => {
    const page = await openSection('Claves');
    await page.getByText('Una clave dice qué programa llama').waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await createKey(page);
    expect(await lastCall(page, 'create_key')).toEqual({ name: 'Tablero', scopes: ['read'] });
    const told = (await secret(page).textContent()) ?? '';
    expect(told).toMatch(/^smk_/);
    await dialog(page).getByText(`-H "X-API-Key: ${told}"`).waitFor();
    await page.getByRole('button', { name: 'Copiar la clave' }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(told);
    await page.getByRole('button', { name: 'Ya la guardé' }).click();
    await page.getByText('Se creó la clave Tablero.').waitFor();
    await page.getByRole('heading', { name: 'Tablero' }).waitFor();
    expect(await page.evaluate((it) => document.documentElement.innerHTML.includes(it), told)).toBe(false);
    expect(await focused(page)).toBe('Crear clave');
  });

  it('is not left uncopied without a question, by Escape or by the cross', async () => {
    const page = await openSection('Claves');
    await createKey(page);
    await page.keyboard.press('Escape');
    await page.getByText('No la copiaste').waitFor();
    expect(await focused(page)).toBe('Volver');
    await page.keyboard.press('Escape');
    await secret(page).waitFor();
    await page.getByRole('button', { name: 'Volver' }).click();
    await page.getByText('No la copiaste').waitFor({ state: 'detached' });
    await dialog(page).getByRole('button', { name: 'Cerrar', exact: true }).click();
    await page.getByRole('button', { name: 'Cerrar sin copiar' }).click();
    await page.getByRole('heading', { name: 'Tablero' }).waitFor();
    expect(await page.locator('dialog[open]').count()).toBe(1);
  });

  it('needs a name that is free and something that it may do, and nothing typed is lost', async () => {
    const page = await openSection('Claves', { query: 'access' });
    await page.getByText('3 claves').waitFor();
    await page.getByRole('button', { name: 'Crear clave' }).click();
    await page.getByRole('button', { name: 'Crear', exact: true }).click();
    await page.getByText('Escribe un nombre.').waitFor();
    await page.getByText('Elige al menos una cosa.').waitFor();
    expect(await count(page, 'create_key')).toBe(0);
    const name = page.getByLabel('Nombre', { exact: true });
    await name.fill('Tablero');
    await page.getByRole('checkbox', { name: 'Enviar' }).check();
    await page.getByRole('button', { name: 'Crear', exact: true }).click();
    await page.getByText('Ya hay una clave con este nombre.').waitFor();
    expect(await name.inputValue()).toBe('Tablero');
    await expect.poll(() => name.evaluate((it) => it === document.activeElement)).toBe(true);
  });

  it('is revoked after a question that names it', async () => {
    const page = await openSection('Claves', { query: 'access' });
    await page.getByRole('button', { name: 'Revocar Tablero' }).click();
    await dialog(page).getByRole('heading', { name: '¿Revocar la clave Tablero?' }).waitFor();
    await dialog(page).getByText('podrán seguir llamando sin ninguna').waitFor();
    expect(await focused(page)).toBe('Cancelar');
    await dialog(page).getByRole('button', { name: 'Revocar' }).click();
    await page.getByText('Se revocó la clave Tablero.').waitFor();
    await page.getByText('2 claves').waitFor();
    expect(await lastCall(page, 'revoke_key')).toEqual({ key: 'k3f9a1c2' });
    // Its button is gone, so the focus is at the panel, not behind it.
    const inside = () => page.evaluate(() => document.activeElement?.closest('dialog') !== null);
    await expect.poll(inside).toBe(true);
  });

  it('is rotated: the question says what stops, then the new secret shows', async () => {
    const page = await openSection('Claves', { query: 'access' });
    await page.getByRole('button', { name: 'Renovar guiones' }).click();
    await dialog(page).getByText('el actual deja de valer en el acto').waitFor();
    await dialog(page).getByRole('button', { name: 'Renovar' }).click();
    await dialog(page).getByText('es la única vez que se muestra').waitFor();
    await page.getByRole('button', { name: 'Ya la guardé' }).click();
    await page.getByText('Se renovó la clave guiones.').waitFor();
  });

  it('that somebody else made appears, and the list stays while the program is silent', async () => {
    const page = await openSection('Claves', { query: 'access' });
    await page.getByText('3 claves').waitFor();
    await page.evaluate(() => {
      window.fake.keys = window.fake.keys.slice(1);
      window.fake.reconnect();
    });
    await page.getByText('2 claves').waitFor();
    await page.evaluate(() => {
      window.fake.fail('keys', new window.Failure('STORE_UNAVAILABLE', 'disk'));
      window.fake.reconnect();
    });
    await page.getByText('No se pudo leer o guardar.').waitFor();
    await page.getByText('2 claves').waitFor();
  });
});

describe('the switch', () => {
  it('says what happens, and warns where no key could be shown', async () => {
    const page = await openSection('Claves');
    const toggle = page.getByRole('switch', { name: 'Pedir una clave a quien llame' });
    await page.getByText('los que no manden una dejan de funcionar en el acto').waitFor();
    await toggle.check();
    await page.getByText('Los programas sin clave se rechazan.').waitFor();
    await page.getByText('se rechaza a todos los programas').waitFor();
    expect(await lastCall(page, 'update_settings')).toEqual({ api_key_required: true });
    await page.evaluate(() =>
      window.fake.fail('update_settings', new window.Failure('STORE_UNAVAILABLE', 'disk')),
    );
    await toggle.click();
    await page.getByText('No se pudo leer o guardar.').waitFor();
    expect(await toggle.isChecked()).toBe(true);
  });

  it.each([
    ['127.0.0.1:3001', 'lo pide una opción con la que se inició el programa'],
    ['0.0.0.0:3001', 'otros equipos pueden llegar a la API'],
  ])('is held on with its reason on %s', async (address, reason) => {
    const page = await openSection('Claves');
    await page.evaluate(
      (address) => window.fake.setApp({ api: { ...window.fake.app.api, address, key_required: true } }),
      address,
    );
    await page.getByText(reason).waitFor();
    const toggle = page.getByRole('switch', { name: 'Pedir una clave a quien llame' });
    expect(await toggle.isChecked()).toBe(true);
    expect(await toggle.isDisabled()).toBe(true);
  });
});

describe('the web pages', () => {
  const field = (page: Page) => page.getByLabel('Origen', { exact: true });

  it('are added; one that is none is named, and nothing typed is lost', async () => {
    const page = await openSection('Páginas web');
    await page.getByText('Ninguna página puede llamar.').waitFor();
    await field(page).fill('https://a.example.com, *.example.com');
    await page.keyboard.press('Enter');
    await page.getByText('«*.example.com» no es un origen.').waitFor();
    expect(await field(page).inputValue()).toBe('https://a.example.com, *.example.com');
    expect(await field(page).getAttribute('aria-invalid')).toBe('true');
    await field(page).fill('https://a.example.com, HTTP://localhost:5173/');
    await page.getByRole('button', { name: 'Permitir' }).click();
    await page.getByText('Se permitieron 2 orígenes.').waitFor();
    expect(await dialog(page).getByRole('listitem').allTextContents()).toEqual([
      expect.stringContaining('http://localhost:5173'),
      expect.stringContaining('https://a.example.com'),
    ]);
    expect(await field(page).inputValue()).toBe('');
  });

  it('are removed, and come back; fixed ones cannot go', async () => {
    const page = await openSection('Páginas web', { query: 'access' });
    await page.getByText('https://intranet.example.com').waitFor();
    await page.getByText('Fijo', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Quitar https://intranet.example.com' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Quitar https://panel.example.com' }).click();
    await page.getByText('Se quitó https://panel.example.com').waitFor();
    expect(await lastCall(page, 'update_settings')).toEqual({ allowed_origins: ['http://localhost:5173'] });
    expect(await dialog(page).getByRole('listitem').count()).toBe(2);
    await page.getByRole('button', { name: 'Deshacer' }).click();
    await expect.poll(() => dialog(page).getByRole('listitem').count()).toBe(3);
  });
});

const WORDS = { es, en, pt };

describe.each(SPREAD)('in $lang, $theme', ({ lang, theme }) => {
  it.each(['', 'access'])('keys and web pages look right: %s', async (query) => {
    const words = WORDS[lang];
    const [keys, pages, panel] = [
      words['api.section.keys'],
      words['api.section.origins'],
      words['api.title'],
    ];
    const page = await open({ lang, theme, query, width: 1100, height: 720 });
    await page.getByRole('button', { name: panel }).click();
    const name = (what: string) => `${what}-${query || 'empty'}-${lang}-${theme}`;
    for (const [tab, what] of [
      [keys, 'keys'],
      [pages, 'origins'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel', { name: tab }).getByRole('heading').first().waitFor();
      await expectAccessible(page);
      await screenshot(page, name(what));
    }
  });
});

it.each(['light', 'dark'] as const)('the dialogs of keys look right in %s', async (theme) => {
  const page = await openSection('Claves', { theme, query: 'access', width: 1100, height: 720 });
  await page.getByRole('button', { name: 'Crear clave' }).click();
  await page.getByRole('button', { name: 'Crear', exact: true }).click();
  await expectAccessible(page);
  await screenshot(page, `key-create-${theme}`);
  await page.getByLabel('Nombre', { exact: true }).fill('Ventas');
  await page.getByRole('checkbox', { name: 'Leer' }).check();
  await page.getByRole('button', { name: 'Crear', exact: true }).click();
  await secret(page).waitFor();
  await expectAccessible(page);
  await screenshot(page, `key-secret-${theme}`);
  await page.keyboard.press('Escape');
  await page.getByText('No la copiaste').waitFor();
  await expectAccessible(page);
  await screenshot(page, `key-secret-asks-${theme}`);
  await page.getByRole('button', { name: 'Cerrar sin copiar' }).click();
  await page.getByRole('button', { name: 'Revocar Tablero' }).click();
  await expectAccessible(page);
  await screenshot(page, `key-revoke-${theme}`);
});

it.each([
  ['Claves', 800, 500, 1],
  ['Claves', 1366, 768, 2],
  ['Páginas web', 800, 500, 1],
  ['Páginas web', 1366, 768, 2],
] as const)('%s fits %i×%i with text %i times as large', async (section, width, height, zoom) => {
  const page = await openSection(section, { query: 'access', width, height });
  await page.evaluate((zoom) => (document.documentElement.style.fontSize = `${zoom * 100}%`), zoom);
  await dialog(page).getByRole('listitem').nth(2).waitFor();
  const wide = await dialog(page).evaluate((it) =>
    [it, ...it.querySelectorAll('*')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'auto')
      .map((one) => one.className),
  );
  expect(wide).toEqual([]);
  await expectAccessible(page);
  await screenshot(page, `access-${section === 'Claves' ? 'keys' : 'origins'}-${width}-${zoom}`);
});
