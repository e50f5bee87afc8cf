/** The code on the screen is the one that WhatsApp issued, as a phone reads it, and never one that is over. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from './decode';
import { card, dialog, newPage, useBrowser, type View } from './page';
import { PATIENCE, Program, Simulator } from './programs';

useBrowser();

const simulator = new Simulator();
const program = new Program();

beforeAll(async () => {
  // Codes stay until they are told to go.
  await simulator.start('--qr-first=3600000', '--qr-next=3600000');
  await program.start(...simulator.browserArgs);
  await program.command('add_cliente', { id: 7, name: 'Ventas', note: '', start: true });
}, 60_000);

afterAll(async () => {
  await program.end();
  await simulator.stop();
});

const picture = (page: Page) => card(page, 7).getByRole('img', { name: /Código QR/ });

/** The code that WhatsApp shows in its page now. */
async function issued(): Promise<string> {
  const { qr } = await simulator.device();
  if (!qr) throw new Error('WhatsApp shows no code');
  return qr;
}

/** Waits until the whole screen reads as this text. */
async function expectScreen(page: Page, text: string | null): Promise<void> {
  await expect.poll(async () => decode(await page.screenshot()), { timeout: 5_000 }).toBe(text);
}

const VIEWS: [string, View][] = [
  ['100 %', {}],
  ['200 %', { width: 683, height: 384, scale: 2 }],
  ['the smallest window', { width: 800, height: 500 }],
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(VIEWS)('reads as issued at %s, on the card and large', async (_, view) => {
    const page = await newPage({ ...view, theme });
    await page.goto(program.address);
    await picture(page).waitFor(PATIENCE);
    await picture(page).evaluate((image) => image.scrollIntoView({ block: 'center' }));
    const code = await issued();
    await expectScreen(page, code);
    await card(page, 7).getByRole('button', { name: 'Ampliar QR: Ventas' }).click();
    await dialog(page)
      .getByRole('img', { name: /Código QR/ })
      .waitFor();
    await expect.poll(async () => decode(await dialog(page).screenshot()), { timeout: 5_000 }).toBe(code);
  });
});

it('shows the next code when WhatsApp issues it, on the card and large', async () => {
  const page = await newPage();
  await page.goto(program.address);
  await picture(page).waitFor(PATIENCE);
  for (const large of [false, true]) {
    if (large) await card(page, 7).getByRole('button', { name: 'Ampliar QR: Ventas' }).click();
    const before = await issued();
    await simulator.act(await simulator.device(), 'rotate');
    const after = await issued();
    expect(after).not.toBe(before);
    if (large) {
      await expect.poll(async () => decode(await dialog(page).screenshot()), { timeout: 5_000 }).toBe(after);
    } else await expectScreen(page, after);
  }
});

it('shows no code once a phone took it', async () => {
  const page = await newPage();
  await page.goto(program.address);
  await picture(page).waitFor(PATIENCE);
  await simulator.scan(await issued());
  await card(page, 7).getByText('Conectado correctamente a WhatsApp').waitFor(PATIENCE);
  expect(await decode(await page.screenshot())).toBeNull();
});
