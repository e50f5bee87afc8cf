// The page in a plain browser: what a person sees, what the profile keeps, and how the page breaks.

import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { Log, open, openWithWaJs, Simulator, within } from "./harness.mjs";

let simulator;
let browser;
let stateFile;

const visible = (page, selector) => page.waitForSelector(selector, { timeout: 5000 });

/** @returns {Promise<any>} a page of a linked device, which has kept its login */
async function linked(account) {
  const page = await open(browser);
  await simulator.scan((await simulator.device("qr")).qr, account);
  await simulator.device("ready");
  await visible(page, "#pane-side");
  return page;
}

before(async () => {
  simulator = await Simulator.start("--fast");
  stateFile = join(simulator.folder, "state.json");
});

let profiles = 0;
async function freshBrowser() {
  profiles += 1;
  browser = await simulator.browser(`profile-${profiles}`);
  return browser;
}

afterEach(async () => {
  await browser?.close();
  browser = undefined;
});

after(async () => {
  await simulator?.stop();
});

test("the document has what a DOM fallback looks for", async () => {
  const page = await open(await freshBrowser());
  const code = await visible(page, "div[data-ref]");
  const { qr, id } = await simulator.device("qr");
  assert.equal(await code.evaluate((div) => div.getAttribute("data-ref")), qr);
  const painted = await page.$eval('[data-testid="link-device-qr-code"] canvas[aria-label*="scan" i]', (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, index) => index % 4 === 0 && value === 0);
  });
  assert.ok(painted, "the canvas is blank");

  await simulator.act(id, "idle");
  await page.waitForFunction(() => !document.querySelector("div[data-ref]"), { timeout: 5000 });
  await page.locator("button").click();
  await visible(page, "div[data-ref]");

  await simulator.scan((await simulator.device("qr")).qr);
  await visible(page, "#side #pane-side");
  await simulator.act(id, "incoming", { from: "5491155550033", text: "buenas", name: "Eva" });
  await page.waitForFunction(() => document.querySelector("#pane-side")?.textContent.includes("Eva"), { timeout: 5000 });
  await page.locator("#pane-side button").click();
  await page.locator("#main input").fill("¿qué tal?");
  await page.locator("#main form button").click();
  await page.waitForFunction(() => document.querySelector(".message.mine small")?.textContent === "read", {
    timeout: 5000,
  });
  const sent = await simulator.call("GET", `/outbox?device=${id}`);
  assert.deepEqual(sent.map(({ text, to }) => [text, to]), [["¿qué tal?", "5491155550033@c.us"]]);
});

test("two pages of one profile are in conflict until one takes over", async () => {
  await freshBrowser();
  const first = await linked();
  const second = await open(browser);
  await visible(second, "#pane-side");
  await first.waitForFunction(() => document.body.textContent.includes("Use here"), { timeout: 5000 });
  // A tab in the background draws nothing, so the click is a script's.
  await first.$eval("button", (button) => button.click());
  await visible(first, "#pane-side");
  await second.waitForFunction(() => document.body.textContent.includes("Use here"), { timeout: 5000 });
});

test("a killed browser still has its login, even with a restarted simulator", async () => {
  await simulator.restart("--fast", "--state-file", stateFile);
  await freshBrowser();
  await linked({ number: "5491155550077", name: "Gala" });
  const { id } = await simulator.device("ready");
  browser.process().kill("SIGKILL");
  await within("the browser's end", new Promise((resolve) => browser.once("disconnected", resolve)));
  const before = simulator.page_addr;
  await simulator.restart("--fast", "--state-file", stateFile);
  assert.notEqual(simulator.page_addr, before);
  browser = await simulator.browser(`profile-${profiles}`);
  await open(browser);
  const back = await simulator.device("ready");
  assert.equal(back.id, id);
  assert.equal(back.account.number, "5491155550077");
  assert.equal(back.storage.indexed_db, true);
});

test("a login that the simulator does not know ends with a logout", async () => {
  await freshBrowser();
  const page = await linked();
  await simulator.restart("--fast");
  // The open page still knows the old port only: for it, the network is gone.
  await page.waitForFunction(() => document.body.textContent.includes("No connection"), { timeout: 5000 });
  await browser.close();
  const log = new Log();
  browser = await simulator.browser(`profile-${profiles}`);
  await openWithWaJs(browser, log);
  // wa-js may be too late for the event itself; the address says it too.
  await log.next("navigated", (url) => url.includes("post_logout=1"));
  assert.equal((await simulator.device("qr")).account, null);
});

test("a forgotten login shows a code without a logout", async () => {
  await freshBrowser();
  const page = await linked();
  const { id } = await simulator.device("ready");
  await simulator.act(id, "forget");
  await page.reload();
  await visible(page, "div[data-ref]");
  assert.equal(page.url(), "https://web.whatsapp.com/");
  assert.equal((await simulator.device("qr")).id, id);
});

test("a slow start waits", async () => {
  await freshBrowser();
  const page = await linked();
  const { id } = await simulator.device("ready");
  await simulator.act(id, "slow_start", { ms: 700 });
  const started = Date.now();
  await page.reload();
  await simulator.device("starting");
  await visible(page, "progress");
  await simulator.device("ready");
  assert.ok(Date.now() - started >= 700);
});

test("the renderer hangs and comes back", async () => {
  await freshBrowser();
  const page = await linked();
  const { id } = await simulator.device("ready");
  await simulator.act(id, "hang", { ms: 800 });
  const deadline = Date.now() + 5000;
  let longest = 0;
  while (longest < 400) {
    assert.ok(Date.now() < deadline, "the page never hung");
    const asked = performance.now();
    await page.evaluate(() => 1);
    longest = Math.max(longest, performance.now() - asked);
  }
});

test("the renderer crashes, and a reload brings it back", async () => {
  await freshBrowser();
  const page = await linked();
  const { id } = await simulator.device("ready");
  const crashed = new Promise((resolve) => page.once("error", resolve));
  await simulator.act(id, "crash");
  await within("the crash", crashed);
  await page.reload();
  await simulator.device("ready");
});

test("a passkey of the browser confirms the scan", async () => {
  const page = await open(await freshBrowser());
  const devtools = await page.createCDPSession();
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await devtools.send("WebAuthn.addCredential", {
    authenticatorId,
    credential: {
      credentialId: randomBytes(16).toString("base64"),
      isResidentCredential: true,
      rpId: "web.whatsapp.com",
      privateKey: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
      userHandle: randomBytes(16).toString("base64"),
      signCount: 0,
    },
  });
  const { id, qr } = await simulator.device("qr");
  await simulator.act(id, "passkey", { enabled: true });
  assert.equal((await simulator.scan(qr)).state, "passkey");
  await simulator.device("ready");
});

test("broken hooks leave only the document", async () => {
  await simulator.restart("--fast", "--break-hooks");
  const page = await open(await freshBrowser());
  await visible(page, "div[data-ref]");
  const exposed = await page.evaluate(() => ["require", "__d", "Debug", "importNamespace"].filter((name) => name in window));
  assert.deepEqual(exposed, []);
  await simulator.scan((await simulator.device("qr")).qr);
  await visible(page, "#pane-side");
});
