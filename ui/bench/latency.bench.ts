/** How long a person waits in front of the screen: from what WhatsApp does to the pixels that say so. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { card, newPage, useBrowser } from '../tests/page';
import { PATIENCE, Program, Simulator } from '../tests/programs';
import { row } from './report';

useBrowser();

const ROTATIONS = 40;
const SCANS = 8;

const simulator = new Simulator();
const program = new Program();

beforeAll(async () => {
  await simulator.start('--qr-first=3600000', '--qr-next=3600000', '--qr-limit=1000');
  await program.start(...simulator.browserArgs);
  await program.command('add_cliente', { id: 1, name: 'Ventas', note: '', start: true });
}, 60_000);

afterAll(async () => {
  await program.end();
  await simulator.stop();
});

/** The moment of the second frame after the card looks as wanted: the first one has the change in it. */
function seen(page: Page, what: { picture?: string; state?: string }): Promise<number> {
  return page.evaluate(
    ({ picture, state }) =>
      new Promise<number>((resolve) => {
        const look = () => {
          const found = document.querySelector<HTMLElement>('article[data-id="1"]');
          const image = found?.querySelector<HTMLImageElement>('img');
          const there = state ? found?.dataset.state === state : image?.src && image.src !== picture;
          if (!there) return;
          observer.disconnect();
          const drawn = state || !image ? Promise.resolve() : image.decode();
          void drawn.then(() =>
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now()))),
          );
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        look();
      }),
    what,
  );
}

const image = (page: Page) => card(page, 1).getByRole('img', { name: /Código QR/ });

it('shows what happens', { timeout: 300_000 }, async () => {
  const page = await newPage();
  await page.goto(program.address);
  await image(page).waitFor(PATIENCE);

  const rotated: number[] = [];
  for (let round = 0; round < ROTATIONS; round += 1) {
    const picture = (await image(page).getAttribute('src')) ?? '';
    const device = await simulator.device();
    const change = seen(page, { picture });
    const began = Date.now();
    await simulator.act(device, 'rotate');
    rotated.push((await change) - began);
  }
  row('WhatsApp renews the code → new pixels', rotated);

  const linked: number[] = [];
  for (let round = 0; round < SCANS; round += 1) {
    await image(page).waitFor(PATIENCE);
    const { qr } = await simulator.device();
    if (!qr) throw new Error('WhatsApp shows no code');
    const change = seen(page, { state: 'READY' });
    const began = Date.now();
    await simulator.scan(qr);
    linked.push((await change) - began);
    await program.command('log_out', { id: 1 });
    await card(page, 1).and(page.locator('[data-state=DISCONNECTED_LOGOUT]')).waitFor(PATIENCE);
    await program.command('restart', { id: 1 });
  }
  row('a phone scans → green card', linked);
});
