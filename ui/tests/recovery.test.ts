/** What sessions do by themselves, and what a person can do about it. */
import { describe, expect, it } from 'vitest';
import { calls, card, choose, open, useBrowser } from './page';

useBrowser();

const RESTARTING = 1;
const SLEEPING = 6;
const NOTICED = 12;

describe('a session that is started again by itself', () => {
  it('counts down without moving anything, and without telling each second', async () => {
    const page = await open({ scene: 'recovery' });
    await page.evaluate((id) => {
      const now = Date.now();
      window.fake.change(id, { since: now - 1_000, restart: { attempt: 1, last: 3, at: now + 11_500 } });
      const said: string[] = [];
      const node = document.querySelector('[aria-live=polite]') as HTMLElement;
      new MutationObserver(() => said.push(node.textContent ?? '')).observe(node, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      Object.assign(window, { said });
    }, RESTARTING);
    const shown = card(page, RESTARTING);
    const boxes = () =>
      page
        .locator('article, article p, article button')
        .evaluateAll((all) => all.map((it) => JSON.stringify(it.getBoundingClientRect())));
    await shown.getByText(/Se reinicia solo en 1\d\s+s \(intento 1 de 3\)/).waitFor();
    const before = await boxes();
    await shown.getByText(/Se reinicia solo en 9\s+s \(intento 1 de 3\)/).waitFor();
    expect(await boxes()).toEqual(before);
    expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([]);
    expect(await shown.locator('[role=status], [aria-live], [role=alert]').count()).toBe(0);
  });

  it('is calm, says why and that nothing has to be done, and can be hurried or stopped', async () => {
    const page = await open({ scene: 'recovery' });
    const shown = card(page, RESTARTING);
    await shown.getByText('Se reinicia solo', { exact: true }).waitFor();
    await shown.getByText('El navegador se cerró de golpe.').waitFor();
    await shown.getByText('No hace falta hacer nada.').waitFor();
    expect(await shown.getAttribute('data-tone')).toBe('warning');
    expect(await shown.getAttribute('class')).not.toContain('loud');
    await shown.getByRole('button', { name: 'Reiniciar ahora' }).click();
    await shown.getByText('Reconectando', { exact: true }).waitFor();
    await card(page, 2).getByRole('button', { name: 'Detener' }).click();
    await card(page, 2).getByText('No inicializado').waitFor();
    expect(await calls(page)).toEqual(['start', 'stop']);
  });

  it('is an alarm with a remedy once it is not started again', async () => {
    const page = await open({ scene: 'recovery' });
    const shown = card(page, 4);
    await shown.getByText('Falló varias veces seguidas y ya no se reinicia sola.').waitFor();
    await shown.getByText('Cierra programas que no uses y reinicia.').waitFor();
    expect(await shown.getAttribute('class')).toContain('loud');
    await shown.getByRole('button', { name: 'Reiniciar', exact: false }).waitFor();
  });
});

describe('a session at rest', () => {
  it('needs nobody, is a group of its own, and wakes with a click', async () => {
    const page = await open({ scene: 'recovery' });
    const shown = card(page, SLEEPING);
    await shown.getByText('En reposo: no le llegan mensajes.').waitFor();
    await page.getByRole('button', { name: 'En reposo 1' }).click();
    await expect.poll(() => page.locator('article').count()).toBe(1);
    await page.getByRole('button', { name: /^Te necesitan/ }).click();
    await shown.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Todas/ }).click();
    await shown.getByRole('button', { name: 'Despertar' }).click();
    await shown.getByText('Reconectando', { exact: true }).waitFor();
    expect(await calls(page)).toEqual(['start']);
    await page.getByRole('button', { name: /^En reposo/ }).waitFor({ state: 'detached' });
  });

  it('is left asleep by "start all", and can be stopped from its menu', async () => {
    const page = await open({ scene: 'recovery' });
    await page.getByRole('button', { name: 'Acciones para todas' }).click();
    await page.getByRole('menuitem', { name: 'Iniciar la que está sin iniciar' }).click();
    expect(await page.evaluate(() => window.fake.calls.map(({ args }) => args))).toEqual([{ id: 20 }]);
    await choose(page, SLEEPING, 'Detener');
    await card(page, SLEEPING).getByText('No inicializado').waitFor();
  });

  it('is put there from the menu of a connected one', async () => {
    const page = await open();
    await choose(page, 1, 'Poner en reposo');
    await card(page, 1).getByText('En reposo', { exact: true }).waitFor();
    expect(await calls(page)).toEqual(['hibernate']);
    await card(page, 12).locator('[aria-haspopup=menu]').click();
    expect(await page.getByRole('menuitem', { name: 'Poner en reposo' }).count()).toBe(0);
  });
});

