/** How this window shows the clientes: cards or list, and in which order. Kept in this browser or window. */
import { SORTS, type Sort, type SortBy } from './order';

export const LAYOUTS = ['auto', 'cards', 'list'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** More clientes than these are a list, where nobody chose. */
export const MANY = 24;
const KEY = 'session-manager.layout';

export class LayoutChoice {
  chosen = $state<Layout>('auto');
  sort = $state.raw<Sort>({ by: 'attention', down: false });

  constructor() {
    const kept = read();
    if (LAYOUTS.some((it) => it === kept.layout)) this.chosen = kept.layout as Layout;
    if (SORTS.some((it) => it === kept.by)) this.sort = { by: kept.by as SortBy, down: kept.down === true };
  }

  isList(clientes: number): boolean {
    return this.chosen === 'list' || (this.chosen === 'auto' && clientes > MANY);
  }

  choose(layout: Layout): void {
    this.chosen = layout;
    this.#keep();
  }

  /** The other way round where it is the order already. */
  sortBy(by: SortBy): void {
    this.sort = { by, down: this.sort.by === by ? !this.sort.down : by === 'changed' || by === 'sent' };
    this.#keep();
  }

  #keep(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify({ layout: this.chosen, ...this.sort }));
    } catch {
      // A browser that keeps nothing: the choice lasts as long as the page.
    }
  }
}

function read(): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
