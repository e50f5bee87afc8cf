/** Whatever the program says in plain English stays in logs and in what is copied: people read their own language. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ENGLISH } from '../src/lib/backend/fake/english';
import type { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import type { ErrorCode } from '../src/lib/wire';
import { card, choose, dialog, english, expectAccessible, open, screenshot, useBrowser } from './page';

useBrowser();

type Words = typeof es | typeof pt | typeof en;
const said = (message: string) => message.replace(/…$/, '');

const fail = (page: Page, command: string, code: string, reason: string | null = null) =>
  page.evaluate(
    ([command, code, reason]) =>
      window.fake.fail(
        command as never,
        new window.Failure(code as never, 'in other words', reason as never),
      ),
    [command, code, reason],
  );

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const inDialog = (page: Page, name: string) => dialog(page).getByRole('button', { name, exact: true });

async function openApi(page: Page, words: Words, section: string): Promise<void> {
  await page.getByRole('button', { name: words['api.title'] }).click();
  await page.getByRole('tab', { name: section, exact: true }).click();
}

async function fromMenu(page: Page, words: Words, item: string): Promise<void> {
  await page.getByRole('button', { name: words['app.menu'] }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

const list = (text: string) => ({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });

/** Ways to let something fail, and the code that it fails with. */
const WAYS: [what: string, code: ErrorCode, run: (page: Page, words: Words) => Promise<unknown>][] = [
  [
    'a button of a card',
    'PAGE_FAILED',
    async (page, words) => {
      await fail(page, 'stop', 'PAGE_FAILED');
      await card(page, 1).getByRole('button', { name: words['action.stop'] }).click();
    },
  ],
  [
    'adding',
    'STORE_UNAVAILABLE',
    async (page, words) => {
      await fail(page, 'add_cliente', 'STORE_UNAVAILABLE');
      await button(page, words['header.add']).click();
      await inDialog(page, words['edit.submit']).click();
    },
  ],
  [
    'sending a test',
    'SEND_FAILED',
    async (page, words) => {
      await fail(page, 'send_message', 'SEND_FAILED');
      await card(page, 1).getByRole('button', { name: words['action.send'] }).click();
      await dialog(page).getByRole('textbox', { name: words['send.to'] }).fill('+54 9 11 5555-1234');
      await inDialog(page, words['send.submit']).click();
    },
  ],
  [
    'destroying',
    'DELETE_FAILED',
    async (page, words) => {
      await fail(page, 'destroy', 'DELETE_FAILED');
      await choose(page, 1, words['action.destroy']);
      await inDialog(page, words['destroy.submit']).click();
    },
  ],
  [
    'a timeline',
    'STORE_UNAVAILABLE',
    async (page, words) => {
      await fail(page, 'timeline', 'STORE_UNAVAILABLE');
      await choose(page, 1, words['action.timeline']);
    },
  ],
  [
    'a setting',
    'AUTOSTART_FAILED',
    async (page, words) => {
      await fail(page, 'update_settings', 'AUTOSTART_FAILED');
      await button(page, words['header.settings']).click();
      await dialog(page).getByRole('checkbox', { name: words['settings.start.on'] }).click();
    },
  ],
  [
    'keys',
    'STORE_UNAVAILABLE',
    async (page, words) => {
      await fail(page, 'keys', 'STORE_UNAVAILABLE');
      await openApi(page, words, words['api.section.keys']);
    },
  ],
  [
    'an origin',
    'INTERNAL_ERROR',
    async (page, words) => {
      await fail(page, 'update_settings', 'INTERNAL_ERROR');
      await openApi(page, words, words['api.section.origins']);
      await page.getByRole('textbox', { name: words['origins.add'] }).fill('https://panel.example.com');
      await page.keyboard.press('Enter');
    },
  ],
  [
    'a webhook',
    'OVERLOADED',
    async (page, words) => {
      await fail(page, 'add_webhook', 'OVERLOADED');
      await openApi(page, words, words['api.section.webhooks']);
      await page.getByRole('button', { name: words['webhooks.add'] }).click();
      await dialog(page).getByRole('textbox', { name: words['webhooks.url'] }).fill('https://example.org');
      await inDialog(page, words['webhooks.form.submit']).click();
    },
  ],
  [
    'a support bundle',
    'BUNDLE_FAILED',
    async (page, words) => {
      await page.evaluate(() => {
        window.fake.bundle.failure = { code: 'BUNDLE_FAILED', message: 'no space left', reason: null };
      });
      await fromMenu(page, words, words['bundle.open']);
      await inDialog(page, words['bundle.create']).click();
    },
  ],
  [
    'looking for logins of another program',
    'TIMED_OUT',
    async (page, words) => {
      await fail(page, 'find_old_logins', 'TIMED_OUT');
      await fromMenu(page, words, words['old.open']);
      await dialog(page).getByRole('textbox', { name: words['old.dir'] }).fill('/opt/wpp');
      await inDialog(page, words['old.find']).click();
    },
  ],
  [
    'an import',
    'PAYLOAD_TOO_LARGE',
    async (page, words) => {
      await fail(page, 'import_clientes', 'PAYLOAD_TOO_LARGE');
      await fromMenu(page, words, words['import.open']);
      await page.locator('input[type=file]').setInputFiles(list('id,nombre\n50,Dos\n51,Tres'));
      await dialog(page)
        .getByRole('button', { name: words['import.submit'].other.replace('{n}', '2') })
        .click();
    },
  ],
  [
    'a code to link by number',
    'PAIRING_REFUSED',
    async (page, words) => {
      await fail(page, 'pairing_code', 'PAIRING_REFUSED');
      await card(page, 2).getByRole('button', { name: words['pair.instead'] }).click();
      await card(page, 2).getByRole('textbox').fill('+54 9 11 5555-1234');
      await card(page, 2).getByRole('button', { name: words['pair.ask'] }).click();
    },
  ],
];

