/** Every state and every dialog, in every language and theme: drawn, accessible, and kept as a picture to look at. */
import { describe, expect, inject, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import { STATES, VARIANTS } from '../src/lib/model/states';
import {
  card,
  choose,
  dialog,
  expectAccessible,
  LANGS,
  open,
  screenshot,
  SPREAD,
  THEMES,
  useBrowser,
  type Lang,
  type Theme,
} from './page';

useBrowser();

const WORDS = { es, en, pt };
/** Every state in every language and theme. */
const LOOKS = [
  ...LANGS.flatMap((lang) => THEMES.map((theme) => ({ lang, theme }))),
  { lang: 'es', theme: 'contrast-dark' } as const,
];
const phrase = (lang: Lang) => (key: keyof typeof es) => WORDS[lang][key] as string;
const pictures = (lang: Lang, theme: Theme) => (what: string) => `${what}-${lang}-${theme}`;

async function askForCode(place: Locator, say: (key: keyof typeof es) => string): Promise<void> {
  await place.getByRole('button', { name: say('pair.instead') }).click();
  await place.getByLabel(say('pair.number'), { exact: true }).fill('+54 9 11 5555-1234');
  await place.getByRole('button', { name: say('pair.ask') }).click();
  await place.getByText('K7WX-4MPQ').waitFor();
}

describe.each(LOOKS)('in $lang, $theme', ({ lang, theme }) => {
  const words = WORDS[lang];
  const name = pictures(lang, theme);
  const say = phrase(lang);

  it('every state', async () => {
    const page = await open({ scene: 'states', lang, theme, width: 1440, height: 1500 });
    for (const state of STATES) {
      const shown = page.locator(`article[data-aspect=${state}]`).first();
      await shown.getByText(words[`state.${state}.badge`], { exact: true }).first().waitFor();
      const line = words[`state.${state}.line`].replace('{n}', '2').replace('{max}', '3');
      await shown.getByText(line, { exact: true }).last().waitFor();
      await shown.screenshot({ path: `${inject('screens')}/${name(`state-${state}`)}.png` });
    }
    await screenshot(page, name('wall-states'));
    await expectAccessible(page);
  });

  it('recovery, sleep and doubt', async () => {
    const page = await open({ scene: 'recovery', lang, theme, width: 1440, height: 1300 });
    for (const variant of VARIANTS) {
      const shown = page.locator(`article[data-aspect=${variant}]`).first();
      await shown.getByText(words[`state.${variant}.badge`], { exact: true }).waitFor();
    }
    await page.evaluate(() =>
      window.fake.setApp({ resources: { ...window.fake.app.resources, waiting: 1 } }),
    );
    await page.getByText(say('stage.queued.room'), { exact: true }).waitFor();
    await expectAccessible(page);
    await screenshot(page, name('wall-recovery'));
  });
});

describe.each(SPREAD)('all else in $lang, $theme', ({ lang, theme }) => {
  const name = pictures(lang, theme);
  const say = phrase(lang);

  it.each(['low', 'full'] as const)('a disk that is %s', async (disk) => {
    const page = await open({ lang, theme, width: 1100, height: 720 });
    const disk_free = (disk === 'low' ? 812 : 214) * 1024 * 1024;
    await page.evaluate(
      (patch) => window.fake.setApp({ resources: { ...window.fake.app.resources, ...patch } }),
      { disk, disk_free },
    );
    await page.getByText(say(`banner.disk.${disk}.title`)).waitFor();
    await page.getByText(disk === 'low' ? /812\sMB/ : /214\sMB/).waitFor();
    await expectAccessible(page);
    await screenshot(page, name(`disk-${disk}`));
  });

  it('the office, dense on a laptop', async () => {
    const page = await open({ lang, theme, width: 1440, height: 860 });
    await screenshot(page, name('wall-office'));
    expect(await page.locator('article').count()).toBe(12);
  });

  const dialogs: [string, (page: Page) => Promise<void>][] = [
    ['add', (page) => page.getByRole('button', { name: say('header.add') }).click()],
    ['settings', (page) => page.getByRole('button', { name: say('header.settings') }).click()],
    [
      'capacity',
      async (page) => {
        await page.evaluate(() =>
          window.fake.setApp({ resources: { ...window.fake.app.resources, waiting: 2 } }),
        );
        await page.getByRole('button', { name: say('header.settings') }).click();
        await page.getByLabel(say('settings.capacity.own')).check();
        await page.getByLabel(say('settings.capacity.max')).fill('20');
        await page.getByText(say('settings.capacity.many')).scrollIntoViewIfNeeded();
      },
    ],
    ['api', (page) => page.getByRole('button', { name: say('api.title') }).click()],
    [
      'api-problem',
      async (page) => {
        await page.evaluate(() =>
          window.fake.setApp({ api: { ...window.fake.app.api, error: 'PORT_TAKEN' } }),
        );
        await page.getByRole('button', { name: say('api.problem') }).click();
      },
    ],
    [
      'calls-empty',
      async (page) => {
        await page.getByRole('button', { name: say('api.title') }).click();
        await page.getByRole('tab', { name: say('api.section.calls') }).click();
        await page.getByText(say('calls.empty.text')).waitFor();
      },
    ],
    ['edit', (page) => choose(page, 1, say('action.edit'))],
    ['timeline', (page) => choose(page, 1, say('action.timeline'))],
    ['log-out', (page) => choose(page, 1, say('action.logOut'))],
    [
      'destroy',
      async (page) => {
        await choose(page, 1, say('action.destroy'));
        await page.getByLabel(say('destroy.forget')).check();
      },
    ],
    [
      'send-failed',
      async (page) => {
        await page.evaluate(() =>
          window.fake.fail('send_message', new window.Failure('SEND_FAILED', 'no such number')),
        );
        await card(page, 1)
          .getByRole('button', { name: say('action.send') })
          .click();
        await page.getByLabel(say('send.to'), { exact: true }).fill('+54 9 11 5555-1234');
        await page.getByRole('button', { name: say('send.submit'), exact: true }).click();
        await page.getByRole('alert').waitFor();
      },
    ],
    [
      'qr',
      (page) =>
        card(page, 2)
          .getByRole('button', { name: say('action.enlarge') })
          .click(),
    ],
    [
      'pairing',
      async (page) => {
        await card(page, 2)
          .getByRole('button', { name: say('action.enlarge') })
          .click();
        await askForCode(dialog(page), say);
      },
    ],
    ['close', (page) => page.evaluate(() => window.fake.requestClose())],
  ];
  it.each(dialogs)('the dialog %s', async (what, show) => {
    const page = await open({ lang, theme, width: 1100, height: 720 });
    await show(page);
    await page.locator('dialog[open]').waitFor();
    await expectAccessible(page);
    await screenshot(page, name(`dialog-${what}`));
  });

  it.each([
    [1100, 720],
    [800, 500],
  ])('the calls of the local API, %i×%i', async (width, height) => {
    const page = await open({ query: 'calls=120', lang, theme, width, height });
    await page.getByRole('button', { name: say('api.title') }).click();
    await page.getByRole('tab', { name: say('api.section.calls') }).click();
    await page.getByRole('row').nth(5).waitFor();
    await expectAccessible(page);
    await screenshot(page, name(`calls-${width}`));
  });

  it('linking by number: the field, a refusal, the code', async () => {
    const page = await open({ scene: 'states', query: 'qr=600000', lang, theme, width: 1100, height: 720 });
    const shown = card(page, 4);
    await shown.getByRole('button', { name: say('pair.instead') }).click();
    await shown.getByLabel(say('pair.number'), { exact: true }).fill('+54 9 11 5555-1234');
    await expectAccessible(page);
    await shown.screenshot({ path: `${inject('screens')}/${name('pairing-number')}.png` });
    await page.evaluate(() => window.fake.fail('pairing_code', new window.Failure('PAIRING_REFUSED', 'no')));
    await shown.getByRole('button', { name: say('pair.ask') }).click();
    await shown.getByText(say('error.PAIRING_REFUSED')).waitFor();
    await expectAccessible(page);
    await shown.screenshot({ path: `${inject('screens')}/${name('pairing-refused')}.png` });
    await page.evaluate(() => window.fake.fail('pairing_code', null));
    await shown.getByRole('button', { name: say('pair.ask') }).click();
    await shown.getByText('K7WX-4MPQ').waitFor();
    await expectAccessible(page);
    await shown.screenshot({ path: `${inject('screens')}/${name('pairing-code')}.png` });
    await screenshot(page, name('pairing-wall'));
  });

  it('the menu, the simulated phone and a failure', async () => {
    const page = await open({ lang, theme, query: 'demo', width: 1280, height: 800 });
    await page.evaluate(() => window.fake.fail('stop', new window.Failure('NOT_NOW', 'not in this state')));
    await card(page, 1)
      .getByRole('button', { name: say('action.stop') })
      .click();
    await page.getByRole('alert').waitFor();
    await card(page, 1)
      .getByRole('button', { name: say('action.phone') })
      .click();
    await card(page, 1).locator('[aria-haspopup=menu]').click();
    await page.getByRole('menu').waitFor();
    await expectAccessible(page);
    await screenshot(page, name('menu-phone-failure'));
  });

  it('the first run, without a browser', async () => {
    const page = await open({ scene: 'empty', lang, theme, width: 1100, height: 720 });
    await page.evaluate(() => window.fake.setApp({ browser: { name: null, path: null } }));
    await page.getByText(say('banner.browser.title')).waitFor();
    await expectAccessible(page);
    await screenshot(page, name('first-run'));
  });

  it('all banners, and a backend that does not answer', async () => {
    const page = await open({ lang, theme, width: 1100, height: 720 });
    await page.evaluate(() => {
      const api = {
        enabled: true,
        address: '127.0.0.1:3001',
        error: 'PORT_TAKEN',
        key_required: false,
      } as const;
      window.fake.setApp({ browser: { name: null, path: null }, no_sandbox: true, store_ok: false, api });
    });
    await page.getByText(say('banner.store.title')).waitFor();
    await expectAccessible(page);
    await page.evaluate(() => window.fake.disconnect());
    await page.getByText(say('connection.offline.text')).waitFor();
    await expectAccessible(page);
    await screenshot(page, name('banners-offline'));
  });
});

it.each([
  [800, 500],
  [1024, 640],
  [1366, 768],
  [3840, 2160],
])('fits %i×%i without scrolling sideways', async (width, height) => {
  const page = await open({ scene: 'states', query: 'demo', width, height });
  const wide = await page.evaluate(() => {
    const scrolls = (element: Element | null) =>
      element !== null && element.scrollWidth > element.clientWidth;
    return scrolls(document.documentElement) || scrolls(document.querySelector('main'));
  });
  expect(wide).toBe(false);
  await screenshot(page, `size-${width}x${height}`);
});
