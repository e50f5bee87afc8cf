/** Many clientes at once: chosen, acted on, listed, found, taken in and written out. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { calls, card, dialog, expectAccessible, open, screenshot, useBrowser } from './page';

useBrowser();

const bar = (page: Page) => page.getByRole('toolbar');
const pick = (page: Page, id: number) => page.locator(`[data-cliente="${id}"] input[type=checkbox]`);
const argsOf = (page: Page, command: string) =>
  page.evaluate(
    (name) => window.fake.calls.filter((it) => it.command === name).map((it) => it.args),
    command,
  );

describe('choosing', () => {
  it('takes a click with Ctrl, a range with Shift, all with Ctrl+A, and nothing after Escape', async () => {
    const page = await open();
    await card(page, 1)
      .locator('h2')
      .click({ modifiers: ['Control'] });
    await bar(page).getByText('1 seleccionada').waitFor();
    await card(page, 5)
      .locator('h2')
      .click({ modifiers: ['Shift'] });
    await bar(page).getByText('3 seleccionadas').waitFor();
    await page.getByLabel('Buscar por nombre, número o id').fill('a');
    await card(page, 1).locator('[aria-haspopup=menu]').focus();
    await page.keyboard.press('Control+a');
    const shown = await page.locator('article').count();
    await bar(page).getByText(`${shown} seleccionadas`).waitFor();
    await page.keyboard.press('Escape');
    await bar(page).waitFor({ state: 'detached' });
    expect(await calls(page)).toEqual([]);
  });

  it('shows its box with the pointer, and works with the key X', async () => {
    const page = await open();
    const opacity = () =>
      page.locator('[data-cliente="3"] .pick').evaluate((it) => getComputedStyle(it).opacity);
    expect(await opacity()).toBe('0');
    await card(page, 3).hover();
    await expect.poll(opacity).toBe('1');
    await card(page, 3).locator('[aria-haspopup=menu]').focus();
    await page.keyboard.press('x');
    await bar(page).getByText('1 seleccionada').waitFor();
    expect(await pick(page, 3).isChecked()).toBe(true);
  });

  it('forgets those that a filter hides: nothing is done to what nobody sees', async () => {
    const page = await open();
    await pick(page, 1).check({ force: true });
    await pick(page, 2).check({ force: true });
    await page.getByLabel('Buscar por nombre, número o id').fill('clínica');
    await bar(page).getByText('1 seleccionada').waitFor();
  });
});

describe('acting', () => {
  it('says to how many each thing applies', async () => {
    const page = await open();
    for (const id of [1, 3, 12]) await pick(page, id).check({ force: true });
    for (const name of ['Iniciar 1', 'Detener 2', 'Reiniciar 2', 'En reposo 2', 'Destruir 3'])
      await bar(page).getByRole('button', { name, exact: true }).waitFor();
    await bar(page).getByRole('button', { name: 'En reposo 2' }).click();
    await page.getByText('2 en reposo.').first().waitFor();
    expect(await argsOf(page, 'hibernate')).toEqual([{ id: 1 }, { id: 3 }]);
  });

  it('names who is destroyed, does it once for a double click, and asks for what cannot be undone', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Elegir varias' }).click();
    await bar(page).getByRole('button', { name: 'Elegir las 12' }).click();
    await bar(page).getByRole('button', { name: 'Destruir 12' }).click();
    await dialog(page).getByText('#1 Ferretería López').waitFor();
    await dialog(page).getByText('y 6 más').waitFor();
    await dialog(page).getByLabel('Borrar también las vinculaciones').check();
    await dialog(page).getByRole('button', { name: 'Destruir y borrar los 12' }).dblclick();
    await page.getByText('12 clientes destruidos.').first().waitFor();
    expect((await argsOf(page, 'destroy')).length).toBe(12);
  });

  it('tells the truth about those that failed, and tries only them again', async () => {
    const page = await open();
    await page.evaluate(() => {
      const { fake, Failure } = window;
      const call = fake.call.bind(fake);
      fake.call = ((command: string, args: { id: number }) =>
        command === 'stop' && args.id === 3
          ? Promise.reject(new Failure('TIMED_OUT', 'no answer'))
          : call(command as 'stop', args)) as typeof fake.call;
    });
    for (const id of [1, 3, 5]) await pick(page, id).check({ force: true });
    await bar(page).getByRole('button', { name: 'Detener 3' }).click();
    await dialog(page).getByRole('button', { name: 'Detener las 3' }).click();
    await page.getByText('2 de 3; 1 falló.').waitFor();
    await page.getByText('Panadería La Espiga: Tardó demasiado.').waitFor();
    await expectAccessible(page);
    await screenshot(page, 'bulk-failed');
    await page.evaluate(() => delete (window.fake as Partial<typeof window.fake>).call);
    await page.getByRole('button', { name: 'Reintentar la que falló' }).click();
    await page.getByText('1 detenida.').first().waitFor();
    expect(await argsOf(page, 'stop')).toEqual([{ id: 1 }, { id: 5 }, { id: 3 }]);
  });

  it('starts again what it stopped', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Menú del programa' }).click();
    await page.getByRole('menuitem', { name: 'Detener todas (9)…' }).click();
    await dialog(page).getByRole('button', { name: 'Detener las 9' }).click();
    await page.getByRole('button', { name: 'Iniciar de nuevo las 9' }).click();
    await page.getByText('Se pidió iniciar 9.').first().waitFor();
    const [stopped, started] = await Promise.all([argsOf(page, 'stop'), argsOf(page, 'start')]);
    expect(started).toEqual(stopped);
  });

  it('runs four at a time, shows how far it is, and leaves the others alone when told so', async () => {
    const page = await open();
    await page.evaluate(() => Object.assign(window, { release: window.fake.hold('restart') }));
    await page.getByRole('button', { name: 'Menú del programa' }).click();
    await page.getByRole('menuitem', { name: /^Reiniciar todas/ }).click();
    await dialog(page).getByRole('button', { name: 'Reiniciar las 9' }).click();
    await page.getByText('Reiniciando: 0 de 9').waitFor();
    expect((await argsOf(page, 'restart')).length).toBe(4);
    await screenshot(page, 'bulk-progress');
    await page.getByRole('button', { name: 'No seguir con las demás' }).click();
    await page.evaluate(() => (window as unknown as { release: () => void }).release());
    await page.getByText('5 quedaron como estaban.').waitFor();
    expect((await argsOf(page, 'restart')).length).toBe(4);
  });
});

describe('the list', () => {
  const names = (page: Page) => page.locator('[role=row] .name strong').allTextContents();

  it('comes by itself for many, is chosen for few, and sorts by its heads', async () => {
    const many = await open({ scene: 'fifty' });
    await many.getByRole('table').waitFor();
    const page = await open();
    await page.getByRole('button', { name: 'Cómo se ven' }).click();
    await page.getByRole('menuitemradio', { name: 'Lista', exact: true }).click();
    const head = page.getByRole('columnheader', { name: 'Nombre' });
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    const up = await names(page);
    expect(up[0]).toBe('Clínica San Martín');
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect(await names(page)).toEqual(up.reverse());
    await page.reload();
    await page.locator('main[aria-busy=false]').waitFor();
    expect((await names(page))[0]).toBe('Veterinaria Huellas');
  });

  it('has the same buttons as the cards, and a QR to enlarge', async () => {
    const page = await open({ scene: 'fifty' });
    const row = page.locator('[role=row][data-id="1"]');
    await row.getByRole('button', { name: /^Ampliar QR/ }).click();
    await dialog(page).waitFor();
    await page.keyboard.press('Escape');
    await row.locator('[aria-haspopup=menu]').click();
    await page.getByRole('menuitem', { name: 'Destruir…' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    const at = () =>
      page.evaluate(() => document.activeElement?.closest('[role=row]')?.getAttribute('aria-rowindex'));
    expect(await at()).toBe('3');
  });

  it.each([
    [800, 500, 'light'],
    [1366, 768, 'dark'],
  ] as const)('fits %i×%i in %s', async (width, height, theme) => {
    const page = await open({ scene: 'fifty', width, height, theme });
    await pick(page, 1).check({ force: true });
    const wide = await page.evaluate(() => {
      const main = document.querySelector('main');
      return main !== null && main.scrollWidth > main.clientWidth;
    });
    expect(wide).toBe(false);
    await expectAccessible(page);
    await screenshot(page, `list-${width}-${theme}`);
  });
});

describe('the palette', () => {
  it('finds a cliente without accents and does something with it, by keys alone', async () => {
    const page = await open();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('optica');
    await dialog(page)
      .getByRole('option', { name: /Óptica Central/ })
      .waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('deten');
    await page.keyboard.press('Enter');
    await card(page, 7).getByText('No inicializado').waitFor();
    expect(await argsOf(page, 'stop')).toEqual([{ id: 7 }]);
    expect(await page.locator('dialog[open]').count()).toBe(0);
  });

  it('goes back with Escape, and then closes', async () => {
    const page = await open();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('hotel');
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('heading', { name: 'Hotel Bahía' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).getByRole('heading', { name: 'Buscar y hacer' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  });

  it('opens what is about the whole', async () => {
    const page = await open();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('atajos');
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('heading', { name: 'Atajos de teclado' }).waitFor();
  });
});

describe('files', () => {
  const importing = async (page: Page) => {
    await page.getByRole('button', { name: 'Menú del programa' }).click();
    await page.getByRole('menuitem', { name: 'Importar clientes…' }).click();
  };
  const file = (text: string) => ({ name: 'lista.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

  it('takes a list in, starts nothing unasked, and takes it back', async () => {
    const page = await open();
    await importing(page);
    await page
      .locator('input[type=file]')
      .setInputFiles(file('id;nombre;nota\r\n20;Kiosco Sol;\r\n;Almacén Ñ;de noche\r\n'));
    await dialog(page).getByText('2 clientes').waitFor();
    await dialog(page).getByRole('button', { name: 'Agregar los 2' }).dblclick();
    await card(page, 13).getByText('Almacén Ñ').waitFor();
    expect(await argsOf(page, 'import_clientes')).toEqual([
      {
        clientes: [
          { id: 20, name: 'Kiosco Sol', note: '' },
          { id: null, name: 'Almacén Ñ', note: 'de noche' },
        ],
        start: false,
      },
    ]);
    await page.evaluate(() => window.fake.move(13, 'INITIALIZING'));
    await page.getByRole('button', { name: 'Quitar los 2 agregados' }).click();
    await card(page, 20).waitFor({ state: 'detached' });
    await page.getByText('1 ya se inició y se queda.').first().waitFor();
    expect(await argsOf(page, 'destroy')).toEqual([{ id: 20, forget: true }]);
  });

  it('names each bad line, adds nothing, and says what the program refused meanwhile', async () => {
    const page = await open();
    await importing(page);
    await page.locator('input[type=file]').setInputFiles(file('id,nombre\n1,Uno\n40,Dos\n40,Tres\nx,Cuatro'));
    await dialog(page).getByText('Ya hay un cliente con este id.').waitFor();
    await dialog(page).getByText('El mismo id está en la línea 3.').waitFor();
    await dialog(page).getByText('El id no es un número entero').waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Agregar los 4' }).isDisabled()).toBe(true);
    await page.locator('input[type=file]').setInputFiles(file('id,nombre\n50,Dos\n51,Tres'));
    await page.evaluate(() => {
      const answer = { added: [], refused: [{ row: 1, problem: 'id_taken' }], unstarted: null };
      window.fake.call = (() => Promise.resolve(answer)) as unknown as typeof window.fake.call;
    });
    await dialog(page).getByRole('button', { name: 'Agregar los 2' }).click();
    await dialog(page).getByText('Corrige 1 línea').waitFor();
    await page.locator('article[data-id="51"]').waitFor({ state: 'detached' });
  });

  it('takes cells that are pasted', async () => {
    const page = await open({ scene: 'empty' });
    await page.getByRole('button', { name: 'Importar clientes…' }).click();
    await dialog(page).locator('[type=file]').waitFor();
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', '1\tUno\n2\tDos');
      window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
    });
    await dialog(page).getByRole('button', { name: 'Agregar los 2' }).waitFor();
  });

  it('writes a file in a browser, and lets the program write it in its window', async () => {
    const page = await open({ query: 'headless' });
    await page.keyboard.press('Control+k');
    await page.keyboard.type('exportar');
    await page.keyboard.press('Enter');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog(page).getByRole('button', { name: 'Exportar 12' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^clientes-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await download.path(), 'utf8');
    expect(text.split('\r\n')).toHaveLength(14);
    expect(text).toContain('1;Ferretería López;;Conectado;…1234;');

    const window_ = await open();
    await window_.keyboard.press('Control+k');
    await window_.keyboard.type('exportar');
    await window_.keyboard.press('Enter');
    await dialog(window_).getByRole('button', { name: 'Exportar 12' }).click();
    await window_.getByText('/home/ana/Descargas/clientes-').waitFor();
    await window_.getByRole('button', { name: 'Abrir la carpeta' }).click();
    await expect.poll(() => argsOf(window_, 'open_place')).toEqual([{ place: 'downloads' }]);
  });
});

const WORDS = { es, en };
describe.each([
  { lang: 'es', theme: 'light', width: 1366, height: 768 },
  { lang: 'en', theme: 'dark', width: 800, height: 500 },
] as const)('looks, $lang in $theme at $width', ({ lang, theme, width, height }) => {
  const words = WORDS[lang];
  it.each(['selection', 'palette', 'shortcuts', 'import', 'export', 'bulk', 'menu'] as const)(
    '%s',
    async (what) => {
      const page = await open({ lang, theme, width, height });
      if (what === 'selection' || what === 'bulk')
        for (const id of [2, 4, 8]) await pick(page, id).check({ force: true });
      if (what === 'bulk')
        await bar(page)
          .getByRole('button', { name: words['bulk.chosen.destroy'].other.replace('{n}', '3') })
          .click();
      if (what === 'palette') await page.keyboard.press('Control+k');
      if (what === 'shortcuts') await page.keyboard.press('?');
      if (['import', 'export', 'menu'].includes(what))
        await page.getByRole('button', { name: words['app.menu'] }).click();
      if (what === 'import' || what === 'export')
        await page.getByRole('menuitem', { name: words[`${what}.open`] }).click();
      if (what === 'import')
        await page.locator('input[type=file]').setInputFiles({
          name: 'clientes.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from(
            'id;nombre;nota;ciudad\n1;Uno;;Salta\n30;Kiosco Sol;abre temprano;\n;Almacén;;\n',
          ),
        });
      await expectAccessible(page);
      await screenshot(page, `bulk-${what}-${lang}-${theme}`);
    },
  );
});
