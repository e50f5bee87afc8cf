import { defineConfig, mergeConfig } from 'vite';
import { CSP } from './csp';
import base from './vite.config';

// The control room on a fake backend, for tests and for looking at it. Kept apart from what is shipped.
export default mergeConfig(
  base,
  defineConfig({
    build: {
      outDir: '../test-output/gallery',
      emptyOutDir: true,
      rolldownOptions: { input: 'gallery.html' },
    },
    preview: { host: '127.0.0.1', port: 4173, headers: { 'Content-Security-Policy': CSP } },
  }),
);
