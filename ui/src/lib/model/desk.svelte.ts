/** What this person has open on the desk: filter, dialogs, menu, and the failures not yet dismissed. */
import { createContext, type Component } from 'svelte';
import type { Failure } from '$lib/backend/backend';
import type { Args, CommandName } from '$lib/backend/commands';
import type { SectionId } from '$lib/dialogs/api/sections';
import type { Filter } from './order';
import type { Room } from './room.svelte';

export type DialogRequest =
  | { kind: 'add' | 'settings' | 'api' | 'stopAll' | 'legend' }
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
