// A browser that cannot be relied on: runs a real one behind its own debugging pipe (commands on fd 3, answers on fd 4,
// JSON ended by a NUL) and spoils what passes. Usage: node unreliable.mjs MODE SEED BROWSER [ARGUMENT…]

import { spawn, spawnSync } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";

const [mode, seed, browser, ...args] = process.argv.slice(2);

// The program asks for the version before it starts anything.
if (args.includes("--version")) {
  const asked = spawnSync(browser, args, { stdio: ["ignore", "inherit", "ignore"] });
  process.exit(asked.status ?? 1);
}

let state = Number(seed) || 1;
/** A number from 0 to 1; the same ones for the same seed. */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

const commands = createReadStream(null, { fd: 3 });
const answers = createWriteStream(null, { fd: 4 });
// Whoever reads the answers may be gone first.
answers.on("error", () => process.exit(0));

/** How large a share of all messages is spoilt. */
const SHARE = 0.05;
const NUL = Buffer.from([0]);

const spoil = {
  /** Bytes are changed, or the end is missing. */
  garble(message) {
    if (random() >= SHARE) return [message];
    const copy = Buffer.from(message);
    for (let n = 0; n < 5; n += 1) copy[Math.floor(random() * copy.length)] = 1 + Math.floor(random() * 255);
    return [random() < 0.5 ? copy : copy.subarray(0, copy.length / 2)];
  },
  drop: (message) => (random() < SHARE ? [] : [message]),
  twice: (message) => (random() < SHARE ? [message, message] : [message]),
  delay: (message) => [message],
};

/** Cuts a stream into messages and passes them on, spoilt. */
function pass(from, to) {
  let rest = Buffer.alloc(0);
  let line = Promise.resolve();
  from.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const messages = spoil[mode](rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const wait = mode === "delay" && random() < SHARE ? random() * 8000 : 0;
      line = line.then(async () => {
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        for (const message of messages) to.write(Buffer.concat([message, NUL]));
      });
    }
  });
  from.on("end", () => to.end());
  from.on("error", () => to.end());
  to.on("error", () => {});
}

if (mode === "exit") {
  process.exit(7);
} else if (mode === "silent") {
  // Reads everything, answers nothing, and ends with the pipe as a browser does.
  commands.on("data", () => {});
  commands.on("end", () => process.exit(0));
  commands.on("error", () => process.exit(0));
} else if (mode === "flood") {
  const block = Buffer.alloc(1024 * 1024, "x");
  const more = () => {
    while (answers.write(block));
    answers.once("drain", more);
  };
  commands.on("data", () => {});
  commands.on("end", () => process.exit(0));
  commands.on("error", () => process.exit(0));
  more();
} else {
  const real = spawn(browser, args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  real.on("exit", (code) => process.exit(code ?? 1));
  pass(commands, real.stdio[3]);
  pass(real.stdio[4], answers);
}
