import { defineConfig } from 'vitest/config';

// Tests in a real browser. One at a time: they measure layout and time, and the machines that run them are small.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/setup.ts',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
