/**
 * How the wall scrolls and what it costs while nobody touches it, drawn by software: frames a second and the time of the
 * 95th of a hundred frames with 50 and 200 cards, and the page's processor time with 20 codes counting down out of sight.
 * `node bench/scroll.mjs [rounds]`; builds the page on a fake backend by itself.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';

const ROUNDS = Number(process.argv[2] ?? 3);
/** How far a turn of the wheel goes, px, and how often one comes, ms: a fast reader's. */
const STEP = 120;
const EVERY = 50;
const IDLE = 20_000;

process.env.NODE_ENV = 'production';
const configFile = fileURLToPath(new URL('../vite.gallery.config.ts', import.meta.url));
await build({ configFile, logLevel: 'error' });
const server = await preview({ configFile, logLevel: 'error', preview: { port: 0 } });
const address = `${server.resolvedUrls?.local[0]}gallery.html`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});

async function open(query) {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  await page.goto(`${address}?${query}`);
  await page.locator('main[aria-busy=false] article').first().waitFor();
  await page.waitForTimeout(1_500);
  return page;
}

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** Scrolls to the end and back with a wheel, and times every frame. */
async function scroll(cards) {
  const page = await open(`scene=many&cards=${cards}`);
  await page.mouse.move(700, 500);
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const frame = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.waitForTimeout(200);
  await page.evaluate(() => (window.frames_.length = 0));
  for (const way of [1, -1])
    for (let at = 0; at < 60; at++) {
      await page.mouse.wheel(0, way * STEP);
      await page.waitForTimeout(EVERY);
    }
  const frames = (await page.evaluate(() => window.frames_)).toSorted((a, b) => a - b);
  await page.close();
  const sum = frames.reduce((all, one) => all + one, 0);
  return { fps: (1000 * frames.length) / sum, p95: frames[Math.floor(frames.length * 0.95)] };
}

/** Processor time of a renderer process, s. */
function spent(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The renderers there are: the kernel knows what they were started as. */
function renderers() {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return words.includes('--type=renderer') && descends(pid);
    } catch {
      return false;
    }
  });
}

function descends(pid) {
  for (let at = pid; at !== '0';) {
    if (Number(at) === process.pid) return true;
    at = readFileSync(`/proc/${at}/stat`, 'utf8').split(') ')[1].split(' ')[1];
  }
  return false;
}

async function idle(query) {
  const before = new Set(renderers());
  const page = await open(query);
  // What takes the focus, and with it the caret, is not the wall.
  await page.evaluate(() => document.querySelector('main').scrollTo(0, 0));
  await page.waitForTimeout(2_000);
  const own = renderers().filter((pid) => !before.has(pid));
  const start = own.map(spent);
  await page.waitForTimeout(IDLE);
  const used = own.reduce((all, pid, at) => all + spent(pid) - start[at], 0);
  await page.close();
  return (100_000 * used) / IDLE;
}

console.log(`Chromium ${browser.version()}, without a GPU, 1366×768, medians of ${ROUNDS}`);
for (const cards of [50, 200]) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await scroll(cards));
  const fps = middle(rounds.map((it) => it.fps));
  const p95 = middle(rounds.map((it) => it.p95));
  console.log(`${cards} cards: ${fps.toFixed(1)} frames a second, p95 ${p95.toFixed(1)} ms`);
}
if (process.platform === 'linux') {
  const cases = [
    ['20 codes out of sight', 'scene=below'],
    ['50 cards, codes in sight', 'scene=fifty'],
    ['nothing that moves', 'scene=calm'],
  ];
  for (const [what, query] of cases) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await idle(query));
    console.log(`idle, ${what}: ${middle(rounds).toFixed(2)} % of a core`);
  }
}
await browser.close();
await server.close();
