// Web pages of strangers, in a real browser, against the real program: one that is listed can use the API as the old
// front end does; none other can read anything or cause anything.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { BROWSER_ARGS, CHROMIUM, within } from "./harness.mjs";

const PROGRAM = process.env.SESSION_MANAGER ?? resolve(import.meta.dirname, "../../target/debug/session-manager");
if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: build it, or set SESSION_MANAGER`);

/** A web site with one empty page. */
async function site() {
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end("<!doctype html><title>A web page</title><body></body>");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { port: server.address().port, close: () => server.close() };
}

let listed;
let stranger;
let folder;
let program;
let api;
let browser;

before(async () => {
  [listed, stranger] = [await site(), await site()];
  folder = await mkdtemp(join(tmpdir(), "origins-test-"));
  const port = await site().then((free) => (free.close(), free.port));
  const args = ["--demo", "--headless", "--data-dir", folder, "--api", String(port)];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  program = spawn(PROGRAM, args, {
    env: {
      ...process.env,
      ALLOWED_ORIGINS: `http://127.0.0.1:${listed.port}`,
      SESSION_MANAGER_INIT_RATE: "0",
      XDG_CONFIG_HOME: join(folder, "no-config"),
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const listens = new Promise((done, failed) => {
    createInterface({ input: program.stdout }).once("line", done);
    program.once("exit", (code) => failed(new Error(`the program ended with ${code}`)));
  });
  await within("the program", listens, 60_000);
  api = `http://127.0.0.1:${port}`;
  browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [...BROWSER_ARGS, "--host-resolver-rules=MAP rebound.example 127.0.0.1"],
    userDataDir: join(folder, "visitor"),
  });
});

