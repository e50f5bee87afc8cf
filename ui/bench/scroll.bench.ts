/** How the wall scrolls where no graphics processor helps: frames a second, and how long the slow ones take. */
import { describe, it } from 'vitest';
import { open, useBrowser } from '../tests/page';

/** A turn of the wheel, px; how often one comes, ms; how many each way. */
const STEP = 120;
const EVERY = 50;
const TURNS = 60;

describe('the wall', () => {
  useBrowser();

  it.each([50, 200])('scrolls %i cards', { timeout: 120_000 }, async (cards) => {
    const page = await open({ query: `cards=${cards}`, scene: 'many' });
    await page.mouse.move(700, 500);
    // What is only done once, fonts and pictures, is not what scrolling costs.
    await page.waitForTimeout(1_500);
    const frames = page.evaluate(
      (whole) =>
        new Promise<number[]>((resolve) => {
          const took: number[] = [];
          const begun = performance.now();
          let last = begun;
          const frame = (now: number) => {
            took.push(now - last);
            last = now;
            if (now - begun < whole) requestAnimationFrame(frame);
            else resolve(took);
          };
          requestAnimationFrame(frame);
        }),
      2 * TURNS * EVERY,
    );
    for (const way of [1, -1])
      for (let turn = 0; turn < TURNS; turn += 1) {
        await page.mouse.wheel(0, way * STEP);
        await page.waitForTimeout(EVERY);
      }
    const took = (await frames).slice(1).sort((a, b) => a - b);
    const a_second = (1000 * took.length) / took.reduce((sum, one) => sum + one, 0);
    const slow = took[Math.floor(took.length * 0.95)] ?? NaN;
    process.stdout.write(
      `scrolling ${cards} cards: ${a_second.toFixed(1)} frames a second, p95 of a frame ${slow.toFixed(1)} ms\n`,
    );
  });
});
