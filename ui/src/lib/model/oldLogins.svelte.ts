/** Logins of another program: looked for in a folder, chosen, and followed while they are copied. */
import type { OldFoundView, OldLoginView, TakeView } from '$lib/wire';
import { Failure } from '$lib/backend/backend';
import type { Room } from './room.svelte';

export interface OldRow {
  readonly login: OldLoginView;
  chosen: boolean;
  /** What is in its field. */
  id: string;
}

export type IdProblem = 'invalid' | 'taken' | 'twice';

/** Longest name of a cliente, in characters. */
const NAME = 120;

export class OldLoginImport {
  dir = $state('');
  start = $state(true);
  found = $state.raw<OldFoundView | null>(null);
  rows = $state<OldRow[]>([]);
  /** Which folder was looked into last. */
  searched = $state('');
  /** Whether the system's own dialog for a folder is open. */
  choosing = $state(false);
  finding = $state(false);
  beginning = $state(false);
  cancelling = $state(false);
  view = $state.raw<TakeView | null>(null);
  failure = $state.raw<Failure | null>(null);
  readonly running = $derived(this.view?.running ?? false);
  readonly chosen = $derived(this.rows.filter(({ chosen }) => chosen));
  /** Whether what is on the screen is of another folder than the one in the field. */
  readonly stale = $derived(this.found === null || this.dir.trim() !== this.searched);
  #gone = false;

  constructor(readonly room: Room) {}

  /** What was begun before this dialog was opened goes on in it. */
  async resume(): Promise<void> {
    try {
      // A revision that is none is answered at once.
      const view = await this.room.call('import_progress', { revision: 4_294_967_295 });
      if (!view.running || this.#gone) return;
      await this.#follow(view);
    } catch {
      // Whoever searches is told what is wrong.
    }
  }

  /** Whether the system has a dialog for a folder: only beside a window of the program. */
  get canChoose(): boolean {
    return this.room.app?.headless === false;
  }

  /** Has the person choose the folder in the system's own dialog, and looks into it. */
  async choose(): Promise<void> {
    if (this.choosing || this.finding) return;
    this.choosing = true;
    this.failure = null;
    try {
      const { path } = await this.room.call('choose_folder', { from: this.dir.trim() });
      if (path === null || this.#gone) return;
      this.dir = path;
    } catch (thrown) {
      this.failure = Failure.from(thrown);
      return;
    } finally {
      this.choosing = false;
    }
    await this.find();
  }

  async find(): Promise<void> {
    if (this.finding) return;
    const dir = this.dir.trim();
    this.finding = true;
    this.failure = null;
    try {
      const found = await this.room.call('find_old_logins', { dir });
      this.found = found;
      this.searched = dir;
      this.rows = found.logins.map((login) => ({
        login,
        chosen: login.problem === null,
        id: String(login.id),
      }));
    } catch (thrown) {
      this.failure = Failure.from(thrown);
    } finally {
      this.finding = false;
    }
  }

  /** What is wrong with the number of a login that is to be taken over. */
  problem(row: OldRow): IdProblem | null {
    const id = idOf(row);
    if (id === null) return 'invalid';
    if (this.chosen.some((other) => other.login.path !== row.login.path && idOf(other) === id))
      return 'twice';
    if (id === row.login.id && row.login.id_taken) return 'taken';
    return this.room.clientes.get(id)?.saved_login ? 'taken' : null;
  }

  async take(): Promise<void> {
    if (this.beginning || this.running || this.chosen.length === 0) return;
    const wanted = this.chosen.map((row) => ({
      path: row.login.path,
      id: idOf(row) ?? 0,
      name: row.login.own_id ? '' : [...row.login.name].slice(0, NAME).join(''),
    }));
    this.beginning = true;
    this.failure = null;
    try {
      const view = await this.room.call('import_logins', { wanted, start: this.start });
      this.beginning = false;
      await this.#follow(view);
    } catch (thrown) {
      this.failure = Failure.from(thrown);
    } finally {
      this.beginning = false;
    }
  }

  async cancel(): Promise<void> {
    if (!this.running) return;
    this.cancelling = true;
    // The progress tells what came of it.
    await this.room.call('cancel_import', {}).catch(() => (this.cancelling = false));
  }

  /** Back to the list, as it is now. */
  async again(): Promise<void> {
    this.view = null;
    this.found = null;
    this.rows = [];
    if (this.dir.trim()) await this.find();
  }

  /** Nobody looks any more; the copies go on. */
  leave(): void {
    this.#gone = true;
  }

  async #follow(first: TakeView): Promise<void> {
    this.cancelling = false;
    let view = first;
    this.view = view;
    while (view.running && !this.#gone) {
      view = await this.room.call('import_progress', { revision: view.revision });
      this.view = view;
    }
  }
}

function idOf({ id }: OldRow): number | null {
  const text = id.trim();
  const number = Number(text);
  return /^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number) ? number : null;
}
