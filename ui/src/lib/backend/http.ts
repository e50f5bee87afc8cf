/** The backend behind the local API: commands as POST, events as a server-sent stream. */
import type { ControlEvent } from '$lib/wire';
import { Failure, type Backend, type Connection } from './backend';
import type { Args, CommandName, Result } from './commands';
import { keepOpen } from './line';

const EVENTS = ['snapshot', 'cliente', 'cliente_removed', 'app', 'close_requested', 'calls'] as const;

/** Longer than the slowest command, a send, which the backend itself gives up after 50 s. */
const CALL_TIMEOUT = 60_000;

export class HttpBackend implements Backend {
  /** `base` is where the page was served from. */
  constructor(private readonly base = '') {}

  subscribe(
    onEvent: (event: ControlEvent) => void,
    onConnection: (connection: Connection) => void,
  ): () => void {
    return keepOpen(
      {
        open: (deliver, onLost) => {
          const source = new EventSource(`${this.base}/control/events`);
          for (const name of EVENTS) {
            source.addEventListener(name, (message) => deliver(JSON.parse(message.data) as ControlEvent));
          }
          // The line opens a new stream itself, so that a refused one and a broken one are mended alike.
          source.onerror = onLost;
          return source;
        },
        check: () => this.call('snapshot', {}),
      },
      onEvent,
      onConnection,
    );
  }

  async call<K extends CommandName>(command: K, args: Args<K>): Promise<Result<K>> {
    let response: Response;
    let body: unknown;
    try {
      response = await fetch(`${this.base}/control/${command}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(args),
        signal: AbortSignal.timeout(CALL_TIMEOUT),
      });
      const text = await response.text();
      body = parse(text);
    } catch (thrown) {
      throw new Failure('UNREACHABLE', thrown instanceof Error ? thrown.message : String(thrown));
    }
    if (response.ok) return body as Result<K>;
    throw Failure.from(body ?? `HTTP ${response.status}`);
  }
}

/** The JSON in a body, or null where there is none: an error page of something in between is no answer of ours. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
