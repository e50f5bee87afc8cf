// Unmodified wa-js takes the simulator's page for WhatsApp Web.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { eventually, film, Log, openWithWaJs, PIXEL, Simulator } from "./harness.mjs";

const ANA = { number: "5491155550001", name: "Ana Demo" };

let simulator;
let browser;
let page;
const log = new Log();

const streamMode = (mode) => log.next("conn.stream_mode_changed", (seen) => seen === mode);
const streamInfo = (info) => log.next("conn.stream_info_changed", (seen) => seen === info);
const nextCode = async () => (await log.next("conn.auth_code_change", (code) => Boolean(code?.ref))).fullCode;

/** @param {string} text */
const send = (text, options = {}) =>
  page.evaluate(
    async (text, options) => {
      const { id, ack, sendMsgResult } = await window.WPP.chat.sendTextMessage("5491155550009@c.us", text, options);
      return { id, ack, result: sendMsgResult?.messageSendResult };
    },
    text,
    options,
  );

before(async () => {
  simulator = await Simulator.start("--fast");
  browser = await simulator.browser();
  page = await openWithWaJs(browser, log);
});

after(async () => {
  await browser?.close();
  await simulator?.stop();
});

test("a code shows, and rotates on demand", async () => {
  const first = await nextCode();
  assert.equal(first.split(",").length, 4);
  const { id } = await simulator.device();
  await simulator.act(id, "rotate");
  const second = await nextCode();
  assert.notEqual(second, first);
  await assert.rejects(simulator.scan(first), /expired_code/);
});

test("idle codes come back with refreshQR", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "idle");
  await log.next("conn.qrcode_idle");
  const code = await page.evaluate(() => window.WPP.conn.refreshQR());
  const { qr } = await simulator.device();
  assert.equal(code.fullCode, qr);
});

test("a pairing code is given for a number", async () => {
  const code = await page.evaluate(() => window.WPP.conn.genLinkDeviceCodeForPhoneNumber("5491155550001"));
  assert.match(code, /^[A-Z0-9]{8}$/);
  assert.equal((await simulator.device()).pairing_code, code);
});

test("a scan leads to MAIN", async () => {
  const { qr } = await simulator.device();
  const linked = await simulator.scan(`${qr},1`, ANA);
  assert.deepEqual(linked.account, ANA);
  await log.next("conn.authenticated");
  await streamMode("SYNCING");
  await streamMode("MAIN");
  const user = await page.evaluate(() => String(window.WPP.conn.getMyUserId()));
  assert.equal(user, "5491155550001@c.us");
  assert.equal((await simulator.device()).state, "ready");
});

test("a message is sent, delivered and read", async () => {
  const sent = await send("hola");
  assert.deepEqual({ ack: sent.ack, result: sent.result }, { ack: 1, result: "OK" });
  for (const ack of [1, 2, 3]) {
    const change = await log.next("chat.msg_ack_change", (seen) => seen.ack === ack);
    assert.deepEqual(change, { ack, chat: "5491155550009@c.us", ids: [sent.id] });
  }
  const [entry] = await simulator.call("GET", "/outbox?to=5491155550009@c.us");
  assert.equal(entry.text, "hola");
  assert.ok(sent.id.endsWith(entry.id));
  assert.deepEqual(entry.acks.map(({ ack }) => ack), [1, 2, 3]);
});

test("a failed send resolves with ack -1, and can be repeated under its id", async () => {
  const { id } = await simulator.device();
  const messageId = "true_5491155550009@c.us_3EB0AAAAAAAAAAAAAAAAAA";
  await simulator.act(id, "fail_sends", { count: 1, result: "ERROR_EXPIRED" });
  const failed = await send("otra vez", { messageId });
  assert.deepEqual(failed, { id: messageId, ack: -1, result: "ERROR_EXPIRED" });
  const repeated = await send("otra vez", { messageId });
  assert.deepEqual(repeated, { id: messageId, ack: 1, result: "OK" });
  const outbox = await simulator.call("GET", "/outbox");
  const entries = outbox.filter((entry) => entry.text === "otra vez");
  assert.deepEqual(entries.map(({ attempts, result }) => ({ attempts, result })), [{ attempts: 2, result: "OK" }]);
});

test("a pending message is sent by the page itself after a reload, once", async () => {
  const { id } = await simulator.device();
  const messageId = "true_5491155550009@c.us_3EB0BBBBBBBBBBBBBBBBBBBB";
  await simulator.act(id, "never_ack", { count: 1, up_to: 0 });
  void send("pendiente", { messageId }).catch(() => {});
  const entries = async () => (await simulator.call("GET", "/outbox")).filter(({ text }) => text === "pendiente");
  await eventually("the message is under way", async () => (await entries()).length === 1);
  log.clear();
  await page.reload();
  await streamMode("MAIN");
  await eventually("the message is acknowledged", async () => (await entries())[0].ack === 3);
  assert.deepEqual((await entries()).map(({ attempts }) => attempts), [2]);
});

