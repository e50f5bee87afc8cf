/** Everything without a pointer. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { calls, card, dialog, open, useBrowser } from './page';

useBrowser();

const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim() ?? '';
  });

it('goes from the skip link to the cards, and shows where it is', async () => {
  const page = await open();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Ir a las tarjetas');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('¿Qué hago ahora? Clínica San Martín');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Vincular con el número de teléfono: Clínica San Martín');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Ampliar QR: Clínica San Martín');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
  expect(outline).toBe('solid');
});

it('walks between cards with the arrows, and starts one', async () => {
  const page = await open();
  await card(page, 2).locator('[aria-haspopup=menu]').focus();
  await page.keyboard.press('ArrowRight');
  expect(await focused(page)).toBe('Más acciones de Estudio Contable Ríos');
  await page.keyboard.press('End');
  expect(await focused(page)).toBe('Más acciones de Inmobiliaria Norte');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await card(page, 12).getByText('Reconectando', { exact: true }).waitFor();
  expect(await calls(page)).toEqual(['start']);
  expect(await focused(page)).toBe('Detener: Inmobiliaria Norte');
});

it('opens the menu, walks it, leaves it with Escape, and comes back to its button', async () => {
  const page = await open();
  const button = card(page, 1).locator('[aria-haspopup=menu]');
  await button.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  expect(await button.getAttribute('aria-expanded')).toBe('true');
  expect(await focused(page)).toBe('Editar nombre y nota…');
  await page.keyboard.press('ArrowUp');
  expect(await focused(page)).toBe('Destruir…');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await focused(page)).toBe('Historial…');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  expect(await focused(page)).toBe('Más acciones de Ferretería López');
  expect(await button.getAttribute('aria-expanded')).toBe('false');
});

describe('a dialog', () => {
  it('gives the focus back to the button it came from, by way of the menu', async () => {
    const page = await open();
    await card(page, 1).locator('[aria-haspopup=menu]').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
    expect(await focused(page)).toBe('Cancelar');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('Más acciones de Ferretería López');
    expect(await calls(page)).toEqual([]);
  });

  it('keeps the focus inside', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Agregar cliente' }).click();
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).placeholder)).toBe(
      'Ferretería López',
    );
    for (let n = 0; n < 12; n++) {
      await page.keyboard.press('Tab');
      const inside = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
      );
      expect(inside).toBe(true);
    }
  });
});

it('finds the search with a slash and clears it with Escape', async () => {
  const page = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('hotel');
  await expect.poll(() => page.locator('article').count()).toBe(1);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('article').count()).toBe(12);
});

it('moves less for those who want it so', async () => {
  const page = await open({ scene: 'states', reducedMotion: true });
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .map((it) => (it as CSSAnimation).animationName)
      .filter((name) => !name.endsWith('empty')),
  );
  expect(moving).toEqual([]);
});
