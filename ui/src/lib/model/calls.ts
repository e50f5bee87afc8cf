/** The log of calls of the local API: which of them somebody wants to see, and how they are written for a tool. */
import type { CallView } from '$lib/wire';

/** As many as the backend keeps. */
export const KEPT = 500;

export interface CallFilter {
  /** Of one cliente. */
  cliente: number | null;
  /** Part of "POST /send". */
  route: string;
  failures: boolean;
}

export const NO_FILTER: CallFilter = { cliente: null, route: '', failures: false };

export function isFiltered({ cliente, route, failures }: CallFilter): boolean {
  return cliente !== null || route.trim() !== '' || failures;
}

/** A caller that hung up got no answer either. */
export function isFailure({ status }: CallView): boolean {
  return status === null || status >= 400;
}

export function matchesCall(call: CallView, { cliente, route, failures }: CallFilter): boolean {
  if (cliente !== null && call.cliente !== cliente) return false;
  if (failures && !isFailure(call)) return false;
  return `${call.method} ${call.route}`.toLowerCase().includes(route.trim().toLowerCase());
}

/** Those that were read before behind those that are new, and no more than the backend keeps. */
export function withNewer(older: readonly CallView[], newer: readonly CallView[]): readonly CallView[] {
  const last = older[0]?.id ?? 0;
  const fresh = newer.filter(({ id }) => id > last);
  return fresh.length === 0 ? older : [...fresh, ...older].slice(0, KEPT);
}

/** The clientes that were called, by id. */
export function clientesOf(calls: readonly CallView[]): number[] {
  const ids = new Set(calls.map(({ cliente }) => cliente).filter((id) => id !== null));
  return [...ids].sort((a, b) => a - b);
}

/** One line a call, columns apart by tabs, so that it can be put into a message or a spreadsheet. */
export function asText(calls: readonly CallView[]): string {
  const head = 'time\tmethod\troute\tcliente\tstatus\tcode\tms\tcaller';
  const lines = calls.map(({ at, method, route, cliente, status, code, duration_us, caller }) =>
    [
      new Date(at).toISOString(),
      method,
      route,
      cliente ?? '-',
      status ?? '-',
      code ?? '-',
      (duration_us / 1000).toFixed(1),
      caller,
    ].join('\t'),
  );
  return [head, ...lines].join('\n') + '\n';
}
