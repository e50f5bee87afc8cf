/** A backend in memory, that does as its script says. For tests and for working on the UI without a program. */
import type {
  AppView,
  CallView,
  ClienteView,
  CommandError,
  ControlEvent,
  KeyView,
  SessionView,
  StateName,
  TakenView,
  TimelineView,
} from '$lib/wire';
import { Failure, type Backend, type Connection } from '../backend';
import type { Args, CommandName, Result } from '../commands';
import { FakeBundle } from './bundle';
import { inEnglish } from './english';
import { FakeOldLogins } from './oldLogins';
import { firstFree, judged, marked, secretOf, told } from './rules';
import { sampleApp, sampleCall, sampleCliente, sampleSession } from './samples';
import { webhookHandlers, type WebhookWorld } from './webhooks';

type Handlers = { [K in CommandName]: (args: Args<K>) => Result<K> };
type Reader = { onEvent: (event: ControlEvent) => void; onConnection: (connection: Connection) => void };

export class FakeBackend implements Backend {
  app: AppView;
  readonly clientes = new Map<number, ClienteView>();
  readonly timelines = new Map<number, TimelineView[]>();
  keys: KeyView[] = [];
  readonly told: WebhookWorld = {
    webhooks: new Map(),
    letters: new Map(),
    nextTest: { ok: true, status: 200, duration_ms: 12, error: null, message: null },
  };
  readonly bundle = new FakeBundle();
  readonly old = new FakeOldLogins();
  /** The calls of the local API, the newest first. */
  callLog: CallView[] = [];
  /** Every command that arrived. */
  readonly calls: { command: CommandName; args: unknown }[] = [];
  /** Told of each command that went well, after its answer was made. */
  onCall: (command: CommandName, args: never) => void = () => undefined;
  /** The pairing code that is given next. */
  /** Whether a browser can show a window here. */
  windows = true;
  nextCode = 'K7WX4MPQ';
  /** Why what is added together is not started. */
  unstarted: CommandError | null = null;
  /** How far this backend's clock is from the page's, ms. */
  skew = 0;
  readonly #failures = new Map<CommandName, Failure>();
  readonly #gates = new Map<CommandName, Promise<null>>();
  readonly #open = new Map<CommandName, () => void>();
  #reader: Reader | null = null;
  #reachable = true;

  constructor(app: Partial<AppView> = {}, clientes: ClienteView[] = []) {
    this.app = sampleApp(app);
    for (const cliente of clientes) this.clientes.set(cliente.id, cliente);
  }

