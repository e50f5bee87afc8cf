// Unmodified whatsapp-web.js takes the simulator's page for WhatsApp Web.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";
import whatsappWeb from "whatsapp-web.js";
import { BROWSER_ARGS, CHROMIUM, Log, PIXEL, Simulator, within } from "./harness.mjs";

const { Client, LocalAuth, MessageMedia } = whatsappWeb;
const READY = 20_000;

let simulator;
let client;
let log;

/** A client on the one profile of this suite, with everything it emits in `log`. */
async function start() {
  log = new Log();
  client = new Client({
    authStrategy: new LocalAuth({ dataPath: join(simulator.folder, "auth") }),
    webVersionCache: { type: "none" },
    puppeteer: {
      executablePath: CHROMIUM,
      headless: true,
      args: [...BROWSER_ARGS, ...simulator.chromium_args],
    },
  });
  client.on("qr", (qr) => log.add("qr", qr));
  client.on("loading_screen", (percent) => log.add("loading_screen", percent));
  client.on("authenticated", () => log.add("authenticated"));
  client.on("ready", () => log.add("ready"));
  client.on("message", (message) => log.add("message", message));
  client.on("message_ack", (message, ack) => log.add("message_ack", { id: message.id._serialized, ack }));
  client.on("disconnected", (reason) => log.add("disconnected", reason));
  await client.initialize();
}

before(async () => {
  simulator = await Simulator.start("--fast", "--sync", "1600");
});

after(async () => {
  await client?.destroy();
  await simulator?.stop();
});

test("qr, authenticated, ready", async () => {
  await start();
  const qr = await log.next("qr");
  assert.equal(qr.split(",").length, 5);
  await simulator.scan(qr, { number: "5491155550001", name: "Ana Demo" });
  await log.next("loading_screen");
  await log.next("authenticated", undefined, READY);
  await log.next("ready", undefined, READY);
  assert.equal(client.info.wid._serialized, "5491155550001@c.us");
  assert.equal(client.info.pushname, "Ana Demo");
});

test("a message is sent, delivered and read", async () => {
  const sent = await client.sendMessage("5491155550009@c.us", "hola");
  assert.equal(sent.body, "hola");
  for (const ack of [1, 2, 3]) {
    const seen = await log.next("message_ack", (change) => change.ack === ack);
    assert.equal(seen.id, sent.id._serialized);
  }
  const [entry] = await simulator.call("GET", "/outbox");
  assert.deepEqual([entry.text, entry.to, entry.from], ["hola", "5491155550009@c.us", "5491155550001"]);
});

test("a picture is sent, and its bytes arrive", async () => {
  const media = new MessageMedia("image/png", PIXEL.toString("base64"), "punto.png");
  const sent = await client.sendMessage("5491155550009@c.us", media, { caption: "un punto" });
  assert.equal(sent.type, "image");
  await log.next("message_ack", ({ id, ack }) => id === sent.id._serialized && ack === 3);
  const entry = (await simulator.call("GET", "/outbox")).at(-1);
  assert.deepEqual(
    [entry.kind, entry.mime, entry.caption, entry.size, entry.sha256],
    ["image", "image/png", "un punto", PIXEL.length, createHash("sha256").update(PIXEL).digest("hex")],
  );
});

test("an incoming message arrives", async () => {
  await simulator.act("5491155550001", "incoming", { from: "5491155550033", text: "buenas", name: "Eva" });
  const message = await log.next("message");
  assert.deepEqual([message.body, message.from], ["buenas", "5491155550033@c.us"]);
  const chat = await message.getChat();
  assert.deepEqual([chat.name, chat.unreadCount], ["Eva", 1]);
});

test("a new client restores the login without a qr", async () => {
  await client.destroy();
  await start();
  await log.next("authenticated", undefined, READY);
  await log.next("ready", undefined, READY);
  assert.ok(!log.names().includes("qr"));
  assert.equal((await simulator.device()).account.number, "5491155550001");
});

test("a logout from the phone disconnects, and the next qr links again", async () => {
  await simulator.act("5491155550001", "logout");
  assert.equal(await log.next("disconnected"), "LOGOUT");
  await simulator.scan(await log.next("qr"));
  await log.next("ready", undefined, READY);
  await within("the end of the client", client.destroy());
  client = null;
});
