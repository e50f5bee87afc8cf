/** What this person has open on the desk: filter, dialogs, menu, and the failures not yet dismissed. */
import { createContext, type Component } from 'svelte';
import type { Failure } from '$lib/backend/backend';
import type { Args, CommandName } from '$lib/backend/commands';
import type { SectionId } from '$lib/dialogs/api/sections';
import { BULK, applicable, type BulkAction } from './bulk';
import { BulkRun } from './bulk.svelte';
import { LayoutChoice } from './layout.svelte';
import type { Filter } from './order';
import type { Room } from './room.svelte';
import { Selection } from './selection.svelte';

export type DialogRequest =
  | {
      kind:
        'add' | 'settings' | 'api' | 'palette' | 'shortcuts' | 'import' | 'oldLogins' | 'export' | 'legend';
    }
  | { kind: 'bulk'; action: BulkAction; ids: readonly number[] }
  /** Of one cliente, or of all. */
  | { kind: 'bundle'; cliente: number | null }
  | { kind: 'edit' | 'send' | 'destroy' | 'logOut' | 'timeline' | 'qr' | 'help'; id: number };

export interface MenuItem {
  label: string;
  icon?: Component;
  danger?: boolean;
  disabled?: boolean;
  /** For one of a set to choose from. */
  checked?: boolean;
  run(): void;
}

export interface MenuRequest {
  anchor: HTMLElement;
  label: string;
  items: MenuItem[];
}

export interface Notice {
  key: number;
  failure: Failure;
  /** Whose command it was. */
  of: number | null;
}

/** Something that went well, and what can be done next. */
export interface Told {
  text: string;
  action?: { label: string; run(): void };
}

/** More notices than these would hide the wall. */
const NOTICES = 3;

export class Desk {
  dialog = $state.raw<DialogRequest | null>(null);
  /** The section of the local API's panel that was open last. */
  apiSection = $state<SectionId>('status');
  menu = $state.raw<MenuRequest | null>(null);
  filter = $state<Filter>({ text: '', show: 'all' });
  notices = $state.raw<Notice[]>([]);
  /** Whose simulated phone is open. */
  phone = $state<number | null>(null);
  readonly selection = new Selection();
  readonly layout = new LayoutChoice();
  /** What is being done to many, or was and is not dismissed. */
  bulk = $state.raw<BulkRun | null>(null);
  /** What can still be said of the last thing that was done: where a file is, or how to take it back. */
  told = $state.raw<Told | null>(null);
  /** The ids that the wall shows, in its order. */
  shown = $state.raw<readonly number[]>([]);
  #key = 0;

  constructor(readonly room: Room) {}

  /** Runs a command of a button; a failure becomes a notice. */
  async run<K extends CommandName>(command: K, args: Args<K>): Promise<void> {
    try {
      await this.room.once(command, args);
    } catch (failure) {
      const of = 'id' in args ? args.id : null;
      this.notices = [...this.notices, { key: ++this.#key, failure: failure as Failure, of }].slice(-NOTICES);
    }
  }

  /** Does something to many; asks first where it ends something. */
  ask(action: BulkAction, ids: readonly number[]): void {
    if (ids.length === 0 || this.working) return;
    if (BULK[action].asks) this.dialog = { kind: 'bulk', action, ids };
    else void this.runAll(action, ids);
  }

  askAll(action: BulkAction): void {
    this.ask(action, applicable(action, this.room.clientes.values()));
  }

  /** Whether something is being done to many: only one such thing at a time. */
  get working(): boolean {
    return this.bulk !== null && !this.bulk.ended;
  }

  async runAll(action: BulkAction, ids: readonly number[], forget = false): Promise<void> {
    if (this.working) return;
    this.told = null;
    this.bulk = new BulkRun(this.room, action, ids, forget);
    await this.bulk.run();
  }

  /** Takes clientes off the list that nobody has started; what was said before stays. */
  async removeUnused(ids: readonly number[]): Promise<void> {
    if (this.working) return;
    this.bulk = new BulkRun(this.room, 'destroy', ids, true);
    await this.bulk.run();
  }

  openApi(section: SectionId = this.apiSection): void {
    this.apiSection = section;
    this.dialog = { kind: 'api' };
  }

  dismiss(key: number): void {
    this.notices = this.notices.filter((notice) => notice.key !== key);
  }

  clearFilter(): void {
    this.filter = { text: '', show: 'all' };
  }
}

export const [getDesk, setDesk] = createContext<Desk>();
