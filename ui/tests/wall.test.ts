/** What the wall does as things happen. */
import { describe, expect, it } from 'vitest';
import { calls, card, dialog, open, useBrowser, type View } from './page';

useBrowser();

const order = (view: Awaited<ReturnType<typeof open>>) =>
  view.locator('article').evaluateAll((cards) => cards.map((it) => Number((it as HTMLElement).dataset.id)));

describe('a QR', () => {
  it('is greyed the instant it expires, and fresh again when the next one comes', async () => {
    const page = await open();
    const shown = card(page, 2);
    await page.evaluate(() => {
      const { session } = window.fake.clientes.get(2) as { session: { qr: { image: string | null } } };
      const now = Date.now();
      window.fake.change(2, {
        qr: { image: session.qr.image, issued_at: now - 19_600, expires_at: now + 400 },
      });
    });
    const late = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const { session } = window.fake.clientes.get(2) as { session: { qr: { expires_at: number } } };
          const look = () => {
            if (document.querySelector('article[data-id="2"] .box.expired'))
              resolve(Date.now() - session.qr.expires_at);
            else requestAnimationFrame(look);
          };
          look();
        }),
    );
    expect(late).toBeGreaterThanOrEqual(0);
    // Sooner than the next tick of the clock, even on a loaded machine.
    expect(late).toBeLessThan(500);
    await shown.getByText('Caducado').first().waitFor();
    const dimmed = await shown.locator('img').evaluate((it) => Number(getComputedStyle(it).opacity));
    expect(dimmed).toBeLessThan(0.3);
    await page.evaluate(() => {
      const now = Date.now();
      window.fake.change(2, {
        qr: {
          image: 'data:image/svg+xml,%3Csvg%20xmlns="http://www.w3.org/2000/svg"/%3E',
          issued_at: now,
          expires_at: now + 20_000,
        },
      });
    });
    await shown.locator('.box:not(.expired) img').waitFor();
    await shown.getByText('20 s', { exact: true }).waitFor();
  });

  it('moves nothing when it rotates', async () => {
    const page = await open();
    const boxes = () =>
      page
        .locator('article, .box')
        .evaluateAll((all) => all.map((it) => JSON.stringify(it.getBoundingClientRect())));
    const before = await boxes();
    await page.evaluate(() => {
      const now = Date.now();
      window.fake.change(2, { qr: null, login_step: 'waiting' });
      window.fake.change(2, {
        login_step: 'code',
        qr: { image: null, issued_at: now, expires_at: now + 60_000 },
      });
    });
    await card(page, 2).getByText('60 s', { exact: true }).waitFor();
    expect(await boxes()).toEqual(before);
  });

  it('counts down in whole seconds, as a ring and in words', async () => {
    const page = await open();
    const counted = () =>
      card(page, 2)
        .locator('.countdown')
        .evaluate((it) => ({
          ring: Number(it.querySelector('.ring')?.getAttribute('stroke-dashoffset')),
          seconds: parseInt(it.textContent, 10),
        }));
    const { ring, seconds } = await counted();
    // Of 20 s, as many are left as it says, give or take the part of one that is not said.
    expect(ring).toBeGreaterThan(100 * (1 - seconds / 20) - 0.1);
    expect(ring).toBeLessThan(100 * (1 - (seconds - 1) / 20) + 0.1);
    await expect.poll(async () => (await counted()).seconds).toBeLessThan(seconds);
    expect((await counted()).ring).toBeGreaterThan(ring);
  });

  it('does nothing while nobody can see it', async () => {
    const page = await open({ width: 800, height: 500 });
    const countdown = card(page, 2).locator('.countdown');
    await countdown.locator('.ring').waitFor();
    const changes = (ms: number) =>
      countdown.evaluate(
        (it, ms) =>
          new Promise<number>((resolve) => {
            let seen = 0;
            const observer = new MutationObserver((records) => (seen += records.length));
            observer.observe(it, { subtree: true, childList: true, characterData: true, attributes: true });
            setTimeout(() => resolve(seen), ms);
          }),
        ms,
      );
    await expect.poll(() => changes(1_500)).toBeGreaterThan(0);
    await page.locator('main').evaluate((it) => it.scrollTo(0, it.scrollHeight));
    await expect.poll(() => changes(2_500)).toBe(0);
    await countdown.evaluate((it) => it.scrollIntoView());
    await expect.poll(() => changes(1_500)).toBeGreaterThan(0);
  });

  it('becomes a check mark when it was scanned, in its place, and then the card goes to the others', async () => {
    const page = await open();
    expect((await order(page))[0]).toBe(2);
    await page.evaluate(() => window.fake.move(2, 'READY'));
    await card(page, 2).getByText('Vinculado').waitFor();
    expect((await order(page))[0]).toBe(2);
    await card(page, 2).getByText('Vinculado').waitFor({ state: 'detached' });
    await expect.poll(async () => (await order(page))[0]).not.toBe(2);
  });
});

