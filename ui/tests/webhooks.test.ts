/** Webhooks in the panel of the local API. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { en } from '../src/lib/i18n/en';
import { es } from '../src/lib/i18n/es';
import { pt } from '../src/lib/i18n/pt';
import { dialog, expectAccessible, open, screenshot, useBrowser, type View, SPREAD } from './page';

useBrowser();

const FAILING = 'http://192.168.0.9:8080/hook';
const lastCall = (page: Page, command: string) =>
  page.evaluate((name) => window.fake.calls.findLast((call) => call.command === name)?.args, command);

async function openWebhooks(view: View = {}): Promise<Page> {
  const page = await open(view);
  await page.getByRole('button', { name: view.lang === 'en' ? 'Local API' : 'API local' }).click();
  await page.getByRole('tab', { name: 'Webhooks' }).click();
  return page;
}

const row = (page: Page, url: string) =>
  page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: url }) })
    .first();
const url = (page: Page) => page.getByLabel('Dirección', { exact: true });

it('is added, its test fails in plain words, and what was not delivered is resent', async () => {
  const page = await openWebhooks();
  await page.getByText('Todavía no hay webhooks').waitFor();
  await page.getByRole('button', { name: 'Agregar webhook' }).click();
  await url(page).fill('ejemplo');
  await page.getByRole('button', { name: 'Agregar', exact: true }).click();
  await page.getByText('Empieza con https:// o http://').waitFor();
  await url(page).fill(' http://192.168.0.9/hook ');
  await page.getByText('Sin cifrar (http)').waitFor();
  await page.getByRole('checkbox', { name: 'Conectada', exact: true }).check();
  await page.getByRole('switch', { name: 'Mandar también datos privados' }).check();
  await page.getByText('podrá leer mensajes y vincular teléfonos').waitFor();
  await page.getByRole('radio', { name: 'Solo de estos' }).check();
  await page.getByRole('button', { name: 'Agregar', exact: true }).click();
  await page.getByText('Elige al menos uno.').waitFor();
  await page.getByRole('checkbox', { name: '#5 Veterinaria Huellas' }).check();
  await page.getByRole('button', { name: 'Agregar', exact: true }).click();
  await page.getByText('Se agregó. Pruébalo').waitFor();
  expect(await lastCall(page, 'add_webhook')).toEqual({
    url: 'http://192.168.0.9/hook',
    events: ['session.status', 'session.ready'],
    clientes: [5],
    shape: 'native',
    content: true,
    enabled: true,
  });

  await page.evaluate(() => {
    window.fake.told.nextTest = { ok: false, status: 503, duration_ms: 41, error: 'STATUS', message: 'x' };
  });
  await page.getByRole('button', { name: 'Probar http' }).click();
  await page.getByText('No llegó. Respondió 503.').waitFor();
  await page.getByText('Mira el registro del programa que recibe.').waitFor();

  await page.evaluate(() => {
    const { webhooks, letters } = window.fake.told;
    for (const webhook of webhooks.values()) {
      webhooks.set(webhook.id, { ...webhook, dead: 2 });
      letters.set(
        webhook.id,
        [8, 7].map((letter) => ({
          letter,
          id: `evt_${letter}`,
          event: 'session.ready',
          cliente_id: 5,
          at: Date.now(),
          died_at: Date.now(),
          attempts: 30,
          status: 503,
          error: 'STATUS',
          message: 'x',
        })),
      );
    }
    window.fake.reconnect();
  });
  await page.getByRole('button', { name: 'Ver los 2 sin entregar' }).click();
  await dialog(page).getByText('2 avisos', { exact: true }).waitFor();
  await dialog(page)
    .getByRole('button', { name: 'Reenviar Conectada de #5 Veterinaria Huellas' })
    .first()
    .click();
  await dialog(page).getByText('Se está reenviando un aviso.').waitFor();
  expect(await lastCall(page, 'resend_dead_letters')).toEqual({ webhook: 'wh_1', letter: 8 });
  await dialog(page).getByRole('button', { name: 'Reenviar todos' }).click();
  await dialog(page).getByText('No queda nada sin entregar.').waitFor();
  await dialog(page).locator('footer').getByRole('button', { name: 'Cerrar' }).click();
  await row(page, '192.168.0.9')
    .getByRole('button', { name: 'Ver los 2 sin entregar' })
    .waitFor({ state: 'detached' });
});

describe('the list', () => {
  it('says of each where, what, how it goes and since when', async () => {
    const page = await openWebhooks({ query: 'access' });
    await page.getByText('4 webhooks').waitFor();
    const failing = row(page, FAILING);
    for (const text of ['Falla', 'Todo', 'WAHA', 'Con datos privados', '41', 'tras 12 intentos'])
      await failing.getByText(text, { exact: false }).first().waitFor();
    await failing.getByText('#99 (ya no existe)').waitFor();
    await failing.getByText('En esa dirección no escucha nadie.').waitFor();
    await row(page, 'panel.example.com').getByText('Respondió 204').waitFor();
    await row(page, 'viejo').getByText('Apagado por su receptor').waitFor();
    const fixed = row(page, 'monitor.example.net');
    await fixed.getByText('Viene de la línea de órdenes').waitFor();
    expect(await fixed.getByRole('button', { name: 'Editar' }).count()).toBe(0);
    expect(await fixed.getByRole('button', { name: 'Quitar' }).count()).toBe(0);
  });

  it('is looked at again while it is open', async () => {
    const page = await openWebhooks({ query: 'access' });
    await row(page, 'monitor').getByText('Sin estrenar').waitFor();
    await page.evaluate(() => {
      const { webhooks } = window.fake.told;
      const one = webhooks.get('wh_d');
      if (one) webhooks.set('wh_d', { ...one, last_delivery_at: Date.now(), last_status: 200 });
    });
    await row(page, 'monitor').getByText('Funciona').waitFor();
  });

  it('says how a test went that arrived', async () => {
    const page = await openWebhooks({ query: 'access' });
    await page.getByRole('button', { name: 'Probar https://panel' }).click();
    await page.getByText(/Llegó: respondió 200 en 12\sms\./).waitFor();
  });
});

describe('the choice of events', () => {
  it('takes the narrower ones in with a wider one', async () => {
    const page = await openWebhooks({ query: 'access' });
    await page.getByRole('button', { name: 'Editar https://panel' }).click();
    const box = (name: string) => dialog(page).getByRole('checkbox', { name, exact: true });
    expect(await box('Código QR nuevo').isChecked()).toBe(true);
    expect(await box('Código QR nuevo').isDisabled()).toBe(true);
    await box('Todo lo de las sesiones').uncheck();
    expect(await box('Código QR nuevo').isChecked()).toBe(false);
    await box('Todo').check();
    expect(await box('Recibidos').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Guardar' }).click();
    await page.getByText('Se guardó.').waitFor();
    expect(await lastCall(page, 'update_webhook')).toMatchObject({
      webhook: 'wh_a',
      draft: { events: ['*'] },
    });
  });

  it('keeps what was typed when the program refuses it', async () => {
    const page = await openWebhooks({ query: 'access' });
    await page.getByRole('button', { name: 'Editar https://panel' }).click();
    await page.evaluate(() =>
      window.fake.fail('update_webhook', new window.Failure('INVALID_REQUEST', 'no')),
    );
    await url(page).fill('https://example.org:99/x');
    await page.getByRole('button', { name: 'Guardar' }).click();
    await page.getByText('Empieza con https:// o http://').waitFor();
    expect(await url(page).inputValue()).toBe('https://example.org:99/x');
  });
});

describe('the secret', () => {
  it('is hidden, shown, changed with a word about the day on which both sign, and gone when closed', async () => {
    const page = await openWebhooks({ query: 'access' });
    await page.getByRole('button', { name: 'Secreto de https://panel' }).click();
    const code = dialog(page).locator('code');
    await dialog(page).getByRole('button', { name: 'Mostrar' }).click();
    expect((await code.textContent())?.trim()).toBe('whsec_wh_a');
    await dialog(page).getByRole('button', { name: 'Cambiar el secreto…' }).click();
    await dialog(page).getByText('Durante 24 horas firman los dos').waitFor();
    await dialog(page).getByRole('button', { name: 'Cambiarlo' }).click();
    await dialog(page).getByText('El secreto es nuevo').waitFor();
    await dialog(page).getByText('firma también el anterior').waitFor();
    expect((await code.textContent())?.trim()).not.toBe('whsec_wh_a');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(1);
    const left = () => page.evaluate(() => document.documentElement.innerHTML.includes('whsec_'));
    await expect.poll(left).toBe(false);
  });
});

describe('what was not delivered', () => {
  it('is discarded only after a question', async () => {
    const page = await openWebhooks({ query: 'access' });
    await page.getByRole('button', { name: `Ver los 3 sin entregar: ${FAILING}` }).click();
    await dialog(page).getByText('3 avisos', { exact: true }).waitFor();
    await dialog(page).getByRole('button', { name: 'Descartar todos…' }).click();
    await page.getByRole('heading', { name: '¿Descartar todos los avisos sin entregar?' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).getByText('3 avisos', { exact: true }).waitFor();
    await dialog(page).getByRole('button', { name: 'Descartar todos…' }).click();
    await dialog(page).getByRole('button', { name: 'Descartar', exact: true }).click();
    await dialog(page).getByText('Se descartaron 3 avisos.').waitFor();
    expect(await lastCall(page, 'discard_dead_letters')).toEqual({ webhook: 'wh_b', letter: null });
  });

  it('cannot be resent by one that is switched off, and it is said why', async () => {
    const page = await openWebhooks({ query: 'access' });
    await page.evaluate(() => {
      const { webhooks } = window.fake.told;
      const one = webhooks.get('wh_b');
      if (one) webhooks.set('wh_b', { ...one, enabled: false });
      window.fake.reconnect();
    });
    await page.getByRole('button', { name: `Ver los 3 sin entregar: ${FAILING}` }).click();
    await dialog(page).getByText('enciende antes el webhook').waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Reenviar todos' }).isDisabled()).toBe(true);
  });
});

it('is removed after a question that says what is lost', async () => {
  const page = await openWebhooks({ query: 'access' });
  await page.getByRole('button', { name: `Quitar ${FAILING}` }).click();
  await dialog(page).getByText('Se pierden 44 avisos').waitFor();
  await dialog(page).getByRole('button', { name: 'Quitar', exact: true }).click();
  await page.getByText('Se quitó el webhook.').waitFor();
  await page.getByText('3 webhooks').waitFor();
});

const WORDS = { es, en, pt };

describe.each(SPREAD)('in $lang, $theme', ({ lang, theme }) => {
  it.each(['', 'access'])('the list looks right: %s', async (query) => {
    const page = await openWebhooks({ lang, theme, query, width: 1100, height: 900 });
    await page.getByRole('tabpanel').getByText('example').or(page.locator('.empty')).first().waitFor();
    await expectAccessible(page);
    await screenshot(page, `webhooks-${query || 'empty'}-${lang}-${theme}`);
  });

  it('the dialogs look right', async () => {
    const page = await openWebhooks({ lang, theme, query: 'access', width: 1100, height: 900 });
    const words = WORDS[lang];
    const of = (key: 'webhooks.test.of' | 'webhooks.edit.of' | 'webhooks.secret.of' | 'webhooks.remove.of') =>
      words[key].replace('{url}', '');
    const name = (what: string) => `webhook-${what}-${lang}-${theme}`;
    await page.evaluate(() => {
      window.fake.told.nextTest = { ok: false, status: null, duration_ms: 41, error: 'TLS', message: 'x' };
    });
    await page.getByRole('button', { name: `${of('webhooks.test.of')}https://panel` }).click();
    await page.getByText(words['webhooks.problem.TLS']).waitFor();
    await expectAccessible(page);
    await screenshot(page, name('test-failed'));
    for (const [button, what] of [
      [`${words['webhooks.letters'].other.replace('{n}', '3')}: `, 'letters'],
      [of('webhooks.edit.of'), 'edit'],
      [of('webhooks.secret.of'), 'secret'],
      [of('webhooks.remove.of'), 'remove'],
    ] as const) {
      await page.getByRole('button', { name: `${button}${FAILING}` }).click();
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(2);
      if (what === 'letters') await dialog(page).getByRole('listitem').first().waitFor();
      await expectAccessible(page);
      await screenshot(page, name(what));
      await page.keyboard.press('Escape');
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(1);
    }
  });
});

it.each([
  [800, 500, 1],
  [1366, 768, 2],
] as const)('fits %i×%i with text %i times as large', async (width, height, zoom) => {
  const page = await openWebhooks({ query: 'access', width, height });
  await page.evaluate((zoom) => (document.documentElement.style.fontSize = `${zoom * 100}%`), zoom);
  const wide = () =>
    dialog(page).evaluate((it) =>
      [it, ...it.querySelectorAll('*')]
        .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'auto')
        .map((one) => one.className),
    );
  await row(page, FAILING).waitFor();
  expect(await wide()).toEqual([]);
  await expectAccessible(page);
  await screenshot(page, `webhooks-${width}-${zoom}`);
  await page.getByRole('button', { name: `Editar ${FAILING}` }).click();
  expect(await wide()).toEqual([]);
  await expectAccessible(page);
  await screenshot(page, `webhook-edit-${width}-${zoom}`);
});
