/** Builds the gallery and the real thing, and serves the gallery on a free port while the tests run. */
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import type { TestProject } from 'vitest/node';

const ui = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    gallery: string;
    dist: string;
    screens: string;
  }
}

export default async function setup(project: TestProject) {
  const gallery = { configFile: ui('vite.gallery.config.ts'), logLevel: 'error' } as const;
  const dist = ui('../test-output/dist');
  // Vitest says `test`, and would make this a build for development.
  process.env.NODE_ENV = 'production';
  await build(gallery);
  await build({
    configFile: ui('vite.config.ts'),
    logLevel: 'error',
    build: { outDir: dist, emptyOutDir: true },
  });
  const server = await preview({ ...gallery, preview: { port: 0 } });
  const address = server.resolvedUrls?.local[0];
  if (!address) throw new Error('the gallery is not served');
  project.provide('gallery', `${address}gallery.html`);
  project.provide('dist', dist);
  project.provide('screens', ui('../test-output/screens'));
  return () => server.close();
}
