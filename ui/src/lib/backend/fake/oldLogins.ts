/** Logins of other programs in memory: each question for progress finds the copy a step further. */
import type {
  ChosenFolderView,
  ClienteView,
  CommandError,
  OldFoundView,
  OldLoginView,
  OldProblem,
  TakeArgs,
  TakenView,
  TakeView,
} from '$lib/wire';

const MB = 1_048_576;

export class FakeOldLogins {
  /** What is found in every whole path. */
  found: OldFoundView = {
    logins: [
      login('/opt/wpp/sessions/cliente_7/session-cliente_7', 'cliente_7', 7, {
        kind: 'service',
        own_id: true,
      }),
      login('/opt/wpp/.wwebjs_auth/session-ventas', 'ventas', 41),
      login('/opt/wpp/.wwebjs_auth/session-soporte', 'soporte', 42, { problem: 'in_use' }),
      login('/opt/wpp/.wwebjs_auth/session', '', 43, { problem: 'no_login', last_used: null, bytes: 0 }),
    ],
    unreadable: [],
    cut_short: false,
    problem: null,
  };
  /** What the person chooses in the system's dialog; null: they close it. */
  chosen: string | null = '/opt/wpp';
  /** Where that dialog began last. */
  from: string | null = null;
  /** What becomes of a login instead of a copy, by its path. */
  readonly refused = new Map<string, OldProblem>();
  view: TakeView = { revision: 0, running: false, logins: [] };
  start = false;
  asked: TakeArgs | null = null;

  find(dir: string, clientes: ReadonlyMap<number, ClienteView>): OldFoundView {
    const nothing = { ...this.found, logins: [], unreadable: [] };
    if (!dir.startsWith('/')) return { ...nothing, problem: 'not_whole' };
    if (dir.includes('missing')) return { ...nothing, problem: 'missing' };
    if (dir.includes('empty')) return nothing;
    const logins = this.found.logins.map((it) => ({
      ...it,
      id_taken: clientes.get(it.id)?.saved_login ?? false,
    }));
    return { ...this.found, logins };
  }

  choose(from: string): ChosenFolderView {
    this.from = from;
    return { path: this.chosen };
  }

  begin(args: TakeArgs): TakeView {
    this.asked = args;
    this.start = args.start;
    const logins = args.wanted.map((wanted, place): TakenView => {
      const first = place === 0;
      const total = first ? this.#bytes(wanted.path) : 0;
      return {
        ...wanted,
        stage: first ? 'copying' : 'waiting',
        done: total / 4,
        total,
        problem: null,
        unstarted: null,
      };
    });
    return this.#change({ running: true, logins });
  }

  /** `takeIn` says why it was taken over and not started. */
  next(takeIn: (login: TakenView) => CommandError | null): TakeView {
    const place = this.view.logins.findIndex(({ stage }) => stage === 'waiting' || stage === 'copying');
    const login = this.view.logins[place];
    if (!this.view.running || !login) return this.view.running ? this.#change({ running: false }) : this.view;
    const problem = this.refused.get(login.path);
    if (problem) return this.#put(place, { stage: 'not_taken', problem });
    const total = this.#bytes(login.path);
    if (login.stage === 'waiting') return this.#put(place, { stage: 'copying', total, done: total / 4 });
    if (login.done < total / 2) return this.#put(place, { done: (total * 3) / 4 });
    return this.#put(place, { stage: 'taken', done: total, unstarted: takeIn(login) });
  }

  cancel(): TakeView {
    const logins = this.view.logins.map((login): TakenView =>
      login.stage === 'taken' || login.stage === 'not_taken'
        ? login
        : { ...login, stage: 'not_taken', problem: 'cancelled' },
    );
    return this.view.running ? this.#change({ running: false, logins }) : this.view;
  }

  #bytes(of: string): number {
    return this.found.logins.find(({ path }) => path === of)?.bytes ?? MB;
  }

  #put(place: number, patch: Partial<TakenView>): TakeView {
    return this.#change({
      logins: this.view.logins.map((login, at) => (at === place ? { ...login, ...patch } : login)),
    });
  }

  #change(patch: Partial<TakeView>): TakeView {
    this.view = { ...this.view, ...patch, revision: this.view.revision + 1 };
    return this.view;
  }
}

function login(path: string, name: string, id: number, patch: Partial<OldLoginView> = {}): OldLoginView {
  return {
    path,
    kind: 'local_auth',
    name,
    id,
    own_id: false,
    id_taken: false,
    bytes: 64 * MB,
    last_used: Date.UTC(2026, 10, 20, 15),
    problem: null,
    ...patch,
  };
}
