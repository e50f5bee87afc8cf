/** What happens to a session moves nothing that is beside it, and what nobody sees does nothing. */
import type { Page } from 'playwright-core';
import type { ClienteView } from '../src/lib/wire';
import { expect, it } from 'vitest';
import { card, open, useBrowser } from './page';

useBrowser();

/** Where everything that a pointer may be over is: all cards, and the buttons of this one. */
async function places(page: Page, id: number): Promise<Record<string, number[]>> {
  return page.evaluate((id) => {
    const found: Record<string, number[]> = {};
    const note = (name: string, element: Element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      found[name] = [x, y, width, height].map((n) => Math.round(n * 10) / 10);
    };
    for (const one of document.querySelectorAll('article')) note(`card ${one.getAttribute('data-id')}`, one);
    const own = document.querySelector(`article[data-id="${id}"]`);
    own?.querySelectorAll('.actions [aria-haspopup=menu]').forEach((one) => note('menu', one));
    own?.querySelectorAll('.box').forEach((one) => note('top of the code', one));
    if (found['top of the code']) found['top of the code'] = found['top of the code'].slice(1, 2);
    return found;
  }, id);
}

it.each([
  [800, 500],
  [1024, 640],
  [1366, 768],
  [1920, 1080],
])('a code that comes, rotates, expires and is taken moves nothing at %i×%i', async (width, height) => {
  const page = await open({ width, height, reducedMotion: true });
  // Nothing is known of the account before, so its line has to come at some time.
  await page.evaluate(() =>
    window.fake.put({ ...(window.fake.clientes.get(2) as ClienteView), note: '', account: null }),
  );
  await card(page, 2).locator('img').waitFor();
  const before = await places(page, 2);
  const qr = (image: string | null, life: number) =>
    page.evaluate(
      ([image, life]) => {
        const old = window.fake.clientes.get(2)?.session.qr;
        const issued_at = Date.now() - 5_000;
        window.fake.change(2, {
          login_step: 'code',
          qr: { image: image ?? old?.image ?? '', issued_at, expires_at: issued_at + 5_000 + life },
        });
      },
      [image, life] as const,
    );

  await qr(null, 20_000);
  expect(await places(page, 2)).toEqual(before);
  await qr(null, -1);
  await card(page, 2).locator('.box.expired').waitFor();
  expect(await places(page, 2)).toEqual(before);
  await qr('', 20_000);
  await card(page, 2).locator('img').waitFor({ state: 'detached' });
  expect(await places(page, 2)).toEqual(before);
  // A passkey is asked for with words of its own, which are worth a place; a person has to read them.
  for (const login_step of ['waiting', 'idle', 'linking'] as const) {
    await page.evaluate((login_step) => {
      const progress = login_step === 'linking' ? { stage: 'syncing' as const, percent: 35 } : null;
      window.fake.change(2, { qr: null, login_step, progress });
    }, login_step);
    await card(page, 2).locator('.box img').waitFor({ state: 'detached' });
    expect(await places(page, 2), login_step).toEqual(before);
  }
  await page.evaluate(() => {
    const account = { number: '5491155551234', name: 'Clínica' };
    window.fake.put({ ...(window.fake.clientes.get(2) as ClienteView), account });
    window.fake.move(2, 'READY');
  });
  await card(page, 2).locator('.box.linked').waitFor();
  expect(await places(page, 2)).toEqual(before);
});

it('a failure that is told covers no button of a card it is not about, and moves none', async () => {
  const page = await open();
  const before = await places(page, 1);
  await page.evaluate(() => window.fake.fail('stop', new window.Failure('NOT_NOW', 'not in this state')));
  await card(page, 1).getByRole('button', { name: 'Detener' }).click();
  await page.getByRole('alert').waitFor();
  expect(await places(page, 1)).toEqual(before);
});

/** Changes that the page makes to its document in so many ms, by the card they are in. */
function changes(page: Page, ms: number): Promise<Record<string, number>> {
  return page.evaluate(async (ms) => {
    const found: Record<string, number> = {};
    const observer = new MutationObserver((records) => {
      for (const { target } of records) {
        const parent = target instanceof Element ? target : target.parentElement;
        const id = parent?.closest('article')?.getAttribute('data-id') ?? 'elsewhere';
        found[id] = (found[id] ?? 0) + 1;
      }
    });
    observer.observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    await new Promise((resolve) => setTimeout(resolve, ms));
    observer.disconnect();
    return found;
  }, ms);
}

