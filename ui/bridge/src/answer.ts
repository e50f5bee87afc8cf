// What a call of the driver is answered with. Every answer is a value; nothing throws towards the driver.

export type Answer =
  { ok: true; value: string | null } | { ok: false; kind: 'refused' | 'unsupported'; detail: string };

export const done = (value: string | null = null): Answer => ({ ok: true, value });
export const refused = (detail: string): Answer => ({
  ok: false,
  kind: 'refused',
  detail: detail.slice(0, 120),
});
export const unsupported = (detail: string): Answer => ({
  ok: false,
  kind: 'unsupported',
  detail: detail.slice(0, 120),
});

/** A word for an error. Never its message, which may hold a number or a text: wa-js gives each of its errors a code. */
export function wordOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (name === 'NotReadableError' || name === 'NotFoundError') return 'FILE_UNREADABLE';
  return typeof code === 'string' ? code.toUpperCase() : 'ERROR_UNKNOWN';
}
