/** The build that is shipped, served over HTTP by something that speaks as the local API does, under the real policy. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, inject, it } from 'vitest';
import { sampleApp, sampleCliente } from '../src/lib/backend/fake/samples';
import type { ClienteView, ControlEvent } from '../src/lib/wire';
import { CSP } from '../csp';
import { card, forgive, newPage, useBrowser } from './page';

useBrowser();

const TYPES: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};

class Program {
  readonly streams = new Set<ServerResponse>();
  readonly posts: { path: string; type: string; body: unknown }[] = [];
  clientes: ClienteView[] = [
    sampleCliente(1, 'QR_REQUIRED', { name: 'Uno' }),
    sampleCliente(2, 'READY', { name: 'Dos' }),
  ];
  #server!: Server;
  port = 0;

  async start(port = 0): Promise<void> {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '/';
      if (path === '/control/events') return this.#stream(response);
      if (request.method !== 'POST') return file(path, response);
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        this.posts.push({ path, type: request.headers['content-type'] ?? '', body: JSON.parse(text) });
        const failed = path === '/control/stop';
        response.writeHead(failed ? 409 : 200, { 'Content-Type': 'application/json' });
        response.end(
          failed ? '{"code":"NOT_NOW","message":"no","reason":null}' : JSON.stringify(this.clientes[0]),
        );
      });
    });
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    this.streams.clear();
    await closed;
  }

  say(event: ControlEvent): void {
    for (const stream of this.streams) write(stream, event);
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    this.streams.add(response);
    write(response, { type: 'snapshot', app: sampleApp({ headless: true }), clientes: this.clientes });
  }
}

function write(stream: ServerResponse, event: ControlEvent): void {
  stream.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function file(path: string, response: ServerResponse): void {
  const name = path === '/' ? 'index.html' : path.slice(1);
  response.writeHead(200, {
    'Content-Type': TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    'Content-Security-Policy': CSP,
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(readFileSync(join(inject('dist'), name)));
}

let program: Program | undefined;
afterEach(async () => {
  await program?.stop();
  program = undefined;
});

it('shows the snapshot, follows events, posts commands, and comes back after the program was gone', async () => {
  const running = (program = new Program());
  await running.start();
  const page = await newPage();
  await page.goto(`http://127.0.0.1:${running.port}/`);
  await card(page, 1).getByText('QR requerido').waitFor();

  running.say({ type: 'cliente', ...sampleCliente(1, 'READY', { name: 'Uno' }) });
  await card(page, 1).getByText('Vinculado').waitFor();
  running.say({ type: 'cliente_removed', id: 1 });
  await card(page, 1).waitFor({ state: 'detached' });

  await card(page, 2).getByRole('button', { name: 'Detener' }).click();
  await page.getByText('Dos: Ahora no se puede hacer.').waitFor();
  expect(running.posts).toEqual([{ path: '/control/stop', type: 'application/json', body: { id: 2 } }]);

  const { port } = running;
  await running.stop();
  await page.getByText('El programa no responde.').first().waitFor();
  running.clientes = [sampleCliente(3, 'ERROR', { name: 'Tres' })];
  await running.start(port);
  await card(page, 3).waitFor();
  await card(page, 2).waitFor({ state: 'detached' });
  await page.context().close();
  forgive(/Failed to load resource/);
});

it('has nothing of the fake in it, and asks for nothing elsewhere', () => {
  const assets = join(inject('dist'), 'assets');
  const code = readdirSync(assets)
    .map((name) => readFileSync(join(assets, name), 'utf8'))
    .join('\n');
  expect(code.length).toBeGreaterThan(50_000);
  for (const trace of ['cliente de muestra', 'the fake is unplugged', 'eval(', 'new Function'])
    expect(code.toLowerCase().includes(trace.toLowerCase()), trace).toBe(false);
  // Names that belong to nobody stand in the texts, as examples.
  const elsewhere = [...code.matchAll(/https?:\/\/[\w.-]+/g)].map(([url]) => url);
  expect(
    elsewhere.filter((url) => !/www\.w3\.org|svelte\.dev|127\.0\.0\.1|[/.]example\.(com|org)\.?$/.test(url)),
  ).toEqual([]);
});
