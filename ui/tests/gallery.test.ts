/** The gallery: every component and every state as it was drawn when somebody last looked, and accessible. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SECTIONS } from '../src/gallery/sections';
import { STATES, VARIANTS } from '../src/lib/model/states';
import { compare, incomparable, orphans } from './baseline';
import { browserVersion, expectAccessible, freeze, LANGS, openParts, THEMES, useBrowser } from './page';
import type { Lang, Theme } from './page';

useBrowser();

let reason: string | null = null;
beforeAll(() => {
  reason = incomparable(browserVersion());
});

const ASPECTS = [...STATES, ...VARIANTS];
const OPENED = ['dialog', 'confirm', 'menu'] as const;
/** Cards are pictures of their own, and dialogs are opened one by one. */
const WHOLE = SECTIONS.filter((section) => section !== 'cards' && section !== 'dialogs');
/** What is the same whatever the language is, or is seen with the cards. */
const WORDLESS: string[] = ['colours', 'type', 'badges', 'qr', 'names', 'progress'];

/** Everything in Spanish in every theme, and what is made of words in every language. */
const LOOKS: { lang: Lang; theme: Theme; sections: string[] }[] = [
  ...[...THEMES, 'contrast-dark' as const].map((theme) => ({
    lang: 'es' as const,
    theme,
    sections: [...WHOLE],
  })),
  ...LANGS.filter((lang) => lang !== 'es').map((lang) => ({
    lang,
    theme: 'light' as const,
    sections: WHOLE.filter((section) => !WORDLESS.includes(section)),
  })),
];
const CARDS = LANGS.flatMap((lang) => THEMES.map((theme) => ({ lang, theme })));

async function drawn(page: Page, selector: string, name: string): Promise<string | null> {
  const element = page.locator(selector).first();
  await element.scrollIntoViewIfNeeded();
  return compare(name, await element.screenshot({ animations: 'allow' }));
}

describe.each(LOOKS)('in $lang, $theme', ({ lang, theme, sections }) => {
  it('every part is as it was', { timeout: 120_000 }, async ({ skip }) => {
    if (reason) skip(reason);
    const page = await openParts({ lang, theme, width: 900, height: 1400 });
    const found: (string | null)[] = [];
    for (const section of sections)
      found.push(await drawn(page, `#${section}`, `part-${section}-${lang}-${theme}`));
    for (const what of OPENED) {
      await page.locator(`[data-open=${what}]`).click();
      const shown = what === 'menu' ? '[role=menu]' : 'dialog[open]';
      if (what === 'confirm') {
        await page.locator('dialog .danger').click();
        await page.locator('dialog [role=alert]').waitFor();
      }
      await page.mouse.move(0, 0);
      await freeze(page);
      found.push(await drawn(page, shown, `part-${what}-${lang}-${theme}`));
      await page.keyboard.press('Escape');
      await page.locator(shown).waitFor({ state: 'detached' });
    }
    expect(found.filter((it) => it !== null)).toEqual([]);
  });
});

describe.each(CARDS)('in $lang, $theme', ({ lang, theme }) => {
  it('the card of every state is as it was', { timeout: 120_000 }, async ({ skip }) => {
    if (reason) skip(reason);
    const page = await openParts({ lang, theme });
    const found: (string | null)[] = [];
    for (const aspect of ASPECTS)
      found.push(
        await drawn(page, `#cards article[data-aspect=${aspect}]`, `card-${aspect}-${lang}-${theme}`),
      );
    expect(found.filter((it) => it !== null)).toEqual([]);
  });
});

it('no picture is of something that is gone', ({ skip }) => {
  if (reason) skip(reason);
  expect(
    orphans([
      ...LOOKS.flatMap(({ lang, theme, sections }) =>
        [...sections, ...OPENED].map((it) => `part-${it}-${lang}-${theme}`),
      ),
      ...CARDS.flatMap(({ lang, theme }) => ASPECTS.map((it) => `card-${it}-${lang}-${theme}`)),
    ]),
  ).toEqual([]);
});

it.each([...THEMES, 'contrast-dark'] as const)(
  'every part is accessible in %s',
  { timeout: 60_000 },
  async (theme) => {
    const page = await openParts({ theme });
    await expectAccessible(page);
  },
);

it('every section has its anchor', async () => {
  const page = await openParts();
  const anchors = await page.locator('nav a').evaluateAll((all) => all.map((it) => it.getAttribute('href')));
  expect(anchors).toEqual(SECTIONS.map((section) => `#${section}`));
  expect(await page.locator('main section').count()).toBe(SECTIONS.length);
});
