import { defineConfig } from 'vitest/config';

// Benchmarks in a real browser, for scripts/bench: they print, and judge nothing.
export default defineConfig({
  test: {
    include: ['bench/**/*.bench.ts'],
    globalSetup: 'tests/setup.ts',
    fileParallelism: false,
    hookTimeout: 60_000,
    reporters: ['dot'],
  },
});