test("a message that is not loaded is found by its id, and one that never was is not", async () => {
  const look = (id) =>
    page.evaluate((id) => window.WPP.chat.getMessageById(id).then(({ ack, body }) => [ack, body], (error) => error.code), id);
  const { id } = await simulator.device();
  const messageId = "true_5491155550009@c.us_3EB0CCCCCCCCCCCCCCCCCCCC";
  await send("vieja", { messageId });
  // The server tells a page of the last hundred messages only.
  for (let i = 0; i < 100; i++) await simulator.act(id, "incoming", { from: "5491155550033", text: String(i) });
  log.clear();
  await page.reload();
  await streamMode("MAIN");
  const loaded = await page.evaluate((id) => Boolean(window.WPP.whatsapp.MsgStore.get(id)), messageId);
  assert.equal(loaded, false);
  assert.deepEqual(await look(messageId), [3, "vieja"]);
  assert.equal(await look("true_5491155550009@c.us_3EB0DDDDDDDDDDDDDDDDDDDD"), "msg_not_found");
});

/** @param {number[]} bytes */
const sendFile = (bytes, name, options) =>
  page.evaluate(
    async (bytes, name, options) => {
      const file = new File([new Uint8Array(bytes)], name, { type: options.mimetype });
      const { id, ack, sendMsgResult } = await window.WPP.chat.sendFileMessage("5491155550009@c.us", file, options);
      return { id, ack, result: sendMsgResult?.messageSendResult };
    },
    [...bytes],
    name,
    options,
  );

test("files of each kind are sent, and their bytes arrive", async () => {
  const cases = [
    [PIXEL, "punto.png", { type: "image", mimetype: "image/png", caption: "un punto" }],
    [Buffer.from("%PDF-1.4 nothing"), "nada.pdf", { type: "document", mimetype: "application/pdf" }],
    [Buffer.from("OggS and no sound"), "nada.ogg", { type: "audio", mimetype: "audio/ogg" }],
    // Chromium cannot play it, and wa-js steps in with what it reads of its header.
    [film(), "nada.mp4", { type: "video", mimetype: "video/mp4" }],
  ];
  for (const [bytes, name, options] of cases) {
    const sent = await sendFile(bytes, name, { ...options, filename: name, waitForAck: true });
    assert.ok(sent.ack >= 1 && sent.result === "OK", `${name}: ${JSON.stringify(sent)}`);
    const entry = (await simulator.call("GET", "/outbox")).find((seen) => sent.id.endsWith(seen.id));
    assert.deepEqual(
      { kind: entry.kind, mime: entry.mime, name: entry.name, caption: entry.caption, size: entry.size, sha256: entry.sha256 },
      {
        kind: options.type,
        mime: options.mimetype,
        name,
        caption: options.caption ?? null,
        size: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
      },
    );
  }
});

test("a picture that is none is refused", async () => {
  await assert.rejects(sendFile([1, 2, 3], "mala.png", { type: "image", mimetype: "image/png" }));
});

test("acks can stop after the first", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "never_ack", { count: 1, up_to: 1 });
  const stuck = await send("sin leer");
  assert.equal(stuck.ack, 1);
  const next = await send("la siguiente");
  // The next message gets all its acks, so the stuck one had its chance.
  await log.next("chat.msg_ack_change", ({ ack, ids }) => ack === 3 && ids[0] === next.id);
  const outbox = await simulator.call("GET", "/outbox");
  assert.equal(outbox.find((entry) => entry.text === "sin leer").ack, 1);
});

test("queryExists tells numbers apart", async () => {
  const query = (number) =>
    page.evaluate(async (id) => String((await window.WPP.contact.queryExists(id))?.wid ?? null), `${number}@c.us`);
  assert.equal(await query("5491155550077"), "5491155550077@c.us");
  assert.equal(await query("541155550078"), "5491155550078@c.us");
  assert.equal(await query("5491155577777"), "10005491155577777@lid");
  assert.equal(await query("5491155500000"), "null");
});

test("an incoming message arrives and counts as unread", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "incoming", { from: "5491155550033", text: "buenas", name: "Eva" });
  const message = await log.next("chat.new_message", (seen) => !seen.fromMe);
  assert.equal(message.body, "buenas");
  assert.equal(message.from, "5491155550033@c.us");
  const unread = await log.next("chat.unread_count_changed");
  assert.deepEqual(unread, { chat: "5491155550033@c.us", unreadCount: 1 });
});