after(async () => {
  await browser?.close();
  if (program && program.exitCode === null) {
    const ended = new Promise((done) => program.once("exit", done));
    program.kill("SIGTERM");
    await within("the program's end", ended, 20_000);
  }
  listed?.close();
  stranger?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** What the program knows, asked by a program that is no browser. */
const clientes = async () => (await fetch(`${api}/clients`)).json();
const calls = async () => (await fetch(`${api}/debug/calls`)).json();

async function visit(address) {
  const page = await browser.newPage();
  await page.goto(address);
  return page;
}

/** In a page: asks, and says what came of it. */
const ask = (page, url, options) =>
  page.evaluate(
    async (url, options) => {
      try {
        const response = await fetch(url, options);
        const text = await response.text();
        return { status: response.status, text, headers: Object.fromEntries(response.headers) };
      } catch (error) {
        return { refused: error.name };
      }
    },
    url,
    options,
  );

/** The old front end sends both on GET, so the browser asks for permission first. */
const front = (id, more = {}) => ({
  headers: { "Content-Type": "application/json", "X-Cliente-Id": String(id) },
  ...more,
});

const heard = (page, url) =>
  page.evaluate(
    (url) =>
      new Promise((done) => {
        const events = new EventSource(url);
        const end = (word) => {
          events.close();
          done(word);
        };
        events.addEventListener("snapshot", () => end("snapshot"));
        events.addEventListener("error", () => end("error"));
      }),
    url,
  );

test("a listed page uses the API as the old front end does", async () => {
  const page = await visit(`http://127.0.0.1:${listed.port}/`);
  const before = await ask(page, `${api}/status`, front(7));
  assert.equal(before.status, 200);
  assert.equal(JSON.parse(before.text).state, "NOT_INITIALIZED");
  const begun = await ask(page, `${api}/init`, front(7, { method: "POST", body: "{}" }));
  assert.equal(begun.status, 200, begun.text);
  const status = await ask(page, `${api}/status`, front(7));
  assert.match(JSON.parse(status.text).qr_code_base64, /^data:image\/png;base64,/);
  assert.equal(await heard(page, `${api}/events`), "snapshot");
  const destroyed = await ask(page, `${api}/session/7?forget=true`, front(7, { method: "DELETE" }));
  assert.equal(destroyed.status, 200, destroyed.text);
  assert.deepEqual(await clientes(), []);

  // It is a guest all the same.
  for (const path of ["/debug/calls", "/control/events"]) {
    assert.equal((await ask(page, `${api}${path}`, {})).status, 403, path);
  }
  const command = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
  assert.equal((await ask(page, `${api}/control/snapshot`, command)).status, 403);
  await page.close();
});

test("a page that is not listed can neither read nor cause anything", async () => {
  const before = (await calls()).length;
  // Of another site, and of the same site but another port.
  for (const address of [`http://localhost:${stranger.port}/`, `http://127.0.0.1:${stranger.port}/`]) {
    const page = await visit(address);
    const simple = { "Content-Type": "text/plain" };
    for (const [path, options] of [
      ["/status", front(7)],
      ["/status", {}],
      ["/clients", {}],
      ["/qr", front(7)],
      ["/metrics", {}],
      ["/health", {}],
      ["/debug/calls", {}],
      ["/control/snapshot", { method: "POST", headers: simple, body: "{}" }],
      ["/init", front(7, { method: "POST" })],
      ["/init", { method: "POST" }],
      ["/send", front(7, { method: "POST", body: '{"to":"5491155551234","message":"x"}' })],
      ["/session/7?forget=true", { method: "DELETE" }],
      ["/api/sessions/7/start", { method: "POST", headers: simple, body: "{}" }],
    ]) {
      const what = `${options.method ?? "GET"} ${path} from ${address}`;
      assert.deepEqual(await ask(page, `${api}${path}`, options), { refused: "TypeError" }, what);
      const blind = { ...options, mode: "no-cors" };
      const answer = await ask(page, `${api}${path}`, blind);
      // What a page gets without asking for permission is opaque, or blocked altogether.
      assert.ok(answer.refused || (answer.status === 0 && answer.text === ""), `${what}: ${JSON.stringify(answer)}`);
    }
    assert.equal(await heard(page, `${api}/events`), "error");
    assert.equal(await heard(page, `${api}/control/events`), "error");

    // Whatever else makes a browser send a request.
    const loaded = await page.evaluate(async (api) => {
      const load = (element, source) =>
        new Promise((done) => {
          element.onload = () => done("loaded");
          element.onerror = () => done("failed");
          Object.assign(element, source);
          document.body.append(element);
        });
      navigator.sendBeacon(`${api}/init`, "{}");
      const form = (action, enctype) => {
        const frame = Object.assign(document.createElement("iframe"), { name: `f${Math.random()}` });
        const form = Object.assign(document.createElement("form"), {
          action,
          enctype,
          method: "post",
          target: frame.name,
        });
        form.append(Object.assign(document.createElement("input"), { name: '{"a":"', value: '"}' }));
        document.body.append(frame, form);
        const done = new Promise((over) => (frame.onload = over));
        form.submit();
        return done;
      };
      await Promise.all([
        form(`${api}/init`, "text/plain"),
        form(`${api}/control/stop`, "text/plain"),
        form(`${api}/api/sessions`, "application/x-www-form-urlencoded"),
        form(`${api}/send`, "multipart/form-data"),
      ]);
      return {
        image: await load(document.createElement("img"), { src: `${api}/api/7/auth/qr` }),
        script: await load(document.createElement("script"), { src: `${api}/metrics` }),
        style: await load(document.createElement("link"), { rel: "stylesheet", href: `${api}/status` }),
      };
    }, api);
    assert.deepEqual(loaded, { image: "failed", script: "failed", style: "failed" });
    await page.close();
  }
  assert.deepEqual(await clientes(), [], "something was caused");
  const refused = (await calls()).slice(0, -before || undefined).filter((call) => call.route !== "/clients");
  assert.ok(refused.length >= 60, `${refused.length} calls were seen`);
  for (const call of refused) assert.equal(call.code, "ORIGIN_NOT_ALLOWED", JSON.stringify(call));
});

test("a page without an origin is a stranger, whoever framed it", async () => {
  const page = await visit(`http://127.0.0.1:${listed.port}/`);
  const answer = await page.evaluate(
    (url) =>
      new Promise((done) => {
        window.addEventListener("message", (event) => done(event.data));
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts";
        frame.srcdoc = `<script>fetch(${JSON.stringify(url)}, { headers: { "X-Cliente-Id": "7" } })
          .then((r) => r.text(), (e) => e.name).then((word) => parent.postMessage(word, "*"))</script>`;
        document.body.append(frame);
      }),
    `${api}/status`,
  );
  assert.equal(answer, "TypeError");
  await page.close();
});

test("a name that points here opens nothing", async () => {
  const { port } = new URL(api);
  const page = await browser.newPage();
  const response = await page.goto(`http://rebound.example:${port}/`);
  assert.equal(response.status(), 403);
  assert.equal((await response.json()).code, "HOST_NOT_ALLOWED");
  // To the browser, it is one site with the API: what it may read is up to us alone.
  for (const path of ["/status", "/clients", "/metrics", "/events", "/control/events"]) {
    const answer = await ask(page, path, front(7));
    assert.equal(answer.status, 403, path);
    assert.equal(JSON.parse(answer.text).code, "HOST_NOT_ALLOWED");
  }
  const begun = await ask(page, "/init", front(7, { method: "POST" }));
  assert.equal(begun.status, 403);
  await page.close();
  assert.deepEqual(await clientes(), []);
});
