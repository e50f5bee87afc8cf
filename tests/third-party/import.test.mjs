// A login that unmodified whatsapp-web.js saved is taken over by the program, and is READY without a scan.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import whatsappWeb from "whatsapp-web.js";
import { BROWSER_ARGS, CHROMIUM, Log, Simulator, eventually, within } from "./harness.mjs";

const { Client, LocalAuth } = whatsappWeb;
const PROGRAM = process.env.SESSION_MANAGER ?? resolve(import.meta.dirname, "../../target/debug/session-manager");
const READY = 30_000;

let simulator;
let app;

/** A linked client with this login; it runs until it is destroyed. */
async function link(login, number) {
  const log = new Log();
  const client = new Client({
    authStrategy: new LocalAuth(login),
    webVersionCache: { type: "none" },
    puppeteer: { executablePath: CHROMIUM, headless: true, args: [...BROWSER_ARGS, ...simulator.chromium_args] },
  });
  client.on("qr", (qr) => log.add("qr", qr));
  client.on("ready", () => log.add("ready"));
  await client.initialize();
  await simulator.scan(await log.next("qr", undefined, READY), { number, name: "Ana Demo" });
  await log.next("ready", undefined, READY);
  return client;
}

function program(...args) {
  const env = { ...process.env, XDG_CONFIG_HOME: join(simulator.folder, "no-config") };
  delete env.PORT;
  return [PROGRAM, ["--data-dir", join(simulator.folder, "data"), ...args], { env }];
}

/** `session-manager import …`, and what it wrote as JSON. */
function take(...args) {
  const { status, stdout, stderr } = spawnSync(...program("import", ...args, "--json"));
  const text = stdout.toString();
  return { status, rows: text ? JSON.parse(text) : null, stderr: stderr.toString() };
}

/** Starts the program on the simulator's page; answers how to ask its API. */
async function start() {
  const port = await new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
  const extra = ["--no-sandbox", ...simulator.chromium_args.map((arg) => `--browser-arg=${arg}`)];
  const [file, args, options] = program("--headless", "--api", String(port), "--browser", CHROMIUM, ...extra);
  app = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
  await within("the program", new Promise((resolve) => createInterface({ input: app.stdout }).once("line", resolve)), READY);
  return async (path, id, body) => {
    const headers = { ...(id && { "X-Cliente-Id": String(id) }), ...(body && { "Content-Type": "application/json" }) };
    const asked = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, asked);
    return answer.json();
  };
}

async function stop() {
  const ended = new Promise((resolve) => app.once("exit", resolve));
  app.kill("SIGTERM");
  await within("the program's end", ended, READY);
  app = null;
}

/** Every file below a folder: its bytes and when it was written. */
async function everything(folder) {
  const all = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await lstat(path);
    const bytes = entry.isFile() ? await readFile(path) : "";
    all[path] = `${mtimeMs} ${createHash("sha256").update(bytes).digest("hex")}`;
  }
  return all;
}

before(async () => {
  assert.ok(existsSync(PROGRAM), `${PROGRAM} is missing: build it, or set SESSION_MANAGER`);
  simulator = await Simulator.start("--fast", "--sync", "1600");
});

after(async () => {
  if (app) await stop();
  await simulator?.stop();
});

test("logins of both layouts are taken over, and READY without a qr", async () => {
  const old = join(simulator.folder, "old");
  await mkdir(old);
  const service = { clientId: "cliente_7", dataPath: join(old, "sessions/cliente_7") };
  const seven = await link(service, "5491155550007");
  const named = await link({ clientId: "ventas", dataPath: join(old, ".wwebjs_auth") }, "5491155550008");
  await named.destroy();

  // The one is open, the other is not.
  const found = take(old, "--list");
  assert.equal(found.status, 0, found.stderr);
  const shown = found.rows.map(({ name, kind, id, problem }) => [name, kind, id, problem]);
  assert.deepEqual(shown, [
    ["cliente_7", "service", 7, "in_use"],
    ["ventas", "local_auth", 1, null],
  ]);
  assert.ok(!existsSync(join(simulator.folder, "data")), "a look changed something");
  const refused = take(old, "--only", "cliente_7");
  assert.deepEqual([refused.status, refused.rows[0].problem], [1, "in_use"]);
  await seven.destroy();

  const before = await everything(old);
  const taken = take(old, "--as", "ventas=12", "--start");
  assert.equal(taken.status, 0, JSON.stringify(taken));
  assert.deepEqual(taken.rows.map(({ id, outcome }) => [id, outcome]), [[7, "taken"], [12, "taken"]]);
  assert.deepEqual(await everything(old), before, "the old folder was changed");
  const again = take(old, "--only", "7");
  assert.deepEqual([again.status, again.rows[0].problem], [1, "id_taken"]);

  const get = await start();
  const states = new Set();
  for (const id of [7, 12]) {
    const isReady = async () => {
      const { state } = await get("/status", id);
      states.add(state);
      return state === "READY";
    };
    await eventually(`cliente ${id} is READY`, isReady, READY);
  }
  assert.ok(!states.has("QR_REQUIRED"), [...states].join());
  const clients = await get("/clients");
  assert.equal(clients.length, 2, JSON.stringify(clients));
  const log = await readFile(join(simulator.folder, "data/logs/session-manager.log"), "utf8");
  assert.ok(!log.includes("QR_REQUIRED"), log);

  const busy = take(old, "--only", "7", "--as", "cliente_7=20");
  assert.equal(busy.status, 1);
  assert.match(busy.stderr, /already runs/);
  await stop();
  assert.deepEqual(await everything(old), before);
});

test("a login is taken over while the program runs, and is READY without a qr", async () => {
  const old = join(simulator.folder, "later");
  const client = await link({ clientId: "soporte", dataPath: join(old, ".wwebjs_auth") }, "5491155550009");
  await client.destroy();
  const before = await everything(old);
  const ask = await start();

  const found = await ask("/control/find_old_logins", null, { dir: old });
  assert.deepEqual(found.logins.map(({ name, problem, id_taken }) => [name, problem, id_taken]), [["soporte", null, false]]);
  const [{ path, name }] = found.logins;
  let view = await ask("/control/import_logins", null, { wanted: [{ path, id: 33, name }], start: true });
  while (view.running) view = await ask("/control/import_progress", null, { revision: view.revision });
  assert.deepEqual(view.logins.map(({ stage, problem, unstarted }) => [stage, problem, unstarted]), [["taken", null, null]]);
  assert.ok(view.logins[0].done > 0 && view.logins[0].done === view.logins[0].total);

  const states = new Set();
  await eventually("cliente 33 is READY", async () => {
    const { state } = await ask("/status", 33);
    states.add(state);
    return state === "READY";
  }, READY);
  assert.ok(!states.has("QR_REQUIRED"), [...states].join());
  // Its id is taken now.
  view = await ask("/control/import_logins", null, { wanted: [{ path, id: 33, name }], start: true });
  while (view.running) view = await ask("/control/import_progress", null, { revision: view.revision });
  assert.equal(view.logins[0].problem, "id_taken");
  assert.deepEqual(await everything(old), before, "the old folder was changed");
  await stop();
});
