/** A small window, and text as large as people with weak eyes set it: the list, what is chosen, and the empty wall. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import { dialog, expectAccessible, LANGS, open, screenshot, useBrowser } from './page';

useBrowser();

const WORDS = { es, en, pt };
const grow = (page: Page, times: number) =>
  page.evaluate((times) => (document.documentElement.style.fontSize = `${times * 100}%`), times);

describe.each(LANGS)('in %s', (lang) => {
  const words = WORDS[lang];

  it.each([
    [800, 500],
    [1024, 640],
    [1366, 768],
  ])('the badge of every state is whole in the list at %i×%i', async (width, height) => {
    // Every state and variant there is.
    for (const scene of ['states', 'recovery']) {
      const page = await open({ lang, scene, layout: 'list', width, height });
      await page.locator('[role=row][data-aspect]').first().waitFor();
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('[role=row] .badge .words')]
          .filter((it) => it.scrollWidth > it.clientWidth)
          .map((it) => it.textContent),
      );
      expect(cut).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await screenshot(page, `list-${scene}-${width}-${lang}`);
    }
  });

  it('with text twice as large, what is cut of a badge ends in dots and is in its tooltip', async () => {
    const page = await open({ lang, scene: 'states', layout: 'list', width: 800, height: 500 });
    await grow(page, 2);
    await page.locator('[role=row][data-aspect]').first().waitFor();
    const badges = await page.evaluate(() =>
      [...document.querySelectorAll('[role=row] .badge')].map((it) => {
        const said = it.querySelector('.words') as HTMLElement;
        return {
          whole: it.getAttribute('title') === said.textContent,
          dots: getComputedStyle(said).textOverflow,
          width: said.clientWidth,
          inside:
            it.getBoundingClientRect().right <= (it.parentElement?.getBoundingClientRect().right ?? 0) + 1,
        };
      }),
    );
    expect(badges.length).toBeGreaterThan(10);
    for (const badge of badges) {
      expect(badge).toMatchObject({ whole: true, dots: 'ellipsis', inside: true });
      expect(badge.width).toBeGreaterThan(40);
    }
    await screenshot(page, `list-800-large-${lang}`);
  });

  it.each([
    [1, 64],
    [2, 190],
  ])(
    'the bar of what is chosen leaves the wall most of the window, text %i times as large',
    async (times, most) => {
      const page = await open({ lang, scene: 'recovery', width: 800, height: 500 });
      await grow(page, times);
      await page.getByRole('button', { name: words['select.begin'], exact: true }).click();
      await page.getByRole('button', { name: words['select.all.n'].other.replace('{n}', '20') }).click();
      const bar = page.getByRole('toolbar');
      await bar.getByText(words['select.count'].other.replace('{n}', '20')).waitFor();
      const box = await bar.boundingBox();
      expect(box?.height).toBeLessThanOrEqual(most);
      // Nothing sticks out of it.
      const out = await bar.evaluate((it) => {
        const { left, right } = it.getBoundingClientRect();
        return [...it.querySelectorAll('button')]
          .filter((button) => getComputedStyle(button).visibility === 'visible')
          .map((button) => button.getBoundingClientRect())
          .filter((box) => box.left < left - 1 || box.right > right + 1).length;
      });
      expect(out).toBe(0);
      await screenshot(page, `chosen-800-${times}-${lang}`);
      const rest = bar.getByRole('button', { name: words['select.more'] });
      await rest.click();
      const names = await page.getByRole('menuitem').allTextContents();
      const shown = await bar.getByRole('button').allTextContents();
      const all = [...shown, ...names].map((name) => name.trim());
      for (const action of ['start', 'stop', 'restart', 'destroy'] as const)
        expect(
          all.filter((name) => name.startsWith(words[`bulk.chosen.${action}`].other.split('{')[0] ?? ''))
            .length,
          action,
        ).toBe(1);
      await screenshot(page, `chosen-menu-800-${times}-${lang}`);
      await page.getByRole('menuitem').last().click();
      await dialog(page).waitFor();
    },
  );

  it.each([
    [800, 500],
    [1366, 768],
  ])(
    'the empty wall has one thing to do, and the others beside each other, at %i×%i',
    async (width, height) => {
      const page = await open({ lang, scene: 'empty', width, height });
      const wall = page.locator('main');
      const [first, ...others] = await Promise.all(
        (['header.add', 'import.open', 'old.open'] as const).map((key) =>
          wall.getByRole('button', { name: words[key] }).boundingBox(),
        ),
      );
      expect(others[0]?.y).toBe(others[1]?.y);
      expect(first?.height).toBeGreaterThan(others[0]?.height ?? 0);
      expect((others[0]?.y ?? 0) + (others[0]?.height ?? 0)).toBeLessThan(height);
      expect(await wall.locator('.button.primary').count()).toBe(1);
      await expectAccessible(page);
      await screenshot(page, `empty-${width}-${lang}`);
    },
  );
});

it('what fits of what can be done with those chosen follows the window', async () => {
  const page = await open({ width: 1366, height: 768 });
  await page.getByRole('button', { name: 'Elegir varias' }).click();
  await page.getByRole('button', { name: 'Elegir las 12' }).click();
  const bar = page.getByRole('toolbar');
  const rest = bar.getByRole('button', { name: 'Más acciones con las elegidas' });
  await bar.getByRole('button', { name: 'Exportar 12' }).waitFor();
  expect(await rest.count()).toBe(0);
  await page.setViewportSize({ width: 640, height: 600 });
  await rest.waitFor();
  expect(await bar.getByRole('button', { name: 'Exportar 12' }).count()).toBe(0);
  await rest.click();
  await page.getByRole('menuitem', { name: 'Exportar 12' }).click();
  await dialog(page).getByRole('heading', { name: 'Exportar' }).waitFor();
});
