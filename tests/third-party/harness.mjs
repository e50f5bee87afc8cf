// Starts the simulator and Chromium, and waits for things with deadlines.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const ROOT = resolve(import.meta.dirname, "../..");
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SIMULATOR = process.env.WHATSAPP_SIMULATOR ?? join(ROOT, "target/debug/whatsapp-simulator");
const WA_JS = createRequire(import.meta.url).resolve("@wppconnect/wa-js");
const DEADLINE = 10_000;

/** Chromium's arguments, besides the simulator's own. */
export const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

for (const [path, hint] of [
  [SIMULATOR, "build it with `cargo build -p whatsapp-simulator`, or set WHATSAPP_SIMULATOR"],
  [CHROMIUM, "install Chromium, or set CHROMIUM"],
]) {
  if (!existsSync(path)) throw new Error(`${path} is missing: ${hint}`);
}

/** @param {string} what @param {Promise<any>} promise */
export async function within(what, promise, ms = DEADLINE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for something that can only be looked at. @param {() => Promise<boolean>} check */
export async function eventually(what, check, ms = DEADLINE) {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A picture of one point. */
export const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
  "base64",
);

/** The headers of a film of two seconds, without a picture in it. */
export function film() {
  const box = (type, ...parts) => {
    const body = Buffer.concat(parts);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8);
    head.write(type, 4, "latin1");
    return Buffer.concat([head, body]);
  };
  const header = Buffer.alloc(100);
  header.writeUInt32BE(1000, 12);
  header.writeUInt32BE(2000, 16);
  const sample = Buffer.alloc(78);
  sample.writeUInt16BE(640, 24);
  sample.writeUInt16BE(480, 26);
  const table = box("stbl", box("stsd", Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), box("avc1", sample)));
  return Buffer.concat([
    box("ftyp", Buffer.from("isom\0\0\0\0isom", "latin1")),
    box("moov", box("mvhd", header), box("trak", box("mdia", box("minf", table)))),
  ]);
}

/** Things that happened, in order; `next` takes the first that matches, now or later. */
export class Log {
  #entries = [];
  #waiters = new Set();
  /** Uncaught errors of the page, never forgotten. */
  pageErrors = [];

  add(name, ...details) {
    const entry = { name, details };
    this.#entries.push(entry);
    for (const waiter of [...this.#waiters]) waiter(entry);
  }

  /** Forgets what happened so far. */
  clear() {
    this.#entries = [];
  }

  names() {
    return this.#entries.map((entry) => entry.name);
  }

  /** @returns {Promise<any>} the entry's first detail */
  async next(name, matches = () => true, ms = DEADLINE) {
    const fits = (entry) => entry.name === name && matches(...entry.details);
    const found = this.#entries.findIndex(fits);
    if (found >= 0) return this.#entries.splice(0, found + 1).at(-1).details[0];
    let waiter;
    const arrival = new Promise((resolve) => {
      waiter = (entry) => {
        if (!fits(entry)) return;
        this.#entries.splice(0, this.#entries.indexOf(entry) + 1);
        resolve(entry.details[0]);
      };
      this.#waiters.add(waiter);
    });
    try {
      return await within(name, arrival, ms);
    } catch (error) {
      const seen = this.#entries.map((e) => `${e.name} ${JSON.stringify(e.details)?.slice(0, 160)}`);
      throw new Error(`${error.message}; seen instead:\n${seen.join("\n")}`);
    } finally {
      this.#waiters.delete(waiter);
    }
  }
}

export class Simulator {
  /** @param {string[]} options command line */
  static async start(...options) {
    const simulator = new Simulator();
    simulator.folder = await mkdtemp(join(tmpdir(), "simulator-test-"));
    await simulator.#launch(options);
    return simulator;
  }

  /** Ends the process and starts another one, which gets other ports and another certificate. */
  async restart(...options) {
    await this.#end();
    await this.#launch(options);
  }

  async #launch(options) {
    this.process = spawn(SIMULATOR, ["--exit-with-stdin", ...options], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: this.process.stdout });
    const died = new Promise((_, reject) => {
      this.process.once("exit", (code) => reject(new Error(`the simulator ended with ${code}`)));
    });
    died.catch(() => {});
    const ready = new Promise((resolve) => lines.once("line", resolve));
    Object.assign(this, JSON.parse(await within("the simulator", Promise.race([ready, died]))));
  }

  async #end() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.stdin.end();
    await within("the simulator's end", ended);
  }

  async stop() {
    await this.#end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async call(method, path, body) {
    const response = await fetch(`http://${this.control_addr}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const answer = response.status === 204 ? null : await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${answer.error.code}: ${answer.error.message}`);
    return answer;
  }

  scan(qr, account) {
    return this.call("POST", "/scan", { qr, account });
  }

  act(device, action, more = {}) {
    return this.call("POST", `/devices/${device}/actions`, { action, ...more });
  }

  devices() {
    return this.call("GET", "/devices");
  }

  /** The device with an open page, once it is in `state`. */
  async device(state, ms = DEADLINE) {
    const deadline = Date.now() + ms;
    for (;;) {
      const devices = await this.devices();
      const device = devices.find((found) => found.pages > 0 && (!state || found.state === state));
      if (device) return device;
      if (Date.now() > deadline) throw new Error(`no device is ${state}: ${JSON.stringify(devices)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A browser with a profile of its own. */
  browser(profile = "profile") {
    return puppeteer.launch({
      executablePath: CHROMIUM,
      headless: true,
      args: [...BROWSER_ARGS, ...this.chromium_args],
      userDataDir: join(this.folder, profile),
    });
  }
}

/** The page as a person would open it. */
export async function open(browser) {
  const page = await browser.newPage();
  await page.goto("https://web.whatsapp.com/");
  return page;
}

/** A page with wa-js in it, whose events arrive in `log`. */
export async function openWithWaJs(browser, log) {
  const page = await browser.newPage();
  await page.exposeFunction("happened", (name, ...details) => log.add(name, ...details));
  page.on("pageerror", (error) => log.pageErrors.push(error.message));
  page.on("framenavigated", (frame) => log.add("navigated", frame.url()));
  const bundle = await readFile(WA_JS, "utf8");
  await page.evaluateOnNewDocument(
    `window.WPPConfig = { disableGoogleAnalytics: true, linkPreviewApiServers: [] };\n${bundle}\n(${listen})();`,
  );
  await page.goto("https://web.whatsapp.com/");
  return page;
}

/** Runs in the page. */
function listen() {
  const plain = {
    "conn.auth_code_change": (code) => code,
    "conn.stream_mode_changed": (mode) => mode,
    "conn.stream_info_changed": (info) => info,
    "conn.logout_reason": (reason) => reason,
    "conn.logout": () => true,
    "conn.authenticated": () => true,
    "conn.require_auth": () => true,
    "conn.qrcode_idle": () => true,
    "conn.backend_event": (name) => name,
    "conn.online": (online) => online,
    "conn.needs_update": () => true,
    "conn.link_code_change": (code) => code,
    "chat.msg_ack_change": ({ ack, chat, ids }) => ({
      ack,
      chat: String(chat),
      ids: ids.map(String),
    }),
    "chat.new_message": (msg) => ({
      id: String(msg.id),
      body: msg.body,
      from: String(msg.from),
      fromMe: msg.id.fromMe,
    }),
    "chat.unread_count_changed": ({ chat, unreadCount }) => ({ chat: String(chat.id), unreadCount }),
  };
  for (const [name, read] of Object.entries(plain)) {
    window.WPP.on(name, (...details) => window.happened(name, read(...details)));
  }
}
