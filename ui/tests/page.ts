/** A page of the gallery in a real browser, and what every test does with it. */
import axe from 'axe-core';
import type Axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { ENGLISH } from '../src/lib/backend/fake/english';
import type { FakeBackend } from '../src/lib/backend/fake/fake';
import type { Failure } from '../src/lib/backend/backend';
import type { Layout } from '../src/lib/model/layout.svelte';

/** Languages as the catalogues have them. */
export const LANGS = ['es', 'en', 'pt'] as const;
export type Lang = (typeof LANGS)[number];
const LOCALES: Record<Lang, string> = { es: 'es-AR', en: 'en-GB', pt: 'pt-BR' };

/** Themes as `tokens.css` has them. */
export const THEMES = ['light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number] | 'contrast-dark';

/** What is drawn once in every language and once in every theme: words and colours do not depend on each other. */
export const SPREAD = [
  { lang: 'es', theme: 'light' },
  { lang: 'en', theme: 'dark' },
  { lang: 'pt', theme: 'light' },
  { lang: 'es', theme: 'contrast' },
] as const;

export interface View {
  scene?: string;
  /** Further words of the address: `demo`, `headless`, `play=quick&qr=500`. */
  query?: string;
  lang?: Lang;
  theme?: Theme;
  width?: number;
  height?: number;
  /** Device pixels to a pixel of the page, as on dense screens and when somebody zooms in. */
  scale?: number;
  reducedMotion?: boolean;
  /** As somebody chose it in this browser before. */
  layout?: Layout;
}

declare global {
  interface Window {
    fake: FakeBackend;
    Failure: typeof Failure;
  }
}

let browser: Browser;
let pages: Page[] = [];
/** What went wrong in a page without anybody asking: exceptions, refused by the policy, missing files. */
let complaints: string[] = [];

export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const leaked = (await Promise.all(pages.map(english))).flat();
    const heard = [...complaints, ...leaked];
    complaints = [];
    await Promise.all(pages.map((page) => page.context().close()));
    pages = [];
    expect(heard).toEqual([]);
  });
}

export const browserVersion = () => browser.version();

export async function newPage(view: View = {}): Promise<Page> {
  const { lang = 'es', theme = 'light', width = 1366, height = 768, scale = 1, reducedMotion = false } = view;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    locale: LOCALES[lang],
    timezoneId: 'America/Argentina/Buenos_Aires',
    colorScheme: theme.endsWith('dark') ? 'dark' : 'light',
    contrast: theme.startsWith('contrast') ? 'more' : 'no-preference',
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  });
  if (view.layout)
    await context.addInitScript(
      (layout) => localStorage.setItem('session-manager.layout', JSON.stringify({ layout })),
      view.layout,
    );
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  pages.push(page);
  return page;
}

/** What of the backend's plain English is in the page: it is for logs and for copying, and nobody should have to read it. */
export async function english(page: Page): Promise<string[]> {
  const found = page.evaluate((mark) => {
    const values = [...document.querySelectorAll('input, textarea')].map(
      (it) => (it as HTMLInputElement).value,
    );
    const places = [...document.querySelectorAll('*')].filter(
      (it) =>
        [...it.attributes].some(({ value }) => value.includes(mark)) ||
        [...it.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.includes(mark)),
    );
    return [...places.map((it) => it.outerHTML.slice(0, 300)), ...values.filter((it) => it.includes(mark))];
  }, ENGLISH);
  // A page that is on its way somewhere else shows nothing.
  return found.catch(() => []);
}

/** Forgets complaints that the test made happen itself. */
export function forgive(pattern: RegExp): void {
  complaints = complaints.filter((complaint) => !pattern.test(complaint));
}

export async function open(view: View = {}): Promise<Page> {
  const page = await newPage(view);
  await page.goto(`${inject('gallery')}?scene=${view.scene ?? 'office'}&${view.query ?? ''}`);
  await page.locator('main[aria-busy=false]').waitFor();
  return page;
}

/** A moment at which every picture is taken. */
const NOON = new Date('2026-03-02T12:00:00-03:00');

/** The gallery of components, where nothing moves and no time passes, so that two pictures of it are the same. */
export async function openParts(view: View = {}): Promise<Page> {
  const page = await newPage({ width: 1024, height: 800, ...view });
  await page.clock.setFixedTime(NOON);
  await page.goto(`${inject('gallery')}?parts`);
  await page.locator('#cards article').first().waitFor();
  await page.evaluate(() => document.fonts.ready);
  await freeze(page);
  return page;
}

/** Stops whatever moves where it began: a countdown at what was left of it, a turning icon upright. */
export async function freeze(page: Page): Promise<void> {
  await page.addStyleTag({
    content: '*, *::before, *::after { transition: none !important; caret-color: transparent !important }',
  });
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      animation.pause();
      const { delay = 0, iterations } = animation.effect?.getComputedTiming() ?? {};
      if (iterations === 1 && delay >= 0) animation.finish();
      else animation.currentTime = 0;
    }
  });
}

export const card = (page: Page, id: number) => page.locator(`article[data-id="${id}"]`);
export const dialog = (page: Page) => page.locator('dialog[open]').last();

/** Names of the commands that reached the backend. */
export const calls = (page: Page) => page.evaluate(() => window.fake.calls.map(({ command }) => command));

/** Opens the menu of a card and chooses from it. */
export async function choose(page: Page, id: number, item: string): Promise<void> {
  await card(page, id).locator('[aria-haspopup=menu]').click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** WCAG 2.2 AA, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof Axe };
    // Things that move on their way in have no colour of their own yet.
    await Promise.all(
      document
        .getAnimations()
        .filter(
          (it) =>
            it.effect?.getComputedTiming().iterations === 1 &&
            // What counts down moves as long as what it counts down.
            !/fill$/.test((it as CSSAnimation).animationName ?? ''),
        )
        // What is taken away on its way in does not end.
        .map((it) => it.finished.catch(() => undefined)),
    );
    const result = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
  expect(violations).toEqual([]);
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${inject('screens')}/${name}.png` });
}
