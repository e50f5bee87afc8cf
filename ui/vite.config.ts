import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

// Relative addresses: the same files are embedded in the window and served at '/' by the local API.
export default defineConfig({
  base: './',
  plugins: [svelte()],
  resolve: {
    alias: { $lib: path('./src/lib') },
    // Unit tests use the runes as a browser does.
    ...(process.env.VITEST ? { conditions: ['browser'] } : {}),
  },
  server: { port: 5173, strictPort: true },
  build: {
    outDir: 'dist',
    target: ['chrome111', 'safari16.4'],
    // The CSP allows no inline script, and no data: font or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // kB. The page comes from this machine: fetching its dialogs later made the wall appear no sooner (docs/benchmarks.md), and
    // left dialogs that could not be opened without the program.
    chunkSizeWarningLimit: 700,
  },
  test: { include: ['src/**/*.test.ts', 'bridge/src/**/*.test.ts'], environment: 'node' },
});