test("a message in a group, and one of a hidden id, are told as they are", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "arrive", { chat: "120363000000000001@g.us", author: "5491155550033@c.us", text: "a todos" });
  const inGroup = await log.next("chat.new_message", (seen) => seen.body === "a todos");
  assert.equal(inGroup.from, "120363000000000001@g.us");
  await simulator.act(id, "arrive", { chat: "10005491155550033@lid", text: "oculto" });
  assert.equal((await log.next("chat.new_message", (seen) => seen.body === "oculto")).from, "10005491155550033@lid");
  const number = await page.evaluate(
    async () => (await window.WPP.contact.getPnLidEntry("10005491155550033@lid")).phoneNumber._serialized,
  );
  assert.equal(number, "5491155550033@c.us");
});

test("a stopped ack goes on when the phone says so", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "never_ack", { count: 1, up_to: 1 });
  const sent = await send("después");
  await simulator.act(id, "acknowledge", { id: sent.id.split("_")[2], ack: 4 });
  const change = await log.next("chat.msg_ack_change", ({ ack }) => ack === 4);
  assert.deepEqual(change.ids, [sent.id]);
});

test("the network goes and returns, and nothing is lost", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "network_drop");
  await streamInfo("OFFLINE");
  const sending = send("sin red");
  await simulator.act(id, "incoming", { from: "5491155550033", text: "mientras tanto" });
  assert.equal((await simulator.device()).waiting, 1);
  await simulator.act(id, "network_return");
  await streamInfo("RESUMING");
  await streamInfo("NORMAL");
  assert.equal((await sending).result, "OK");
  await log.next("chat.new_message", (seen) => seen.body === "mientras tanto");
});

test("a stuck connection and a proxy show, and pass", async () => {
  const { id } = await simulator.device();
  const state = () => page.evaluate(() => window.WPP.whatsapp.Socket.state);
  await simulator.act(id, "timeout");
  await streamInfo("OPENING");
  assert.equal(await state(), "TIMEOUT");
  await simulator.act(id, "network_return");
  await streamInfo("NORMAL");
  await simulator.act(id, "proxy_block");
  await streamMode("PROXYBLOCK");
  assert.equal(await state(), "PROXYBLOCK");
  await simulator.act(id, "network_return");
  await streamMode("MAIN");
  assert.equal(await state(), "CONNECTED");
});

test("a conflict shows, and a takeover ends it", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "conflict");
  await streamMode("CONFLICT");
  await page.evaluate(() => window.WPP.whatsapp.Socket.takeover());
  await streamMode("MAIN");
});

test("a ban shows, and survives a reload", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "ban");
  await streamMode("TOS_BLOCK");
  log.clear();
  await page.reload();
  await streamMode("TOS_BLOCK");
  await simulator.act(id, "unban");
  await streamMode("MAIN");
});

test("an outdated page says so", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "outdated");
  await log.next("conn.needs_update");
  await streamMode("DEPRECATED_VERSION");
  await simulator.act(id, "updated");
  await streamMode("MAIN");
});

test("events of the backend bus pass through", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "backend_event", { name: "account_temporarily_banned" });
  await log.next("conn.backend_event", (name) => name === "account_temporarily_banned");
});

test("a saved login comes back without a code", async () => {
  await browser.close();
  log.clear();
  browser = await simulator.browser();
  page = await openWithWaJs(browser, log);
  await streamMode("MAIN");
  assert.ok(!log.names().includes("conn.require_auth"));
  assert.deepEqual((await simulator.device()).storage, { indexed_db: true, local_storage: true, cookie: true });
});

test("a logout from the phone gives its reason, and a new code", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "logout", { reason: "account_locked" });
  assert.equal(await log.next("conn.logout_reason"), "account_locked");
  await log.next("conn.logout");
  await log.next("navigated", (url) => url.includes("post_logout=1"));
  await nextCode();
  const fresh = await simulator.device();
  assert.notEqual(fresh.id, id);
  assert.equal(fresh.account, null);
});

test("a logout from the page is a logout too", async () => {
  await simulator.scan((await simulator.device()).qr);
  await streamMode("MAIN");
  // The page leaves while the call still waits for its own event, so its end is not awaited.
  page.evaluate(() => window.WPP.conn.logout()).catch(() => {});
  assert.equal(await log.next("conn.logout_reason"), "user_initiated");
  await log.next("conn.logout");
  await nextCode();
});

test("a pairing code links, once the phone has its passkey", async () => {
  const { id } = await simulator.device();
  await simulator.act(id, "passkey", { enabled: true });
  const code = await page.evaluate(() => window.WPP.conn.startLinkDeviceCodeForPhoneNumber("5491155550044"));
  assert.equal(await log.next("conn.link_code_change"), code);
  const asked = await simulator.call("POST", "/pair", { code, name: "Dora" });
  assert.equal(asked.state, "passkey");
  await page.waitForSelector('[data-testid="passkey-prompt"]', { timeout: 5000 });
  await simulator.act(id, "passkey_confirm");
  await streamMode("MAIN");
  assert.deepEqual((await simulator.device()).account, { number: "5491155550044", name: "Dora" });
});

test("the page throws no errors of its own", () => {
  assert.deepEqual(log.pageErrors, []);
});
