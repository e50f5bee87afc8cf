/** The policy that the window serves this UI under, and the local API too. */
import { readFileSync } from 'node:fs';

const conf: { app: { security: { csp: string } } } = JSON.parse(
  readFileSync(new URL('../tauri.conf.json', import.meta.url), 'utf8'),
);

export const CSP = conf.app.security.csp;
