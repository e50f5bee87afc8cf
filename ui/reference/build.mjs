// Puts together the page that shows the description of the API: reference/dist. Everything but the page itself is kept
// compressed, as it is served.
import { mkdir, readFile, writeFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const library = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const dist = join(here, 'dist');

const compressed = [
  join(library, 'swagger-ui-bundle.js'),
  join(library, 'swagger-ui.css'),
  // Their licences ask for it.
  join(library, 'swagger-ui-bundle.js.LICENSE.txt'),
  join(library, 'LICENSE'),
  join(library, 'NOTICE'),
  join(here, 'src', 'reference.js'),
  join(here, 'src', 'reference.css'),
];

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
for (const file of compressed) {
  // Nothing is loaded besides, so no map is named either.
  const text = (await readFile(file, 'utf8')).replace(/\n\/[/*]# sourceMappingURL=.*$/m, '');
  const name = file.slice(dirname(file).length + 1);
  await writeFile(join(dist, `${name}.gz`), gzipSync(text, { level: constants.Z_BEST_COMPRESSION }));
}
await writeFile(join(dist, 'index.html'), await readFile(join(here, 'src', 'index.html')));
