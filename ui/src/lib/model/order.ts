/** Which cards the wall shows, and in which order. */
import type { ClienteView } from '$lib/wire';
import { aspectOf, GROUPS, groupOf, type Group } from './states';

export interface Filter {
  text: string;
  /** A group, a state's name or a variant's, or everything. */
  show: Group | 'all' | (string & {});
}

/**
 * Those that need a person first, then by id. Nothing else counts, so a QR that rotates or a message that is sent never
 * moves a card. `held` cards stay among the first: they have just been linked, and somebody is looking at them.
 */
export function inOrder(
  clientes: Iterable<ClienteView>,
  held: ReadonlySet<number> = new Set(),
): ClienteView[] {
  const rank = (cliente: ClienteView) => (held.has(cliente.id) ? 0 : GROUPS.indexOf(groupOf(cliente)));
  return [...clientes].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

export const SORTS = ['attention', 'name', 'id', 'state', 'changed', 'sent'] as const;
export type SortBy = (typeof SORTS)[number];
export interface Sort {
  by: SortBy;
  down: boolean;
}

const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const STATE_ORDER = ['QR_REQUIRED', 'AUTH_FAILURE', 'ERROR', 'DISCONNECTED_BANNED', 'DISCONNECTED_LOGOUT'];

/** In the order that somebody chose; those that are alike keep to the order of their ids. */
export function sorted(
  clientes: Iterable<ClienteView>,
  { by, down }: Sort,
  held: ReadonlySet<number> = new Set(),
): ClienteView[] {
  if (by === 'attention') return inOrder(clientes, held);
  const compare: Record<Exclude<SortBy, 'attention'>, (a: ClienteView, b: ClienteView) => number> = {
    // Those without a name come last.
    name: (a, b) => Number(!a.name) - Number(!b.name) || NAMES.compare(a.name, b.name),
    id: (a, b) => a.id - b.id,
    state: (a, b) => byState(a) - byState(b) || aspectOf(a.session).localeCompare(aspectOf(b.session)),
    changed: (a, b) => a.session.since - b.session.since,
    sent: (a, b) => a.session.sent - b.session.sent,
  };
  const turn = down ? -1 : 1;
  return [...clientes].sort((a, b) => turn * compare[by](a, b) || a.id - b.id);
}

function byState(cliente: ClienteView): number {
  const at = STATE_ORDER.indexOf(aspectOf(cliente.session));
  return at < 0 ? STATE_ORDER.length + GROUPS.indexOf(groupOf(cliente)) : at;
}

export function matches(cliente: ClienteView, filter: Filter): boolean {
  return shows(cliente, filter.show) && says(cliente, filter.text);
}

function shows(cliente: ClienteView, show: Filter['show']): boolean {
  return show === 'all' || show === aspectOf(cliente.session) || show === groupOf(cliente);
}

function says(cliente: ClienteView, text: string): boolean {
  const wanted = plain(text);
  if (!wanted) return true;
  const id = wanted.match(/^#(\d+)$/)?.[1];
  if (id) return String(cliente.id) === id;
  if (String(cliente.id).startsWith(wanted)) return true;
  // People paste numbers as they find them: +54 9 11 5555-1234.
  const digits = wanted.replace(/[\s+().-]/g, '');
  if (/^\d+$/.test(digits) && cliente.account?.number.includes(digits)) return true;
  return [cliente.name, cliente.note, cliente.account?.name ?? ''].some((field) =>
    plain(field).includes(wanted),
  );
}

/** Lower case, without accents or outer spaces: "Jose" finds "José". */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}

export function countByGroup(clientes: Iterable<ClienteView>): Record<Group, number> {
  const counts = { attention: 0, progress: 0, ready: 0, asleep: 0, idle: 0 };
  for (const cliente of clientes) counts[groupOf(cliente)]++;
  return counts;
}

/** How many are in each state as people see it, states nobody is in left out. */
export function countByState(clientes: Iterable<ClienteView>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { session } of clientes) {
    const aspect = aspectOf(session);
    counts.set(aspect, (counts.get(aspect) ?? 0) + 1);
  }
  return counts;
}