describe.each([
  ['es', es],
  ['pt', pt],
] as const)('in %s', (lang, words) => {
  it.each(WAYS)(
    '%s fails in words of the language, and in English only when it is copied',
    async (_, code, run) => {
      const page = await open({ lang });
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await run(page, words);
      const note = page.getByRole('alert').filter({ hasText: words[`error.${code}`] });
      await note.getByText(words[`error.${code}.remedy`]).waitFor();
      expect(await english(page)).toEqual([]);
      await note.getByRole('button', { name: words['failure.copy'] }).click();
      await note.getByText(words['failure.copied']).waitFor();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      expect(JSON.parse(copied)).toMatchObject({ code });
      expect(copied).toContain(ENGLISH);
      expect(await english(page)).toEqual([]);
    },
  );

  it('a failure of many is told one by one', async () => {
    const page = await open({ lang });
    await fail(page, 'start', 'NOT_NOW');
    await fromMenu(page, words, words['bulk.all.start'].other.replace('{n}', '3').replace('…', ''));
    await page.getByText(words['error.NOT_NOW'], { exact: false }).first().waitFor();
    expect(await english(page)).toEqual([]);
  });

  it('what is told of webhooks is in words, also where no cause came along', async () => {
    const page = await open({ lang, query: 'access' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openApi(page, words, words['api.section.webhooks']);
    await page.getByText(words['webhooks.problem.REFUSED']).waitFor();
    await page.evaluate(() => {
      window.fake.told.nextTest = {
        ok: false,
        status: null,
        duration_ms: 4,
        error: null,
        message: 'broken pipe',
      };
    });
    await page
      .getByRole('button', { name: words['webhooks.test.of'].replace('{url}', 'https://panel') })
      .click();
    const result = page.getByRole('status').filter({ hasText: words['webhooks.problem.STATUS'] });
    await result.getByRole('button', { name: words['failure.copy'] }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(ENGLISH);
    await page.getByRole('button', { name: words['webhooks.letters'].other.replace('{n}', '3') }).click();
    await dialog(page).getByText(words['webhooks.problem.REFUSED']).waitFor();
    expect(await english(page)).toEqual([]);
  });

  it('what was added and not started says why', async () => {
    const page = await open({ lang });
    await page.evaluate(() => {
      window.fake.unstarted = { code: 'INSUFFICIENT_STORAGE', message: 'the disk is full', reason: null };
    });
    await fromMenu(page, words, words['import.open']);
    await page.locator('input[type=file]').setInputFiles(list('id,nombre\n50,Dos\n51,Tres'));
    await dialog(page).getByRole('checkbox', { name: words['import.start'] }).check();
    await dialog(page)
      .getByRole('button', { name: words['import.submit'].other.replace('{n}', '2') })
      .click();
    await page.getByText(words['error.INSUFFICIENT_STORAGE'], { exact: false }).first().waitFor();
    expect(await english(page)).toEqual([]);
  });

  it('what was taken over and not started says why', async () => {
    const page = await open({ lang, scene: 'empty' });
    await page.evaluate(() => {
      window.fake.unstarted = { code: 'INSUFFICIENT_STORAGE', message: 'the disk is full', reason: null };
    });
    await fromMenu(page, words, words['old.open']);
    await dialog(page).getByRole('textbox', { name: words['old.dir'] }).fill('/opt/wpp');
    await inDialog(page, words['old.find']).click();
    await dialog(page).getByRole('checkbox', { name: words['old.start'] }).check();
    await dialog(page)
      .getByRole('button', { name: words['old.submit'].other.replace('{n}', '2') })
      .click();
    await dialog(page)
      .getByText(words['error.INSUFFICIENT_STORAGE.remedy'], { exact: false })
      .first()
      .waitFor();
    expect(await english(page)).toEqual([]);
  });

  it('codes of a newer program are told as what they are', async () => {
    const page = await open({ lang });
    await fail(page, 'stop', 'MOON_TOO_BRIGHT');
    await card(page, 1).getByRole('button', { name: words['action.stop'] }).click();
    await page
      .getByRole('alert')
      .getByText(words['failure.unknown'].replace('{code}', 'MOON_TOO_BRIGHT'))
      .waitFor();
    await page.evaluate(() => window.fake.move(3, 'ERROR', { reason: 'NEW_MOON' as never }));
    await card(page, 3).getByText(words['reason.unknown'].replace('{code}', 'NEW_MOON')).waitFor();
    expect(await english(page)).toEqual([]);
  });

  it('a failure opens steps where one line of advice is too little', async () => {
    const page = await open({ lang });
    await fail(page, 'show_browser', 'NO_WINDOW');
    await choose(page, 1, said(words['action.showBrowser']));
    const note = page.getByRole('alert');
    await note.getByText(words['help.open']).click();
    for (const step of words['help.error.NO_WINDOW.steps'].split('\n')) await note.getByText(step).waitFor();
    await expectAccessible(page);
    await screenshot(page, `failure-steps-${lang}`);
  });
});

it('would notice what leaks', async () => {
  const page = await open();
  await page.evaluate((mark) => document.querySelector('h1')?.setAttribute('title', `x ${mark}`), ENGLISH);
  expect(await english(page)).toHaveLength(1);
  await page.evaluate((mark) => {
    document.querySelector('h1')?.removeAttribute('title');
    document.querySelector('#wall')?.append(mark);
  }, ENGLISH);
  expect(await english(page)).toHaveLength(1);
  await page.evaluate(() => document.querySelector('#wall')?.lastChild?.remove());
});
