/** The panel of the local API: its sections, its state, and the calls as they come. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { calls, dialog, expectAccessible, open, screenshot, useBrowser, type View } from './page';

useBrowser();

const lastCall = (page: Page) => page.evaluate(() => window.fake.calls.at(-1));
const selected = (page: Page) => page.locator('[role=tab][aria-selected=true]');

async function openPanel(view: View = {}): Promise<Page> {
  const page = await open(view);
  await page.getByRole('button', { name: 'API local' }).click();
  return page;
}

async function openCalls(view: View = {}): Promise<Page> {
  const page = await openPanel(view);
  await page.getByRole('tab', { name: 'Llamadas' }).click();
  return page;
}

const rows = (page: Page) => page.locator('[role=table] .row:not(.head)');
const scroll = (page: Page) => page.getByRole('region', { name: 'Últimas llamadas' });

describe('the sections', () => {
  it('are chosen with the arrows, Home and End, and Tab goes on into the section', async () => {
    const page = await openPanel();
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    expect(await focused()).toBe('Estado');
    for (const [key, section] of [
      ['ArrowRight', 'Llamadas'],
      ['ArrowRight', 'Claves'],
      ['ArrowLeft', 'Llamadas'],
      ['End', 'Webhooks'],
      ['ArrowRight', 'Estado'],
      ['ArrowLeft', 'Webhooks'],
      ['Home', 'Estado'],
    ] as const) {
      await page.keyboard.press(key);
      expect(await focused()).toBe(section);
      expect((await selected(page).textContent())?.trim()).toBe(section);
      await page.getByRole('tabpanel', { name: section }).waitFor();
    }
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('[role=tabpanel]') !== null)).toBe(true);
  });

  it('open where they were left, and the focus goes back to the header', async () => {
    const page = await openCalls();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    const button = page.getByRole('button', { name: 'API local' });
    expect(await button.evaluate((it) => it === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    expect((await selected(page).textContent())?.trim()).toBe('Llamadas');
  });

  it('have one size', async () => {
    const page = await openPanel();
    const box = () => dialog(page).evaluate((it) => JSON.stringify(it.getBoundingClientRect()));
    const before = await box();
    await page.getByRole('tab', { name: 'Llamadas' }).click();
    await page.getByText('Todavía no llamó ningún programa').waitFor();
    expect(await box()).toBe(before);
    await page.getByRole('tab', { name: 'Webhooks' }).click();
    await page.getByText('Todavía no hay webhooks').waitFor();
    expect(await box()).toBe(before);
  });
});

describe('the state', () => {
  it('checks the port and tells when it is taken, in the header too', async () => {
    const page = await openPanel();
    const port = dialog(page).getByLabel('Puerto');
    await port.fill('70000');
    await page.getByText('Un número de 1 a 65535.').waitFor();
    expect(await page.getByRole('button', { name: 'Aplicar' }).isDisabled()).toBe(true);
    await port.fill('3002');
    await page.getByRole('button', { name: 'Aplicar' }).click();
    await dialog(page).getByText('Escuchando en http://127.0.0.1:3002').waitFor();
    expect(await lastCall(page)).toEqual({ command: 'update_settings', args: { api_port: 3002 } });
    await page.evaluate(() => window.fake.setApp({ api: { ...window.fake.app.api, error: 'PORT_TAKEN' } }));
    await dialog(page).getByText('Otro programa usa su puerto. Elige otro puerto').waitFor();
    await page.locator('[aria-label="API local: no está escuchando"]').waitFor();
    await page.getByRole('switch').uncheck();
    await dialog(page).getByText('Apagada').waitFor();
  });

  it('gives the address and an order for a terminal to copy', async () => {
    const page = await openPanel();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('button', { name: 'Copiar la dirección' }).click();
    await page.getByText('Copiado').waitFor({ state: 'attached' });
    expect(await copied()).toBe('http://127.0.0.1:3001');
    await page.getByLabel('Cliente del ejemplo').selectOption({ label: '#5 Veterinaria Huellas' });
    await page.getByRole('button', { name: 'Copiar la orden' }).click();
    await expect.poll(copied).toBe('curl http://127.0.0.1:3001/status -H "X-Cliente-Id: 5"');
  });

  it('says that a key has to be sent, where one is needed', async () => {
    const page = await openPanel();
    expect(await page.getByText('Mandar una clave').count()).toBe(0);
    await page.evaluate(() => window.fake.setApp({ api: { ...window.fake.app.api, key_required: true } }));
    await dialog(page).getByText('Mandar una clave en la cabecera').waitFor();
    await dialog(page).getByText('-H "X-API-Key: smk_…"').waitFor();
  });

  it('says so when nothing can be copied', async () => {
    const page = await openPanel();
    await page.evaluate(() =>
      Object.defineProperty(navigator.clipboard, 'writeText', {
        value: () => Promise.reject(new Error('no')),
      }),
    );
    await page.getByRole('button', { name: 'Copiar la dirección' }).click();
    await page.getByText('No se pudo copiar').waitFor();
  });

  it('cannot be changed where this page is served by it', async () => {
    const page = await openPanel({ query: 'headless' });
    await dialog(page).getByText('Esta página se sirve desde la API local').waitFor();
    expect(await page.getByRole('switch').count()).toBe(0);
    expect(await page.getByLabel('Puerto').count()).toBe(0);
  });
});

describe('the calls', () => {
  it('appear as they end, and are told in words', async () => {
    const page = await openCalls();
    await page.getByText('Todavía no llamó ningún programa').waitFor();
    await page.evaluate(() => window.fake.called({ route: '/status', method: 'GET' }));
    await rows(page).first().getByText('/status').waitFor();
    await page.evaluate(() => window.fake.called({ status: 409, code: 'SESSION_NOT_READY', cliente: 4 }));
    const first = rows(page).first();
    await first.getByText('La sesión no está conectada.').waitFor();
    await first.getByText('SESSION_NOT_READY').waitFor();
    await first.getByText('409').waitFor();
    await first.getByText('#4 Estudio Contable Ríos').waitFor();
    await page.evaluate(() => window.fake.called({ status: null }));
    await rows(page).first().getByText('Quien llamaba colgó antes de la respuesta.').waitFor();
    expect(await lastCall(page)).toEqual({ command: 'calls', args: { limit: 500, after: 2 } });
  });

  it('are not asked for while nobody looks', async () => {
    const page = await openPanel();
    await page.evaluate(() => window.fake.called());
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.getByRole('tab', { name: 'Llamadas' }).click();
    await page.evaluate(() => window.fake.called());
    expect(await calls(page)).toEqual([]);
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await expect.poll(() => rows(page).count()).toBe(2);
  });

  it('are filtered by cliente, route and failure', async () => {
    const page = await openCalls({ query: 'calls=50' });
    await page.getByText('50 llamadas', { exact: true }).waitFor();
    await page.getByLabel('Solo fallos').check();
    await page.getByText('30 de 50 llamadas').waitFor();
    await page.getByLabel('Ruta').fill('/INIT');
    await page.getByText('10 de 50 llamadas').waitFor();
    await dialog(page).getByRole('combobox', { name: 'Cliente' }).selectOption({ label: '#6 Hotel Bahía' });
    await page.getByText('5 de 50 llamadas').waitFor();
    expect(await rows(page).count()).toBe(5);
    await page.getByLabel('Ruta').fill('/nada');
    await page.getByText('Ninguna llamada coincide con los filtros.').waitFor();
    await page.getByRole('button', { name: 'Quitar filtros' }).click();
    await expect.poll(() => rows(page).count()).toBe(50);
  });

  it('stand still while paused, and say how many are new', async () => {
    const page = await openCalls({ query: 'calls=3' });
    await page.getByRole('button', { name: 'Pausar' }).click();
    await page.getByText('En pausa.').waitFor();
    await page.evaluate(() => {
      window.fake.called();
      window.fake.called();
    });
    await page.getByText('2 llamadas nuevas').waitFor();
    expect(await rows(page).count()).toBe(3);
    await page.getByRole('button', { name: 'Seguir' }).click();
    await expect.poll(() => rows(page).count()).toBe(5);
    await page.getByText('2 llamadas nuevas').waitFor({ state: 'detached' });
  });

  it('wait while somebody reads further down', async () => {
    const page = await openCalls({ query: 'calls=100' });
    await rows(page).nth(60).scrollIntoViewIfNeeded();
    await page.waitForFunction(() => (document.querySelector('.scroll')?.scrollTop ?? 0) > 4);
    const top = () => scroll(page).evaluate((it) => it.scrollTop);
    const before = await top();
    await page.evaluate(() => window.fake.called({ route: '/qr' }));
    await page.getByText('Una llamada nueva').waitFor();
    expect(await rows(page).count()).toBe(100);
    expect(await top()).toBe(before);
    await page.getByRole('button', { name: 'Ver lo nuevo' }).click();
    await expect.poll(() => rows(page).count()).toBe(101);
    expect(await top()).toBe(0);
  });

  it('are copied as text, those that show', async () => {
    const page = await openCalls({ query: 'calls=10' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByLabel('Ruta').fill('/init');
    await page.getByText('2 de 10 llamadas').waitFor();
    await page.getByRole('button', { name: 'Copiar como texto' }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toContain('RATE_LIMIT_EXCEEDED');
    expect((await copied()).trim().split('\n').length).toBe(3);
  });

  it('say why none will come', async () => {
    const page = await openCalls();
    await page.evaluate(() => window.fake.setApp({ api: { ...window.fake.app.api, enabled: false } }));
    await page.getByText('La API local está apagada, así que no llegará ninguna llamada.').waitFor();
  });

  it('keep what they show when the program does not answer, and go on after it', async () => {
    const page = await openCalls({ query: 'calls=2' });
    await expect.poll(() => rows(page).count()).toBe(2);
    await page.evaluate(() => {
      const { fake, Failure } = window;
      fake.fail('calls', new Failure('UNREACHABLE', 'gone'));
      fake.called();
    });
    await dialog(page).getByText('El programa no responde.').waitFor();
    expect(await rows(page).count()).toBe(2);
    await page.evaluate(() => {
      window.fake.fail('calls', null);
      window.fake.reconnect();
    });
    await expect.poll(() => rows(page).count()).toBe(3);
    await dialog(page).getByText('El programa no responde.').waitFor({ state: 'detached' });
  });

  it('stay smooth with five hundred of them and four new ones a second', async () => {
    const page = await openCalls({ query: 'calls=500' });
    await expect.poll(() => rows(page).count()).toBe(500);
    const slowest = await page.evaluate(async () => {
      const frames: number[] = [];
      let last = performance.now();
      let going = true;
      const look = (now: number) => {
        frames.push(now - last);
        last = now;
        if (going) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      for (let n = 0; n < 8; n++) {
        for (let k = 0; k < 5; k++) window.fake.called({ route: `/status` });
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      going = false;
      // The middle says how it feels; a single late frame says how busy the machine was.
      return frames.sort((a, b) => a - b)[Math.floor(frames.length * 0.9)] ?? 0;
    });
    expect(await rows(page).count()).toBe(500);
    expect(slowest).toBeLessThan(100);
  });
});

it.each([
  ['status', 800, 500, 1],
  ['status', 1366, 768, 2],
  ['calls', 800, 500, 1],
  ['calls', 1366, 768, 2],
] as const)('%s fits %i×%i with text %i times as large', async (section, width, height, zoom) => {
  const page = await (section === 'calls' ? openCalls : openPanel)({ query: 'calls=30', width, height });
  await page.evaluate((zoom) => (document.documentElement.style.fontSize = `${zoom * 100}%`), zoom);
  const wide = await dialog(page).evaluate((it) =>
    [it, ...it.querySelectorAll('*')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'auto')
      .map((one) => one.className),
  );
  expect(wide).toEqual([]);
  await expectAccessible(page);
  await screenshot(page, `api-${section}-${width}-${zoom}`);
});
