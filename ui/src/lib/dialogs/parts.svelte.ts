/**
 * Dialogs that the first picture of the room does not need. Each is a file of its own, fetched when nothing else is to be done,
 * or at the latest when it is opened. What takes keys at once, as the palette does, is not among them: keys would be lost.
 */
import { Failure } from '$lib/backend/backend';

export class Part<C> {
  component = $state.raw<C | null>(null);
  failure = $state.raw<Failure | null>(null);
  #loading: Promise<void> | null = null;

  constructor(readonly source: () => Promise<{ default: C }>) {}

  /** Fetches it, unless it is there or on its way. One that failed can be asked for again. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load());
  }

  async #load(): Promise<void> {
    this.failure = null;
    try {
      this.component = (await this.source()).default;
    } catch (thrown) {
      // Its file is on this machine, or comes from the program: whoever cannot get it cannot reach the program.
      this.failure = new Failure('UNREACHABLE', thrown instanceof Error ? thrown.message : String(thrown));
      this.#loading = null;
    }
  }
}

/** In the order in which somebody may want them. */
export const PARTS = {
  settings: new Part(() => import('./Settings.svelte')),
  timeline: new Part(() => import('./Timeline.svelte')),
  api: new Part(() => import('./api/ApiPanel.svelte')),
  oldLogins: new Part(() => import('./old/OldLogins.svelte')),
  import: new Part(() => import('./csv/ImportClientes.svelte')),
  export: new Part(() => import('./csv/ExportClientes.svelte')),
  bundle: new Part(() => import('./bundle/SupportBundle.svelte')),
  shortcuts: new Part(() => import('./Shortcuts.svelte')),
  legend: new Part(() => import('$lib/help/Legend.svelte')),
};

/** How long the room has for its own first picture where the browser does not say when it is idle, ms. */
const LATER = 1_500;

function whenIdle(): Promise<void> {
  return new Promise((resolve) => {
    // WebKit has no such question.
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: LATER });
    else setTimeout(resolve, LATER);
  });
}

/**
 * Fetches them one after the other, so that opening one is waiting for nothing. Where one does not come the program is gone, and the
 * others wait until they are opened.
 */
export async function fetchAll(
  parts: readonly Pick<Part<unknown>, 'load' | 'failure'>[] = Object.values(PARTS),
) {
  for (const part of parts) {
    await whenIdle();
    await part.load();
    if (part.failure) return;
  }
}
