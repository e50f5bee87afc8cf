// What a session costs with whatsapp-web.js and a full Chromium, as the predecessor was built: on the same page and the
// same machine, so that the product's own figures can be put beside it. Linux only. `node measure.mjs 1 5`

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import pkg from "whatsapp-web.js";
import { CHROMIUM, Simulator, within } from "./harness.mjs";

const { Client, LocalAuth } = pkg;
const ROUNDS = 3;

/** Proportional set size of this process and of every process that names `folder`: MB. */
function memory(folder) {
  let kib = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const ours = pid === String(process.pid) || readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
      if (ours) kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]);
    } catch {
      // It ended meanwhile, or is somebody else's.
    }
  }
  return (kib * 1024) / 1e6;
}

async function link(count) {
  const simulator = await Simulator.start();
  const folder = join(simulator.folder, "logins");
  const args = ["--no-sandbox", "--disable-setuid-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];
  const clients = Array.from(
    { length: count },
    (_, number) =>
      new Client({
        authStrategy: new LocalAuth({ clientId: String(number), dataPath: folder }),
        puppeteer: { executablePath: CHROMIUM, headless: true, args: [...args, ...simulator.chromium_args] },
        webVersionCache: { type: "none" },
      }),
  );
  const since = performance.now();
  const codes = clients.map((client) => new Promise((resolve) => client.once("qr", resolve)));
  await Promise.all(clients.map((client) => client.initialize()));
  await within("the codes", Promise.all(codes), 60_000);
  const seconds = (performance.now() - since) / 1000;
  const each = memory(folder) / count;
  await Promise.all(clients.map((client) => client.destroy()));
  await simulator.stop();
  return { seconds, each };
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

for (const count of process.argv.slice(2).map(Number)) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await link(count));
  const seconds = median(rounds.map((round) => round.seconds));
  const each = median(rounds.map((round) => round.each));
  console.log(`whatsapp-web.js, ${count} at once: ${seconds.toFixed(2)} s to QR, ${each.toFixed(0)} MB PSS each`);
}
