/**
 * A line to the backend that notices when it goes dead. Both real backends share it: they only say how to open a
 * stream of events and how to ask "are you there?".
 */
import type { ControlEvent } from '$lib/wire';
import type { Connection } from './backend';

/** Waits in ms. A quiet backend is asked after `silence`, and has `answer` to reply. */
export const WAITS = { silence: 30_000, answer: 8_000, retry: 2_000 };

export interface Stream {
  close(): void;
}

export interface Line {
  open(onEvent: (event: ControlEvent) => void, onLost: () => void): Stream;
  check(): Promise<unknown>;
}

/** Keeps the line open until the returned function is called. */
export function keepOpen(
  line: Line,
  onEvent: (event: ControlEvent) => void,
  onConnection: (connection: Connection) => void,
): () => void {
  let stream: Stream | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Names the stream in use: whatever an older one still says is ignored.
  let current = 0;

  function wait(ms: number, then: () => void) {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  }

  function open() {
    const mine = ++current;
    wait(WAITS.answer, () => void ask(mine));
    stream = line.open(
      (event) => {
        if (mine !== current) return;
        wait(WAITS.silence, () => void ask(mine));
        onEvent(event);
        // Only a snapshot ends a gap: until then the cards on screen may be stale.
        if (event.type === 'snapshot') onConnection('online');
      },
      () => lost(mine),
    );
  }

  async function ask(mine: number) {
    wait(WAITS.answer, () => lost(mine));
    try {
      await line.check();
      if (mine === current) wait(WAITS.silence, () => void ask(mine));
    } catch {
      lost(mine);
    }
  }

  function lost(mine: number) {
    if (mine !== current) return;
    current++;
    stream?.close();
    onConnection('offline');
    wait(WAITS.retry, open);
  }

  onConnection('connecting');
  open();
  return () => {
    current++;
    clearTimeout(timer);
    stream?.close();
  };
}