/** What is so near to the window, px, is kept up to date, with the bars above and below the wall. */
const SOON = 360;

/** Ids of cards that somebody sees any part of, or will in a moment. */
const inSight = (page: Page) =>
  page.evaluate(
    (soon) =>
      [...document.querySelectorAll('article')]
        .filter((it) => {
          const { top, bottom } = (it.closest('li') ?? it).getBoundingClientRect();
          return bottom > -soon && top < innerHeight + soon;
        })
        .map((it) => it.getAttribute('data-id')),
    SOON,
  );

it('countdowns out of sight do not tick, and those that come into sight tell the time', async () => {
  const page = await open({ scene: 'fifty', layout: 'cards', width: 1024, height: 640 });
  const seen = await inSight(page);
  expect(seen.length).toBeLessThan(30);
  await expect.poll(async () => Object.keys(await changes(page, 1_500)).length).toBeGreaterThan(1);
  const ticked = Object.keys(await changes(page, 2_500)).filter((id) => id !== 'elsewhere');
  expect(ticked.length).toBeGreaterThan(0);
  expect(ticked.filter((id) => !seen.includes(id))).toEqual([]);

  // The last of those with a code was out of sight all the time: its seconds are right as soon as it is seen.
  const last = page.locator('article[data-aspect=QR_REQUIRED]').last();
  const before = await page.evaluate(() => Date.now());
  await last.scrollIntoViewIfNeeded();
  const left = await last.evaluate((it) => {
    const qr = window.fake.clientes.get(Number(it.getAttribute('data-id')))?.session.qr;
    return qr ? Math.ceil((qr.expires_at - Date.now()) / 1000) : null;
  });
  expect(before).toBeGreaterThan(0);
  const shown = last.locator('.countdown span').first();
  await expect
    .poll(async () => {
      const seconds = Number((await shown.textContent())?.replace(/\D/g, '') || 0);
      return Math.abs(seconds - Math.max(0, left ?? 0)) <= 2;
    })
    .toBe(true);
});

it('a code that is renewed out of sight is drawn when it comes into sight, and one that is gone is gone at once', async () => {
  const page = await open({ scene: 'fifty', layout: 'cards', width: 1024, height: 640 });
  const waiting = page.locator('article[data-aspect=QR_REQUIRED]:has(.box img)');
  const id = Number(await waiting.last().getAttribute('data-id'));
  const last = card(page, id);
  expect(await inSight(page)).not.toContain(String(id));
  const picture = () => last.locator('.box img').getAttribute('src');
  const old = await picture();
  const renewed = await page.evaluate((id) => {
    const image = window.fake.clientes.get(1)?.session.qr?.image?.replace('data:', 'data: ') ?? '';
    const issued_at = Date.now();
    window.fake.change(id, { qr: { image, issued_at, expires_at: issued_at + 20_000 } });
    return image;
  }, id);
  expect(renewed).not.toBe(old);
  expect((await changes(page, 300))[id]).toBeUndefined();
  expect(await picture()).toBe(old);
  await last.scrollIntoViewIfNeeded();
  await expect.poll(picture).toBe(renewed);

  await page.evaluate(() => document.querySelector('main')?.scrollTo(0, 0));
  await expect.poll(() => inSight(page)).not.toContain(String(id));
  await page.evaluate((id) => window.fake.change(id, { qr: null, login_step: 'linking' }), id);
  await expect.poll(() => last.locator('.box img').count()).toBe(0);
});

it('nothing moves out of sight', async () => {
  const page = await open({ scene: 'fifty', layout: 'cards', width: 1024, height: 640 });
  // Those with a code come first, and keep still: go where something turns.
  await page.locator('article .spin').first().scrollIntoViewIfNeeded();
  await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
  const far = await page.evaluate(
    () =>
      document
        .getAnimations()
        .filter((it) => it.playState === 'running')
        .map((it) => (it.effect as KeyframeEffect).target)
        .filter((it) => it instanceof Element && it.closest('li'))
        .filter((it) => {
          const { top, bottom } = (it?.closest('li') as Element).getBoundingClientRect();
          // The browser keeps a screenful and a half ready.
          return bottom < -1.5 * innerHeight || top > 2.5 * innerHeight;
        }).length,
  );
  expect(far).toBe(0);
});
