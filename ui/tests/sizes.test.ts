/** From a small window to a wall of pixels, and as large as people with weak eyes set it: nothing is cut off. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { card, choose, open, screenshot, useBrowser } from './page';

useBrowser();

/** What reaches out of what shows it, and cannot be scrolled to or is meant to end in dots. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const say = (it: Element) =>
      `${it.tagName.toLowerCase()}.${it.getAttribute('class') ?? ''} ${it.textContent?.trim().slice(0, 40)}`;
    const found: string[] = [];
    const shown = document.querySelector('dialog[open]') ?? document.body;
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
    for (const it of shown.querySelectorAll('*')) {
      const style = getComputedStyle(it);
      const { right, left, width } = it.getBoundingClientRect();
      if (width === 0 || it.closest('.hidden, .skip, svg') || style.clipPath !== 'none') continue;
      // Lists that scroll sideways would be read line by line with both hands.
      if (['auto', 'scroll'].includes(style.overflowX) && it.scrollWidth > it.clientWidth + 1)
        found.push(`scrolls: ${say(it)}`);
      if (it.matches('button, input, select, a, h2, p') && (right > innerWidth + 1 || left < -1))
        found.push(`outside: ${say(it)}`);
      if (it.matches('button') && it.scrollWidth > it.clientWidth + 1) found.push(`too small: ${say(it)}`);
    }
    return found;
  });
}

/** Whether the last thing in it can be brought into sight. */
async function expectReachable(page: Page): Promise<void> {
  const buttons = page.locator('dialog[open] button:visible');
  for (let at = 0; at < (await buttons.count()); at++) {
    await buttons.nth(at).scrollIntoViewIfNeeded();
    const box = await buttons.nth(at).boundingBox();
    const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
    expect(
      box && box.x >= -1 && box.y >= -1 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1,
    ).toBe(true);
  }
}

const grow = (page: Page, times: number) =>
  page.evaluate((times) => (document.documentElement.style.fontSize = `${times * 100}%`), times);

const VIEWS: [string, (page: Page) => Promise<unknown>][] = [
  ['wall', () => Promise.resolve()],
  ['add', (page) => page.getByRole('button', { name: 'Agregar cliente' }).click()],
  ['settings', (page) => page.getByRole('button', { name: 'Ajustes' }).click()],
  ['api', (page) => page.getByRole('button', { name: 'API local' }).click()],
  ['qr', (page) => card(page, 2).getByRole('button', { name: 'Ampliar QR' }).click()],
  ['timeline', (page) => choose(page, 2, 'Historial')],
  ['destroy', (page) => choose(page, 2, 'Destruir')],
];

describe.each([
  ['a small window', 800, 500, 1],
  ['a small window with text twice as large', 800, 500, 2],
  ['a laptop with text twice as large', 1366, 768, 2],
  ['a laptop zoomed to twice', 683, 384, 1],
  ['1280 px zoomed four times', 320, 256, 1],
  ['a wall of pixels', 3840, 2160, 1],
] as const)('in %s', (what, width, height, times) => {
  it.each(VIEWS)('%s fits', async (view, show) => {
    const page = await open({ width, height });
    await grow(page, times);
    await show(page);
    if (view !== 'wall') {
      await page.locator('dialog[open]').waitFor();
      await expectReachable(page);
    }
    await screenshot(page, `fits-${view}-${width}-${times}`);
    expect(await cutOff(page)).toEqual([]);
  });
});

it('everything that can be pressed is large enough to hit', async () => {
  const page = await open({ scene: 'states', query: 'demo', width: 1024, height: 640 });
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, a, input, select')]
      .filter((it) => !it.closest('.skip, .hidden') && !it.matches('.skip'))
      // What is pressed beside a box is its label.
      .map((it) => ({ it, box: (it.closest('label') ?? it).getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(({ it, box }) => `${it.textContent?.trim()} ${box.width}×${box.height}`),
  );
  expect(small).toEqual([]);
});