describe('a connection in trouble', () => {
  it.each([
    [8, 'WhatsApp no confirmó el último mensaje: quizá no salió.', 'el próximo mensaje dirá si funciona'],
    [9, 'La página de WhatsApp no responde a lo que se le pide.', 'Se la deja descansar medio minuto'],
    [10, 'La página de WhatsApp no responde a lo que se le pide.', 'Se está probando de nuevo.'],
    [11, 'WhatsApp se quedó sin red.', null],
  ])('is never a plain "connected": card %i', async (id, wrong, done) => {
    const page = await open({ scene: 'recovery' });
    const shown = card(page, id);
    await shown.getByText('Conectado con problemas', { exact: true }).waitFor();
    await shown.getByText(wrong).waitFor();
    if (done) await shown.getByText(done).waitFor();
    expect(await shown.getByText('Conectado', { exact: true }).count()).toBe(0);
    expect(await shown.getByText('Conectado correctamente').count()).toBe(0);
    expect(await shown.getAttribute('data-tone')).toBe('warning');
    await page.evaluate((id) => window.fake.change(id, { degraded: null, breaker: 'closed' }), id);
    await shown.getByText('Conectado', { exact: true }).waitFor();
  });
});

it('a login that is protected from a full disk is no alarm, and does not ask for a restart', async () => {
  const page = await open({ scene: 'recovery' });
  const shown = card(page, 14);
  await shown.getByText('Sin espacio en disco', { exact: true }).waitFor();
  await shown.getByText('Libera espacio: vuelve sola.').waitFor();
  expect(await shown.getAttribute('class')).not.toContain('loud');
  await shown.getByRole('button', { name: /^Detener/ }).waitFor();
  expect(await shown.getByRole('button', { name: /^Reiniciar/ }).count()).toBe(0);
});

describe('a notice', () => {
  it('says once what the card would say too', async () => {
    const page = await open({ scene: 'recovery' });
    const shown = card(page, 17);
    const said = shown.getByText('WhatsApp no confirmó el último mensaje: quizá no salió.');
    await said.waitFor();
    expect(await shown.getAttribute('class')).toContain('loud');
    await shown.getByRole('button', { name: /Descartar el aviso/ }).click();
    await shown.locator('.notice').waitFor({ state: 'detached' });
    await said.waitFor();
  });

  it('stays until it is dismissed, by keyboard too, and the focus stays on the card', async () => {
    const page = await open({ scene: 'recovery' });
    const shown = card(page, NOTICED);
    await shown.getByText('Su vinculación estaba dañada y se recuperó de una copia.').waitFor();
    await shown.getByRole('button', { name: /Descartar el aviso/ }).focus();
    await page.keyboard.press('Enter');
    await shown.getByText('Su vinculación estaba dañada').waitFor({ state: 'detached' });
    expect(await calls(page)).toEqual(['dismiss_notice']);
    const label = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    expect(label).toBe('Más acciones de Vinculación recuperada');
  });
});

it('a session that was opened elsewhere is brought back with one button', async () => {
  const page = await open({ scene: 'recovery' });
  await card(page, 15).getByRole('button', { name: 'Usar aquí' }).click();
  await card(page, 15).getByText('Reconectando', { exact: true }).waitFor();
  expect(await calls(page)).toEqual(['start']);
});

it('what the disk has left is not told again with every change', async () => {
  const page = await open();
  const free = (disk_free: number) =>
    page.evaluate((patch) => window.fake.setApp({ resources: { ...window.fake.app.resources, ...patch } }), {
      disk: 'low',
      disk_free,
    } as const);
  await free(812 * 1024 * 1024);
  const amount = page.getByText(/Libres: 812\sMB/);
  await amount.waitFor();
  expect(await amount.evaluate((it) => it.closest('[aria-live]')?.getAttribute('aria-live'))).toBe('off');
});

it('goes the whole way from a crash to connected, in the demo', async () => {
  const page = await open({ query: 'demo&play=quick' });
  await card(page, 1).getByRole('button', { name: 'Teléfono simulado' }).click();
  await page.evaluate(() => {
    const seen = new Set<string>();
    const look = () =>
      seen.add(document.querySelector<HTMLElement>('article[data-id="1"]')?.dataset.aspect ?? '');
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
    Object.assign(window, { seen });
  });
  await page.getByRole('button', { name: 'Hacer caer la página' }).click();
  await expect
    .poll(() => page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen]))
    .toEqual(expect.arrayContaining(['restarting', 'RECONNECTING', 'READY']));
  await card(page, 1).getByText('Conectado', { exact: true }).waitFor();
});
