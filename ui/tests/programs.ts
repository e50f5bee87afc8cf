/** The program without a window, and a WhatsApp beside it whose phone a test holds in its hand. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const built = (name: string) => fileURLToPath(new URL(`../../target/debug/${name}`, import.meta.url));
export const MANAGER = process.env.SESSION_MANAGER ?? built('session-manager');
const SIMULATOR = process.env.WHATSAPP_SIMULATOR ?? built('whatsapp-simulator');

/** How long a browser may take to come up on a machine that is busy. */
export const PATIENCE = { timeout: 40_000 };

function launch(program: string, options: string[], stdin: 'ignore' | 'pipe'): ChildProcess {
  if (!existsSync(program)) throw new Error(`${program} is not built: cargo build --workspace --bins`);
  return spawn(program, options, { stdio: [stdin, 'pipe', 'ignore'] });
}

/** The first line that a program writes. One that ends without a word is an error. */
async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the program has no output');
  const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the program ended with ${String(code)}`);
  });
  const [text] = await Promise.race([line, ended]);
  return text;
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A data folder, and the program that runs on it. */
export class Program {
  readonly folder = mkdtempSync(join(tmpdir(), 'session-manager-'));
  /** Where the control room is. */
  address = '';
  #child: ChildProcess | undefined;

  /** Starts it, where it was before if it ran already. */
  async start(...options: string[]): Promise<void> {
    const port = this.address ? Number(new URL(this.address).port) : await freePort();
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    this.#child = launch(
      MANAGER,
      ['--headless', `--api=${port}`, `--data-dir=${this.folder}`, '--init-rate=0', ...sandbox, ...options],
      'ignore',
    );
    this.address = (await firstLine(this.#child)).replace('Control room: ', '');
  }

  /** Ends it as a system does, and waits for it. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One of the control room's commands. */
  async command<T>(name: string, args: object = {}): Promise<T> {
    const response = await fetch(new URL(`/control/${name}`, this.address), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(args),
    });
    if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}

/** What the simulator says of a device, as far as tests here look. */
export interface Device {
  id: string;
  state: string;
  pages: number;
  qr: string | null;
}

/** WhatsApp, as far as a test needs one. */
export class Simulator {
  /** What leads a browser to it. */
  browserArgs: string[] = [];
  #child: ChildProcess | undefined;
  #control = '';

  async start(...options: string[]): Promise<void> {
    this.#child = launch(SIMULATOR, ['--exit-with-stdin', '--fast', ...options], 'pipe');
    const told = JSON.parse(await firstLine(this.#child)) as {
      chromium_args: string[];
      control_addr: string;
    };
    this.browserArgs = told.chromium_args.map((arg) => `--browser-arg=${arg}`);
    this.#control = `http://${told.control_addr}`;
  }

  async stop(): Promise<void> {
    if (!this.#child) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }

  /** The device whose page is open. */
  async device(): Promise<Device> {
    const response = await fetch(`${this.#control}/devices`);
    const devices = (await response.json()) as Device[];
    const open = devices.find(({ pages }) => pages > 0);
    if (!open) throw new Error('no page is open');
    return open;
  }

  async #post(path: string, body: object): Promise<void> {
    const response = await fetch(`${this.#control}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  }

  /** Scans a code. */
  async scan(qr: string): Promise<void> {
    await this.#post('/scan', { qr });
  }

  /** Lets the phone of a device do something else. */
  async act(device: Device, action: string): Promise<void> {
    await this.#post(`/devices/${device.id}/actions`, { action });
  }
}
