// Puts figures into the table of docs/reliability.md: one row for each scenario that was run, the others stay as they
// are. Usage: node table.mjs FILE BROWSER <figures.jsonl

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

const [file, browser] = process.argv.slice(2);
const BEGIN = "<!-- figures: written by scripts/faults -->";
const END = "<!-- end of figures -->";

const seconds = (ms) => (ms == null ? "" : (ms / 1000).toFixed(ms < 9950 ? 1 : 0));

/** The cells of one line of figures. */
function row(figures, machine) {
  const date = new Date(figures.at * 1000).toISOString().slice(0, 10);
  const { what, count, orphans, stuck, lost, unusable, hung, wrong } = figures;
  const times = [figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.max_ms].map(seconds);
  return [`\`${what}\``, count, orphans, stuck, lost, unusable, hung, wrong, ...times, `${date}, ${machine}`];
}

const text = readFileSync(file, "utf8");
const [head, rest] = text.split(BEGIN);
const [table, tail] = (rest ?? "").split(END);
if (tail === undefined) throw new Error(`${file} has no place for figures`);

const memory = Math.round(totalmem() / 2 ** 30);
const version = browser.match(/[A-Z]\w+ \d+/)?.[0] ?? browser;
const machine = `${availableParallelism()} cores, ${memory} GiB, ${version}`;

const lines = table.trim().split("\n");
const rows = new Map(lines.slice(2).map((line) => [line.split("|")[1].trim(), line]));
// A scenario that was run twice counts with its last run.
for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const cells = row(JSON.parse(line), machine);
  rows.set(cells[0], `| ${cells.join(" | ")} |`);
}
writeFileSync(file, `${head}${BEGIN}\n${[...lines.slice(0, 2), ...rows.values()].join("\n")}\n${END}${tail}`);
