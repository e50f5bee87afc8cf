/** Takes an import back: those of it that nobody has used. */
import { t } from '$lib/i18n/i18n.svelte';
import { failureLine } from '$lib/i18n/names';
import { announcer } from '$lib/model/announcer.svelte';
import type { Desk } from '$lib/model/desk.svelte';
import type { ClienteView, CommandError } from '$lib/wire';

export function offerUndo(desk: Desk, added: readonly ClienteView[], unstarted: CommandError | null): void {
  const n = added.length;
  const done = t('import.done', { n });
  const why = unstarted && failureLine(unstarted);
  const text = why ? `${done} ${t('import.unstarted', { why })}` : done;
  desk.bulk = null;
  desk.told = {
    text,
    action: {
      label: t('import.undo', { n }),
      run() {
        const ids = added.filter(({ id }) => unused(desk.room.clientes.get(id))).map(({ id }) => id);
        if (ids.length < n) announcer.say(t('import.undo.used', { n: n - ids.length }));
        desk.told = ids.length < n ? { text: t('import.undo.used', { n: n - ids.length }) } : null;
        if (ids.length > 0) void desk.removeUnused(ids);
      },
    },
  };
  announcer.say(text);
}

/** Never started: nothing of it would be lost. */
export function unused(cliente: ClienteView | undefined): boolean {
  if (!cliente) return false;
  const { session, saved_login, account, wanted } = cliente;
  return (
    session.state === 'NOT_INITIALIZED' &&
    session.reason === null &&
    !saved_login &&
    !account &&
    wanted === 'stopped'
  );
}
