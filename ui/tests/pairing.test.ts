/** Linking by number, for whoever cannot scan. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { calls, card, dialog, expectAccessible, open, screenshot, useBrowser, type View } from './page';

useBrowser();

const NUMBER = '+54 9 11 5555-1234';
const field = (page: Page) => card(page, 2).getByLabel('Número del teléfono');
const lastCall = (page: Page) => page.evaluate(() => window.fake.calls.at(-1));

async function openField(view: View = {}): Promise<Page> {
  const page = await open(view);
  await card(page, 2).getByRole('button', { name: 'Vincular con el número de teléfono' }).click();
  return page;
}

async function openCode(view: View = {}): Promise<Page> {
  const page = await openField(view);
  await field(page).fill(NUMBER);
  await page.keyboard.press('Enter');
  await card(page, 2).getByText('K7WX-4MPQ').waitFor();
  return page;
}

describe('the number', () => {
  it('is judged as it is typed, and read back', async () => {
    const page = await openField();
    expect(await field(page).evaluate((it) => it === document.activeElement)).toBe(true);
    await card(page, 2).getByText('Con código de país y sin ceros delante').waitFor();
    await field(page).fill('00549');
    await card(page, 2).getByText('Empieza con el código de país, sin ceros delante.').waitFor();
    await field(page).fill('54 once');
    await card(page, 2).getByText('Solo números, espacios, guiones y un + delante.').waitFor();
    await field(page).fill('54 9');
    expect(await field(page).getAttribute('aria-invalid')).toBe('false');
    await card(page, 2).getByRole('button', { name: 'Pedir código' }).click();
    await card(page, 2).getByText('Es demasiado corto').waitFor();
    expect(await field(page).evaluate((it) => it === document.activeElement)).toBe(true);
    expect(await calls(page)).toEqual([]);
    await field(page).fill(NUMBER);
    await card(page, 2).getByText('Se lee +54 911 5555 1234.').waitFor();
  });

  it('is that of the last account, where there was one', async () => {
    const page = await open();
    await page.evaluate(() => window.fake.move(4, 'QR_REQUIRED'));
    await card(page, 4).getByRole('button', { name: 'Vincular con el número de teléfono' }).click();
    expect(await card(page, 4).getByLabel('Número del teléfono').inputValue()).toBe('+5493514445566');
  });

  it('is kept when WhatsApp gives no code, with what to do about it', async () => {
    const page = await openField();
    await page.evaluate(() =>
      window.fake.fail('pairing_code', new window.Failure('PAIRING_REFUSED', 'details')),
    );
    await field(page).fill(NUMBER);
    await card(page, 2).getByRole('button', { name: 'Pedir código' }).click();
    await card(page, 2).getByText('WhatsApp no dio un código para este número.').waitFor();
    await card(page, 2).getByText('Revisa el número y su código de país').waitFor();
    expect(await field(page).inputValue()).toBe(NUMBER);
    await page.evaluate(() => window.fake.fail('pairing_code', null));
    await card(page, 2).getByRole('button', { name: 'Pedir código' }).click();
    await card(page, 2).getByText('K7WX-4MPQ').waitFor();
    expect(await lastCall(page)).toEqual({ command: 'pairing_code', args: { id: 2, number: NUMBER } });
  });

  it('lets the arrows move in it, not on the wall', async () => {
    const page = await openField();
    await field(page).fill('123');
    await page.keyboard.press('Home');
    await page.keyboard.type('5');
    expect(await field(page).inputValue()).toBe('5123');
  });
});

describe('the code', () => {
  it('is told letter by letter, and the focus is on its copy button', async () => {
    const page = await openCode();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const told = card(page, 2).locator('.pairing > [role=status]');
    expect(await told.textContent()).toBe('Código para vincular: K, 7, W, X, 4, M, P, Q');
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe('Copiar el código');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('K7WX-4MPQ');
  });

  it('is the same in the large view', async () => {
    const page = await openCode();
    await card(page, 2).getByRole('button', { name: 'Ampliar código' }).click();
    await dialog(page).getByText('K7WX-4MPQ').waitFor();
    await dialog(page).getByRole('button', { name: 'Volver al QR' }).click();
    await dialog(page).getByAltText('Código QR para vincular Clínica San Martín').waitFor();
    await dialog(page).getByRole('button', { name: 'Vincular con el número de teléfono' }).click();
    await dialog(page).getByText('K7WX-4MPQ').waitFor();
    expect(await calls(page)).toEqual(['pairing_code']);
    await page.evaluate(() => window.fake.change(2, { qr: null, login_step: 'linking' }));
    await dialog(page).getByText('Código aceptado. Vinculando…').waitFor();
    expect(await page.getByText('K7WX').count()).toBe(0);
  });

  it('goes at once when a new one is asked for', async () => {
    const page = await openCode();
    await page.evaluate(() => {
      window.fake.nextCode = 'ZZZZ2222';
      Object.assign(window, { release: window.fake.hold('pairing_code') });
    });
    await card(page, 2).getByRole('button', { name: 'Código nuevo' }).click();
    await card(page, 2).getByRole('button', { name: 'Pidiendo el código…' }).waitFor();
    expect(await page.getByText('K7WX').count()).toBe(0);
    await page.evaluate(() => (window as unknown as { release: () => void }).release());
    await card(page, 2).getByText('ZZZZ-2222').waitFor();
  });

  it('stays through rotations of the QR, and goes with its state', async () => {
    const page = await openCode();
    await page.evaluate(() => window.fake.change(2, { qr: null, login_step: 'idle' }));
    await card(page, 2).getByText('K7WX-4MPQ').waitFor();
    await page.evaluate(() => window.fake.move(2, 'ERROR'));
    await card(page, 2).getByText('Error', { exact: true }).waitFor();
    expect(await page.getByText('K7WX').count()).toBe(0);
    await page.evaluate(() => window.fake.move(2, 'QR_REQUIRED'));
    await field(page).waitFor();
    expect(await field(page).inputValue()).toBe(NUMBER);
    expect(await page.getByText('K7WX').count()).toBe(0);
  });

  it('is in no address and not in what is kept of the page', async () => {
    const page = await openCode();
    expect(page.url()).not.toMatch(/K7WX|5555/);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept).toBe('[{},{}]');
  });

  it('changes the number, and goes back to the QR', async () => {
    const page = await openCode();
    await card(page, 2).getByRole('button', { name: 'Otro número' }).click();
    expect(await field(page).evaluate((it) => it === document.activeElement)).toBe(true);
    expect(await field(page).inputValue()).toBe(NUMBER);
    await card(page, 2).getByRole('button', { name: 'Volver al QR' }).click();
    await card(page, 2).getByAltText('Código QR para vincular Clínica San Martín').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe(
      'Vincular con el número de teléfono',
    );
  });
});

it('moves no other card', async () => {
  const page = await open();
  const boxes = () =>
    page.locator('article').evaluateAll((all) => all.map((it) => JSON.stringify(it.getBoundingClientRect())));
  const before = await boxes();
  await card(page, 2).getByRole('button', { name: 'Vincular con el número de teléfono' }).click();
  expect(await boxes()).toEqual(before);
  await field(page).fill(NUMBER);
  await page.keyboard.press('Enter');
  await card(page, 2).getByText('K7WX-4MPQ').waitFor();
  expect(await boxes()).toEqual(before);
});

it.each([
  [800, 500, 1],
  [1366, 768, 2],
])('fits %i×%i with text %i times as large', async (width, height, zoom) => {
  const page = await openCode({ width, height });
  await page.evaluate((zoom) => (document.documentElement.style.fontSize = `${zoom * 100}%`), zoom);
  await card(page, 2).scrollIntoViewIfNeeded();
  await card(page, 2).getByText('Vincula con el número de teléfono', { exact: true }).waitFor();
  await screenshot(page, `pairing-card-${width}-${zoom}`);
  await card(page, 2).getByRole('button', { name: 'Ampliar código' }).click();
  await dialog(page).getByText('K7WX-4MPQ').waitFor();
  const wide = await dialog(page)
    .locator('.body')
    .evaluate((it) => it.scrollWidth > it.clientWidth);
  expect(wide).toBe(false);
  // What does not fit is below, where it can be scrolled to.
  const above = await dialog(page)
    .locator('.body')
    .evaluate(
      (it) => it.getBoundingClientRect().top - (it.querySelector('.code')?.getBoundingClientRect().top ?? 0),
    );
  expect(above).toBeLessThanOrEqual(0);
  await screenshot(page, `pairing-large-${width}-${zoom}`);
  await expectAccessible(page);
});
