/** The real window: how soon its wall can be used, and what it costs while nobody looks at what moves. Needs a display. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, it } from 'vitest';
import { freePort, MANAGER, Program } from '../tests/programs';
import { row } from './report';

const KNOWN = 50;
const STARTS = 5;
const CODES = 20;
/** How long the idle window is watched, s. */
const WATCHED = 60;
/** The clientes of the page, as cards or as lines. */
const CLIENTES = "document.querySelectorAll('[data-cliente]')";
/** How long WebKit paints what is around a place that was scrolled to, s. */
const SETTLES = 20;
/** What the kernel counts processor time and starts in, a second. */
const TICKS = 100;

/** The window, and the WebDriver that asks its page. */
class Desk {
  #driver: ChildProcess | undefined;
  #session = '';

  async open(program: Program): Promise<void> {
    const port = await freePort();
    this.#driver = spawn('WebKitWebDriver', [`--port=${port}`], {
      stdio: 'ignore',
      env: {
        ...process.env,
        TAURI_WEBVIEW_AUTOMATION: 'true',
        XDG_CONFIG_HOME: join(program.folder, 'none'),
      },
    });
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const args = ['--demo', '--lang=es', `--data-dir=${program.folder}`, ...root];
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: MANAGER, args } } };
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await ask(`http://127.0.0.1:${port}/session`, { capabilities });
        this.#session = `http://127.0.0.1:${port}/session/${(answer as { sessionId: string }).sessionId}`;
        return;
      } catch (error) {
        if (tries > 50) throw error;
        await sleep(100);
      }
    }
  }

  /** Runs in the page. */
  async run<T>(script: string): Promise<T> {
    return (await ask(`${this.#session}/execute/sync`, { script, args: [] })) as T;
  }

  /** Waits until a script says something true. */
  async until(script: string, patience = 60_000): Promise<void> {
    const end = Date.now() + patience;
    while (!(await this.run(script))) {
      if (Date.now() > end) throw new Error(`never: ${script}`);
      await sleep(100);
    }
  }

  close(): void {
    this.#driver?.kill('SIGKILL');
  }
}

async function ask(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(JSON.stringify(value));
  return value;
}

/** The fields of `/proc/PID/stat` after the name, which may have spaces in it. */
const stat = (pid: number) => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};
const startOf = (pid: number) => {
  const up = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Date.now() - (up - Number(stat(pid)[19]) / TICKS) * 1000;
};
const spent = (pid: number) => (Number(stat(pid)[11]) + Number(stat(pid)[12])) / TICKS;

const programOn = (folder: string) => Number(readFileSync(join(folder, 'lock'), 'utf8').split(/\s/)[0]);

/** The process that draws the page of a window. */
function webviewOf(parent: number): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const pid = Number(name);
      if (readlinkSync(`/proc/${name}/exe`).endsWith('/WebKitWebProcess') && Number(stat(pid)[1]) === parent)
        return pid;
    } catch {
      // It ended meanwhile, or is not ours to look at.
    }
  }
  throw new Error('the window has no page');
}

async function endOf(folder: string): Promise<void> {
  const pid = programOn(folder);
  process.kill(pid, 'SIGTERM');
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(50);
  }
}

describe('the window', () => {
  const desk = new Desk();
  afterEach(() => desk.close());

  it('opens', { timeout: 600_000 }, async () => {
    const program = new Program();
    await program.start('--demo');
    for (let id = 1; id <= KNOWN; id += 1)
      await program.command('add_cliente', { id, name: `Cliente ${id}`, note: '', start: false });
    await program.stop();

    const opened: number[] = [];
    for (let round = 0; round < STARTS; round += 1) {
      await desk.open(program);
      await desk.until("return performance.getEntriesByName('wall').length > 0");
      const shown = await desk.run<number>(
        "return performance.timeOrigin + performance.getEntriesByName('wall')[0].startTime",
      );
      const shows = await desk.run<number>(`return ${CLIENTES}.length`);
      if (shows !== KNOWN) throw new Error(`${shows} clientes`);
      opened.push(shown - startOf(programOn(program.folder)));
      await endOf(program.folder);
      desk.close();
    }
    row(`start of the program → wall with ${KNOWN} clientes`, opened);
    await program.end();
  });

  it('idles', { timeout: 900_000 }, async () => {
    const program = new Program();
    await program.start('--demo');
    for (let id = 1; id <= KNOWN; id += 1)
      await program.command('add_cliente', { id, name: `Cliente ${id}`, note: '', start: false });
    await program.command('update_settings', { max_browsers: CODES });
    await program.stop();
    await desk.open(program);
    await desk.until(`return ${CLIENTES}.length > 0`);
    // So many are a list, where nobody chose; only cards have codes.
    await desk.run(`localStorage.setItem('session-manager.layout', '{"layout":"cards"}'); location.reload()`);
    await desk.until("return document.querySelectorAll('article').length > 0");
    for (let id = 1; id <= CODES; id += 1)
      await desk.run(
        `[...document.querySelectorAll('article[data-id="${id}"] button')].find((it) => it.textContent.includes('Iniciar')).click()`,
      );
    await desk.until(
      `return document.querySelectorAll('article[data-state=QR_REQUIRED] img').length >= ${CODES}`,
      300_000,
    );
    await desk.run("document.querySelector('main').scrollTop = 1e6");
    const pid = webviewOf(programOn(program.folder));
    await sleep(SETTLES * 1000);
    const before = spent(pid);
    await sleep(WATCHED * 1000);
    const share = ((spent(pid) - before) / WATCHED) * 100;
    process.stdout.write(`the page with ${CODES} codes out of sight: ${share.toFixed(2)} % of a processor\n`);
    await endOf(program.folder);
    await program.end();
  });
});
