/** The control room: everything the backend says, and the one way to ask it for something. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { AppView, ClienteView, ControlEvent } from '$lib/wire';
import { Failure, type Backend, type Connection } from '$lib/backend/backend';
import type { Args, CommandName, Result } from '$lib/backend/commands';
import { t } from '$lib/i18n/i18n.svelte';
import { announcer } from './announcer.svelte';
import { clock } from './clock.svelte';
import { Pairing } from './pairing.svelte';
import { aspectOf } from './states';
import { windowOf } from './window';

/** How long a card that was just linked shows its check mark and keeps its place, ms. */
const LINKED_SHOWN = 5_000;

export class Room {
  readonly clientes = new SvelteMap<number, ClienteView>();
  app = $state.raw<AppView | null>(null);
  connection = $state<Connection>('connecting');
  /** The person asked to close the window and has to say what that means. */
  closing = $state(false);
  /** The program ends. */
  ending = $state(false);
  /** The card that was asked for outside of the window; each wish is a new one. */
  wished = $state.raw<{ id: number } | null>(null);
  /** Cards that were linked a moment ago. */
  readonly linked = new SvelteSet<number>();
  readonly #linkedTimers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #running = new SvelteSet<string>();
  readonly #pairings = new Map<number, Pairing>();
  /** The id of the newest call of the local API that was told of; 0 while none was. */
  lastCall = $state(0);
  /** Counts snapshots: what was read before one may be of another run of the program. */
  snapshots = $state(0);

  constructor(readonly backend: Backend) {}

  open(): () => void {
    return this.backend.subscribe(
      (event) => this.#apply(event),
      (connection) => this.#connected(connection),
    );
  }

  /** How this cliente is being linked by its number. */
  pairing(id: number): Pairing {
    return this.#pairings.get(id) ?? this.#pair(id);
  }

  /** Whether a command that changes this cliente's session is under way. */
  busy(id: number): boolean {
    return this.#running.has(slotOf('start', id));
  }

  /**
   * Runs a command, unless its turn is taken: of the commands that change one session only one runs at a time, so that
   * a double click destroys once. Resolves to null when it was not run.
   */
  async once<K extends CommandName>(command: K, args: Args<K>): Promise<Result<K> | null> {
    const slot = slotOf(command, 'id' in args ? args.id : null);
    if (this.#running.has(slot)) return null;
    this.#running.add(slot);
    try {
      return await this.call(command, args);
    } finally {
      this.#running.delete(slot);
    }
  }

  /** The same, and says whether it was run: answers of commands may be null too. */
  async turn<K extends CommandName>(command: K, args: Args<K>): Promise<boolean> {
    const slot = slotOf(command, 'id' in args ? args.id : null);
    if (this.#running.has(slot)) return false;
    await this.once(command, args);
    return true;
  }

  /** Runs a command; rejects with a `Failure`. */
  async call<K extends CommandName>(command: K, args: Args<K>): Promise<Result<K>> {
    try {
      const result = await this.backend.call(command, args);
      this.#take(result);
      return result;
    } catch (thrown) {
      throw Failure.from(thrown);
    }
  }

  /** An answer may carry the program's new settings before its event arrives. */
  #take(result: unknown): void {
    if (typeof result === 'object' && result !== null && 'settings' in result)
      this.#setApp(result as AppView);
  }

  #apply(event: ControlEvent): void {
    switch (event.type) {
      case 'snapshot': {
        this.#setApp(event.app);
        this.lastCall = 0;
        this.snapshots++;
        const ids = new Set(event.clientes.map(({ id }) => id));
        for (const id of [...this.clientes.keys()]) if (!ids.has(id)) this.#remove(id);
        for (const cliente of event.clientes) this.#setCliente(cliente);
        break;
      }
      case 'cliente':
        this.#setCliente(event);
        break;
      case 'cliente_removed':
        this.#remove(event.id);
        break;
      case 'app':
        this.#setApp(event);
        break;
      case 'close_requested':
        this.closing = true;
        break;
      case 'show_cliente':
        this.wished = { id: event.id };
        break;
      case 'ending':
        this.closing = false;
        this.ending = true;
        break;
      case 'calls':
        this.lastCall = event.last;
        break;
    }
  }

  #connected(connection: Connection): void {
    if (connection === this.connection) return;
    if (connection === 'offline') announcer.say(t('connection.offline.title'));
    else if (connection === 'online' && this.connection === 'offline') announcer.say(t('connection.back'));
    this.connection = connection;
  }

  #setApp(app: AppView): void {
    clock.set(app.now);
    this.app = app;
  }

  #setCliente(cliente: ClienteView): void {
    const known = this.clientes.get(cliente.id)?.session;
    this.clientes.set(cliente.id, cliente);
    this.pairing(cliente.id).follow(cliente.session);
    if (!known) return;
    const { notice } = cliente.session;
    if (notice && notice !== known.notice) announcer.noticed(cliente, notice);
    const windows = [windowOf(known), windowOf(cliente.session)];
    if (windows[0] !== 'visible' && windows[1] === 'visible')
      announcer.told(cliente, 'announce.window.shown');
    if (known.visible && !cliente.session.visible && cliente.session.browser !== 'none')
      announcer.told(cliente, 'announce.window.hidden');
    if (known.login_step !== 'passkey' && cliente.session.login_step === 'passkey')
      announcer.told(cliente, 'announce.passkey');
    const [before, after] = [aspectOf(known), aspectOf(cliente.session)];
    if (before === after) return;
    announcer.stateChanged(cliente);
    if (before === 'QR_REQUIRED' && after === 'READY') this.#celebrate(cliente.id);
    else this.#settle(cliente.id);
  }

  #celebrate(id: number): void {
    this.#settle(id);
    this.linked.add(id);
    this.#linkedTimers.set(
      id,
      setTimeout(() => this.#settle(id), LINKED_SHOWN),
    );
  }

  #settle(id: number): void {
    clearTimeout(this.#linkedTimers.get(id));
    this.#linkedTimers.delete(id);
    this.linked.delete(id);
  }

  /** Made when its cliente appears, not when it is first drawn: what a component makes while drawing, it does not watch. */
  #pair(id: number): Pairing {
    const pairing = new Pairing();
    this.#pairings.set(id, pairing);
    return pairing;
  }

  #remove(id: number): void {
    this.#settle(id);
    this.#pairings.delete(id);
    this.clientes.delete(id);
  }
}

const LIFECYCLE = new Set<CommandName>([
  'start',
  'stop',
  'restart',
  'log_out',
  'hibernate',
  'show_browser',
  'hide_browser',
  'destroy',
]);

function slotOf(command: CommandName, id: number | null): string {
  return `${LIFECYCLE.has(command) ? 'session' : command} ${id ?? ''}`;
}
