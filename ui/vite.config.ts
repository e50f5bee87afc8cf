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
    // Looks are small, and one file of them keeps its order whatever is fetched when.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        // What several dialogs and the room share is one file: thirty small ones would be thirty questions.
        codeSplitting: {
          groups: [
            { name: 'csv', test: /papaparse/ },
            { name: 'shared', minShareCount: 2 },
          ],
        },
      },
    },
  },
  test: { include: ['src/**/*.test.ts', 'bridge/src/**/*.test.ts'], environment: 'node' },
});