it('goes the whole way from adding to linked, in the demo', async () => {
  const page = await open({ scene: 'empty', query: 'demo&play=quick' });
  await page.getByRole('button', { name: 'Agregar cliente' }).first().click();
  await dialog(page).getByLabel('Nombre').fill('Zapatería Sol');
  await page.getByRole('button', { name: 'Agregar', exact: true }).click();
  await card(page, 1).getByAltText('Código QR para vincular Zapatería Sol').waitFor();
  await card(page, 1).getByRole('button', { name: 'Teléfono simulado' }).click();
  await page.getByRole('button', { name: 'Escanear el QR' }).click();
  await card(page, 1).getByText('Vinculado').waitFor();
  await card(page, 1).getByText('Conectado correctamente a WhatsApp').waitFor();
  await page.getByRole('button', { name: 'Cortar la red' }).click();
  await card(page, 1).getByText('Desconexión temporal. Reintentando (1/3)…').waitFor();
  await page.getByRole('button', { name: 'Devolver la red' }).click();
  await card(page, 1).getByText('Conectado', { exact: true }).waitFor();
});

describe('what this version does not know', () => {
  it('is shown as it is: a state, a reason, an error code', async () => {
    const page = await open();
    await page.evaluate(() => {
      const { fake, Failure } = window;
      fake.move(1, 'PAUSED_BY_MOON' as never, { reason: 'FULL_MOON' as never, login_step: 'dance' as never });
      fake.fail('stop', new Failure('MOON_TOO_BRIGHT' as never, 'wait for clouds'));
    });
    const shown = card(page, 1);
    await shown.getByText('PAUSED_BY_MOON').waitFor();
    await shown.getByText('FULL_MOON').waitFor();
    await shown.getByRole('button', { name: 'Detener' }).click();
    await page.getByText('Falló con el código MOON_TOO_BRIGHT.').waitFor();
    expect(await page.locator('article').count()).toBe(12);
  });
});

describe('a backend that stops answering', () => {
  it('greys the whole wall and says so; back again, the wall is up to date', async () => {
    const page = await open();
    await page.evaluate(() => window.fake.disconnect());
    await page.getByText('El programa no responde.').first().waitFor();
    expect(await page.locator('main > div').evaluate((it) => (it as HTMLElement).inert)).toBe(true);
    await page.evaluate(() => {
      window.fake.clientes.delete(1);
      window.fake.reconnect();
    });
    await card(page, 1).waitFor({ state: 'detached' });
    expect(await page.locator('main > div').evaluate((it) => (it as HTMLElement).inert)).toBe(false);
    await expect
      .poll(() => page.locator('[aria-live=polite]').textContent())
      .toBe('El programa volvió a responder.');
  });
});

