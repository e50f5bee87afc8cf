/** One thing that is being done, or was done, to many clientes. */
import { Failure } from '$lib/backend/backend';
import { t } from '$lib/i18n/i18n.svelte';
import { nameOf } from '$lib/i18n/names';
import { announcer } from './announcer.svelte';
import { eachOf, type BulkAction, type Outcome } from './bulk';
import type { Room } from './room.svelte';

/** Commands of one job at the same time. Starts wait for their turn in the program anyway. */
const AT_ONCE = 4;

export class BulkRun {
  outcomes = $state.raw<readonly Outcome[]>([]);
  ended = $state(false);
  /** Those that have had no turn are left alone. */
  cancelled = $state(false);
  readonly failed = $derived(this.outcomes.filter(({ failure }) => failure !== null));
  readonly succeeded = $derived(this.outcomes.filter(({ failure }) => failure === null));

  constructor(
    private readonly room: Room,
    readonly action: BulkAction,
    readonly ids: readonly number[],
    /** For `destroy`: whether logins and clientes go too. */
    readonly forget = false,
  ) {}

  async run(): Promise<void> {
    await eachOf(this.ids, AT_ONCE, (id) => this.#one(id));
    this.ended = true;
    const n = this.succeeded.length;
    const done = t(`bulk.done.${this.action}`, { n });
    announcer.say(this.failed.length ? `${done} ${t('bulk.failed', { n: this.failed.length })}` : done);
  }

  async #one(id: number): Promise<void> {
    if (this.cancelled) return;
    const cliente = this.room.clientes.get(id);
    const name = nameOf(cliente ?? { id, name: '' });
    let failure: Failure | null = null;
    try {
      if (!cliente) throw new Failure('CLIENTE_NOT_FOUND', `no cliente ${id}`);
      const done =
        this.action === 'destroy'
          ? await this.room.turn('destroy', { id, forget: this.forget })
          : await this.room.turn(this.action, { id });
      if (!done) throw new Failure('NOT_NOW', 'another command of this session is under way');
    } catch (thrown) {
      failure = Failure.from(thrown);
    }
    this.outcomes = [...this.outcomes, { id, name, failure }];
  }
}
