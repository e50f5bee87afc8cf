/** Newer versions of the program: off, asked for, offered, on their way, refused. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { UpdateState, UpdateWay } from '../src/lib/wire';
import { calls, dialog, expectAccessible, open, useBrowser, type View } from './page';

useBrowser();

const RELEASE = { version: '3.1.0', notes: 'Tarjetas más anchas.\nMenos memoria.' };
const MIB = 1024 * 1024;
/** The names of the dialog and of the section in it. */
const WORDS = {
  es: ['Ajustes', 'Actualizaciones'],
  en: ['Settings', 'Updates'],
  pt: ['Configurações', 'Atualizações'],
} as const;

async function settings(page: Page, label = 'Ajustes'): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).click();
  await dialog(page).waitFor();
}

/** The program says how it is with updates, as if they were wanted. */
const tell = (page: Page, state: UpdateState, way: UpdateWay = 'itself') =>
  page.evaluate(
    ([state, way]) =>
      window.fake.setApp({
        settings: { ...window.fake.app.settings, check_updates: true },
        updates: { way: way as UpdateWay, state: state as UpdateState },
      }),
    [state, way] as const,
  );

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `../test-output/screens/updates-${name}.png` });
}

describe('updates', () => {
  it('are off until somebody wants them, and then asked for', async () => {
    const page = await open();
    await settings(page);
    const wanted = dialog(page).getByLabel('Buscar versiones nuevas');
    expect(await wanted.isChecked()).toBe(false);
    expect(await dialog(page).getByRole('button', { name: 'Buscar ahora' }).count()).toBe(0);
    await wanted.check();
    await dialog(page).getByRole('button', { name: 'Buscar ahora' }).click();
    expect(await calls(page)).toEqual(['update_settings', 'check_update']);
    await tell(page, { step: 'latest', at: Date.now() });
    await dialog(page).getByText('Tienes la última versión.').waitFor();
    await shoot(page, 'latest');
    await wanted.uncheck();
    await dialog(page).getByText('Tienes la última versión.').waitFor({ state: 'detached' });
  });

  it('are announced on the wall, and installed only by the person', async () => {
    const page = await open();
    await tell(page, { step: 'available', release: RELEASE });
    await page.getByText('La 3.1.0 está lista para instalar').waitFor();
    await shoot(page, 'banner');
    await page.getByRole('button', { name: 'Abrir ajustes' }).click();
    await dialog(page).getByText('La versión 3.1.0 está disponible.').waitFor();
    expect(await calls(page)).toEqual([]);
    await dialog(page).getByText('Qué trae').click();
    await dialog(page).getByText('Menos memoria.').waitFor();
    await dialog(page).getByRole('button', { name: 'Instalar y reiniciar' }).click();
    expect(await calls(page)).toEqual(['install_update']);
  });

  it('leave the wall alone after "later"', async () => {
    const page = await open();
    await tell(page, { step: 'available', release: RELEASE });
    await page.getByRole('button', { name: 'Más tarde' }).click();
    await page.getByText('La 3.1.0 está lista para instalar').waitFor({ state: 'detached' });
    await tell(page, { step: 'available', release: { ...RELEASE, version: '3.2.0' } });
    await page.getByText('La 3.2.0 está lista para instalar').waitFor();
  });

  it('say how far they are, and offer nothing meanwhile', async () => {
    const page = await open();
    await tell(page, { step: 'downloading', release: RELEASE, received: 12 * MIB, total: 48 * MIB });
    await settings(page);
    const bar = dialog(page).getByRole('progressbar');
    expect(await bar.getAttribute('aria-valuenow')).toBe('25');
    await dialog(page).getByText('12 MB de 48 MB').waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Buscar ahora' }).count()).toBe(0);
    await shoot(page, 'downloading');
    await tell(page, { step: 'installing', release: RELEASE });
    await dialog(page).getByText('El programa se reinicia en un momento.').waitFor();
    expect(await dialog(page).getByLabel('Buscar versiones nuevas').isDisabled()).toBe(true);
  });

  it('say why they failed, and can be tried again', async () => {
    const page = await open();
    await settings(page);
    await tell(page, { step: 'failed', failure: 'NOT_SIGNED', release: RELEASE });
    await dialog(page).getByText('no lleva la firma').waitFor();
    await dialog(page).getByRole('button', { name: 'Intentar de nuevo' }).click();
    expect(await calls(page)).toEqual(['install_update']);
    await tell(page, { step: 'failed', failure: 'OFFLINE', release: null });
    await dialog(page).getByText('No se pudo llegar al sitio del programa.').waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Intentar de nuevo' }).count()).toBe(0);
  });

  it('belong to the package manager where it installed the program', async () => {
    const page = await open();
    await tell(page, { step: 'unknown' }, 'packages');
    await settings(page);
    await dialog(page).getByText('se instaló con el gestor de paquetes').waitFor();
    expect(await dialog(page).getByLabel('Buscar versiones nuevas').count()).toBe(0);
    await shoot(page, 'packages');
  });

  const views: View[] = [
    { lang: 'es', theme: 'dark', width: 800, height: 500 },
    { lang: 'en', theme: 'light', width: 1366, height: 768 },
    { lang: 'pt', theme: 'dark', width: 800, height: 500 },
  ];
  for (const view of views) {
    it(`can be read in ${view.lang}, ${view.theme}, ${view.width} wide`, async () => {
      const page = await open(view);
      await tell(page, { step: 'available', release: RELEASE });
      await expectAccessible(page);
      await shoot(page, `banner-${view.lang}-${view.theme}-${view.width}`);
      const [label, heading] = WORDS[view.lang ?? 'es'];
      await settings(page, label);
      await dialog(page).getByRole('heading', { name: heading }).scrollIntoViewIfNeeded();
      await dialog(page)
        .getByRole('button', { name: /Instalar|Install/ })
        .scrollIntoViewIfNeeded();
      await expectAccessible(page);
      await shoot(page, `available-${view.lang}-${view.theme}-${view.width}`);
    });
  }
});
