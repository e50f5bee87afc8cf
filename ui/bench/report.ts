/** Prints figures as the other benchmarks do. */

const at = (sorted: number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;

/** One line: what was measured, and how it was distributed, in ms. */
export function row(what: string, measured: number[]): void {
  const sorted = [...measured].sort((a, b) => a - b);
  const figures = [0.5, 0.95, 1].map((share) => `${at(sorted, share).toFixed(0)} ms`.padStart(8)).join(' ');
  process.stdout.write(`${what.padEnd(44)} p50, p95, max: ${figures}  (${sorted.length})\n`);
}