describe('search, filter and order', () => {
  it('finds by name without accents, by number and by id, and says when nothing matches', async () => {
    const page = await open();
    const search = page.getByLabel('Buscar por nombre, número o id');
    await search.fill('optica');
    await expect.poll(() => order(page)).toEqual([7]);
    await search.fill('+54 9 351 444');
    await expect.poll(() => order(page)).toEqual([4]);
    await search.fill('nadie');
    await page.getByText('Ningún cliente coincide con la búsqueda.').waitFor();
    await page.getByRole('button', { name: 'Quitar filtros' }).click();
    await expect.poll(async () => (await order(page)).length).toBe(12);
  });

  it('filters by group and by state', async () => {
    const page = await open();
    await page.getByRole('button', { name: /^Te necesitan/ }).click();
    await expect.poll(() => order(page)).toEqual([2, 4, 8]);
    await page.getByLabel('Estado', { exact: true }).selectOption({ label: 'Reconectando (1)' });
    await expect.poll(() => order(page)).toEqual([6]);
  });

  it('keeps its order while a pointer moves over it', async () => {
    const page = await open();
    const before = await order(page);
    await card(page, 8).hover();
    await page.mouse.move(500, 400);
    await page.evaluate(() => window.fake.move(11, 'ERROR'));
    await card(page, 11).getByText('Error', { exact: true }).waitFor();
    expect(await order(page)).toEqual(before);
    await page.mouse.move(500, 10);
    await expect.poll(async () => (await order(page)).indexOf(11)).toBe(3);
  });

  it('keeps the focus on a button whose card moves', async () => {
    const page = await open();
    const button = card(page, 11).getByRole('button', { name: 'Enviar prueba' });
    await card(page, 11).locator('[aria-haspopup=menu]').focus();
    await page.evaluate(() => window.fake.move(11, 'ERROR'));
    await expect.poll(async () => (await order(page)).indexOf(11)).toBe(3);
    await button.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.closest('article')?.dataset.id)).toBe('11');
  });
});

describe('announcements', () => {
  it('tell a change of state, and not each second of a countdown', async () => {
    const page = await open();
    const live = page.locator('[aria-live=polite]');
    await page.evaluate(() => {
      const node = document.querySelector('[aria-live=polite]') as HTMLElement;
      const said: string[] = [];
      new MutationObserver(() => said.push(node.textContent ?? '')).observe(node, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      Object.assign(window, { said });
    });
    const left = card(page, 2).locator('.countdown [aria-hidden]');
    const seconds = await left.last().textContent();
    await expect.poll(() => left.last().textContent()).not.toBe(seconds);
    await page.evaluate(() => window.fake.move(8, 'READY'));
    await expect.poll(() => live.textContent()).toBe('Taller Mecánico El Rayo: Conectado.');
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    expect(new Set(said)).toEqual(new Set(['Taller Mecánico El Rayo: Conectado.']));
  });
});

describe('commands', () => {
  it('run once for a double click, and what the button says next is not clicked by its second half', async () => {
    const page = await open();
    await card(page, 12).getByRole('button', { name: 'Iniciar' }).dblclick();
    await card(page, 12).getByText('Reconectando', { exact: true }).waitFor();
    expect(await calls(page)).toEqual(['start']);
  });

  it('start all, and stop all after asking', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Acciones para todas' }).click();
    await page.getByRole('menuitem', { name: 'Iniciar la que está sin iniciar' }).click();
    await card(page, 12).getByText('Reconectando', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Acciones para todas' }).click();
    await page.getByRole('menuitem', { name: 'Detener las 10 que corren' }).click();
    await dialog(page).getByRole('button', { name: 'Detener las 10' }).dblclick();
    await expect.poll(async () => (await calls(page)).filter((it) => it === 'stop').length).toBe(10);
  });
});

const smooth: View = { scene: 'fifty', width: 1440, height: 860 };
describe('fifty cards', () => {
  it('take an event each frame without stutter', async () => {
    const page = await open(smooth);
    // So many are a list unless somebody wants cards.
    await page.getByRole('button', { name: 'Cómo se ven' }).click();
    await page.getByRole('menuitemradio', { name: 'Tarjetas' }).click();
    await page.locator('article').first().waitFor();
    expect(await page.locator('article').count()).toBe(50);
    const usual = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const frames: number[] = [];
          let rounds = 0;
          let last = performance.now();
          const frame = (now: number) => {
            frames.push(now - last);
            last = now;
            const id = 1 + 3 * (rounds % 17);
            const at = Date.now();
            window.fake.change(id, {
              qr: {
                image: window.fake.clientes.get(1)?.session.qr?.image ?? null,
                issued_at: at,
                expires_at: at + 20_000,
              },
            });
            if (rounds++ < 60) requestAnimationFrame(frame);
            else resolve(frames.sort((a, b) => a - b)[30] ?? 0);
          };
          requestAnimationFrame(frame);
        }),
    );
    // The median, and generous: a small machine may be busy with something else for a frame or two.
    expect(usual).toBeLessThan(40);
  });
});