  subscribe(onEvent: Reader['onEvent'], onConnection: Reader['onConnection']): () => void {
    this.#reader = { onEvent, onConnection };
    onConnection('connecting');
    if (this.#reachable) this.reconnect();
    return () => (this.#reader = null);
  }

  async call<K extends CommandName>(command: K, args: Args<K>): Promise<Result<K>> {
    this.calls.push({ command, args });
    await this.#gates.get(command);
    if (!this.#reachable) throw new Failure('UNREACHABLE', inEnglish('the fake is unplugged'));
    const failure = this.#failures.get(command);
    if (failure) throw marked(failure);
    const result = this.#answer(command, args);
    this.onCall(command, args as never);
    return result;
  }

  #answer<K extends CommandName>(command: K, args: Args<K>): Result<K> {
    try {
      return (this.#handlers[command] as Handlers[K])(args);
    } catch (thrown) {
      throw thrown instanceof Failure ? marked(thrown) : thrown;
    }
  }

  // Script.

  fail(command: CommandName, failure: Failure | null): void {
    if (failure) this.#failures.set(command, failure);
    else this.#failures.delete(command);
  }

  /** Lets a command wait until the returned function is called. */
  hold(command: CommandName): () => void {
    const gate = new Promise<null>((resolve) => this.#open.set(command, () => resolve(null)));
    this.#gates.set(command, gate);
    return () => {
      this.#gates.delete(command);
      this.#open.get(command)?.();
    };
  }

  disconnect(): void {
    this.#reachable = false;
    this.#reader?.onConnection('offline');
  }

  reconnect(): void {
    this.#reachable = true;
    this.#emit({ type: 'snapshot', ...this.#snapshot() });
    this.#reader?.onConnection('online');
  }

  put(cliente: ClienteView): ClienteView {
    this.clientes.set(cliente.id, cliente);
    if (this.#reachable) this.#emit({ type: 'cliente', ...cliente });
    return cliente;
  }

  /** Brings a session to a state, with what belongs to it; the timeline follows. */
  move(id: number, state: StateName, patch: Partial<SessionView> = {}): ClienteView {
    const cliente = this.#one(id);
    const { sent, failed } = cliente.session;
    const session = { ...sampleSession(state), since: Date.now(), sent, failed, ...patch };
    this.#note(id, cliente.session.state, session);
    return this.put({ ...cliente, session });
  }

  /** Changes a session within its state. */
  change(id: number, patch: Partial<SessionView>): ClienteView {
    const cliente = this.#one(id);
    return this.put({ ...cliente, session: { ...cliente.session, ...patch } });
  }

  remove(id: number): void {
    this.clientes.delete(id);
    this.#emit({ type: 'cliente_removed', id });
  }

  setApp(patch: Partial<AppView>): AppView {
    this.app = { ...this.app, ...patch, now: Date.now() + this.skew };
    this.#emit({ type: 'app', ...this.app });
    return this.app;
  }

  /** A call of the local API that has just ended. */
  called(patch: Partial<CallView> = {}): CallView {
    const call = sampleCall((this.callLog[0]?.id ?? 0) + 1, patch);
    this.callLog = [call, ...this.callLog].slice(0, 500);
    this.#emit({ type: 'calls', last: call.id });
    return call;
  }

  requestClose(): void {
    this.#emit({ type: 'close_requested' });
  }

  showCliente(id: number): void {
    this.#emit({ type: 'show_cliente', id });
  }

  end(): void {
    this.#emit({ type: 'ending' });
  }

  // Answers.

  readonly #handlers: Handlers = {
    snapshot: () => this.#snapshot(),
    add_cliente: ({ id, name, note, start }) => {
      if (id !== null && this.clientes.has(id)) throw new Failure('CLIENTE_EXISTS', `cliente ${id} exists`);
      const free = id ?? Math.max(0, ...this.clientes.keys()) + 1;
      const added = this.put(sampleCliente(free, 'NOT_INITIALIZED', { name, note, created_at: Date.now() }));
      return start ? this.#begin(added) : added;
    },
    import_clientes: ({ clientes, start }) => {
      const taken = new Set(this.clientes.keys());
      const refused = clientes.flatMap(({ id }, row) => {
        if (id === null) return [];
        const problem = 'id_taken' as const;
        if (taken.has(id)) return [{ row, problem }];
        taken.add(id);
        return [];
      });
      if (refused.length > 0) return { added: [], refused, unstarted: null };
      const added = clientes.map(({ id, name, note }) => {
        const free = id ?? firstFree(taken);
        taken.add(free);
        const created_at = Date.now();
        return this.put(sampleCliente(free, 'NOT_INITIALIZED', { name, note, created_at }));
      });
      if (start && this.unstarted) return { added, refused, unstarted: told(this.unstarted) };
      return { added: start ? added.map((it) => this.#begin(it)) : added, refused, unstarted: null };
    },
    save_file: ({ name }) => ({ path: `/home/ana/Descargas/${name}` }),
    update_cliente: ({ id, name, note }) => this.put({ ...this.#one(id), name, note }),
    start: ({ id }) => this.#begin(this.#one(id)),
    restart: ({ id }) => this.#begin(this.#one(id)),
    stop: ({ id }) => this.move(id, 'NOT_INITIALIZED', { reason: 'STOP_REQUESTED' }),
    log_out: ({ id }) => {
      this.put({ ...this.#one(id), saved_login: false });
      return this.move(id, 'DISCONNECTED_LOGOUT', { reason: 'LOGGED_OUT_HERE' });
    },
    hibernate: ({ id }) => {
      const { session } = this.#one(id);
      if (session.state !== 'READY') throw new Failure('NOT_NOW', `state is ${session.state}`);
      return this.move(id, 'NOT_INITIALIZED', { reason: 'HIBERNATED', hibernated: true });
    },
    show_browser: ({ id }) => {
      const { session } = this.#one(id);
      if (!this.windows) throw new Failure('NO_WINDOW', 'there is no screen to show the browser on');
      if (session.visible) return this.#one(id);
      const { needs_window } = session;
      this.#begin(this.#one(id));
      return this.change(id, { reason: 'BROWSER_SHOWN', browser: 'launching', visible: true, needs_window });
    },
    hide_browser: ({ id }) => {
      const { session } = this.#one(id);
      if (!session.visible) return this.#one(id);
      this.#begin(this.#one(id));
      return this.change(id, { reason: 'BROWSER_HIDDEN', visible: false });
    },
    set_self_test: ({ id, on }) => this.put({ ...this.#one(id), self_test: on }),
    dismiss_notice: ({ id }) => this.change(id, { notice: null }),
    destroy: ({ id, forget }) => {
      if (forget) this.remove(id);
      else this.move(id, 'NOT_INITIALIZED', { reason: 'STOP_REQUESTED' });
      return null;
    },
    refresh_qr: () => null,
    send_message: ({ id, to }) => {
      const { session } = this.#one(id);
      if (!session.can_send) throw new Failure('SESSION_NOT_READY', `state is ${session.state}`);
      this.change(id, { sent: session.sent + 1 });
      return { message_id: `true_${to.replace(/\D/g, '')}@c.us_3EB0${this.calls.length}` };
    },
    timeline: ({ id, limit }) => (this.timelines.get(id) ?? []).slice(0, limit),
    pairing_code: ({ id }) => {
      const { session } = this.#one(id);
      if (session.state !== 'QR_REQUIRED') throw new Failure('NOT_NOW', `state is ${session.state}`);
      return { code: this.nextCode };
    },
    calls: ({ limit, after = 0 }) => this.callLog.filter((call) => call.id > after).slice(0, limit),
    keys: () => [...this.keys],
    create_key: ({ name, scopes }) => {
      if (this.keys.some((key) => key.name === name)) throw new Failure('KEY_EXISTS', `key ${name} exists`);
      const key = { id: `key${this.calls.length}`, name, scopes, created_at: Date.now(), last_used: null };
      this.keys.push(key);
      return { key, secret: secretOf(key.id, this.calls.length) };
    },
    rotate_key: ({ key: id }) => {
      const key = { ...this.#key(id), created_at: Date.now(), last_used: null };
      this.keys = this.keys.map((other) => (other.id === id ? key : other));
      return { key, secret: secretOf(id, this.calls.length) };
    },
    revoke_key: ({ key: id }) => {
      const { id: found } = this.#key(id);
      this.keys = this.keys.filter((key) => key.id !== found);
      return null;
    },
    ...webhookHandlers(this.told),
    update_settings: ({ api_enabled, api_port, autostart, ...settings }) => {
      if (settings.allowed_origins) settings.allowed_origins = judged(settings.allowed_origins);
      return this.setApp({
        settings: { ...this.app.settings, ...settings },
        desk: this.app.desk && { ...this.app.desk, autostart: autostart ?? this.app.desk.autostart },
        resources: { ...this.app.resources, limit: this.#limit(settings.max_browsers) },
        api: {
          ...this.app.api,
          enabled: api_enabled ?? this.app.api.enabled,
          address: api_port ? `127.0.0.1:${api_port}` : this.app.api.address,
          key_required: settings.api_key_required ?? this.app.api.key_required,
        },
      });
    },
    begin_bundle: (wish) => this.bundle.begin(wish),
    bundle_progress: () => this.bundle.next(),
    cancel_bundle: () => this.bundle.cancel(),
    show_bundle: () => null,
    choose_folder: ({ from }) => this.old.choose(from),
    find_old_logins: ({ dir }) => this.old.find(dir, this.clientes),
    import_logins: (args) => this.old.begin(args),
    import_progress: () => this.old.next((login) => this.#takeIn(login)),
    cancel_import: () => this.old.cancel(),
    find_browser: () => this.setApp({}),
    open_place: () => null,
    check_update: () => null,
    install_update: () => null,
    close_decided: ({ choice, remember }) => {
      if (remember) this.setApp({ settings: { ...this.app.settings, on_close: choice } });
      return null;
    },
    demo_phone: () => null,
  };

  #takeIn({ id, name }: TakenView): CommandError | null {
    const login = { name, created_at: Date.now(), saved_login: true };
    const cliente = this.put(sampleCliente(id, 'NOT_INITIALIZED', login));
    if (!this.old.start) return null;
    if (this.unstarted) return told(this.unstarted);
    this.#begin(cliente);
    return null;
  }

  #begin(cliente: ClienteView): ClienteView {
    return cliente.saved_login
      ? this.move(cliente.id, 'RECONNECTING', {
          reason: cliente.session.hibernated ? 'WOKEN' : 'START_REQUESTED',
          progress: { stage: 'loading', percent: null },
        })
      : this.move(cliente.id, 'INITIALIZING');
  }

  #limit(chosen: number | null | undefined): number {
    const { limit, fits } = this.app.resources;
    return chosen === undefined ? limit : (chosen ?? fits ?? limit);
  }

  #note(id: number, from: StateName, { state, reason }: SessionView): void {
    const entries = this.timelines.get(id) ?? [];
    if (from !== state)
      this.timelines.set(id, [
        { at: Date.now(), from, to: state, reason: reason ?? 'START_REQUESTED' },
        ...entries,
      ]);
  }

  #key(id: string): KeyView {
    const key = this.keys.find((other) => other.id === id);
    if (!key) throw new Failure('KEY_NOT_FOUND', `no key ${id}`);
    return key;
  }

  #one(id: number): ClienteView {
    const cliente = this.clientes.get(id);
    if (!cliente) throw new Failure('CLIENTE_NOT_FOUND', `no cliente ${id}`);
    return cliente;
  }

  #snapshot() {
    return { app: { ...this.app, now: Date.now() + this.skew }, clientes: [...this.clientes.values()] };
  }

  #emit(event: ControlEvent): void {
    this.#reader?.onEvent(event);
  }
}
