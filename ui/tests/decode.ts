/** What a phone's camera would read on a picture of the screen. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

// Left alone, the library would look for its own binary on the web.
const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } });

/** The text of the only QR on a PNG; nothing if there is none that can be read. */
export async function decode(png: Uint8Array): Promise<string | null> {
  const found = await readBarcodes(png, { formats: ['QRCode'], tryHarder: true });
  if (found.length > 1) throw new Error(`${found.length} codes are on the picture`);
  return found[0]?.text ?? null;
}
