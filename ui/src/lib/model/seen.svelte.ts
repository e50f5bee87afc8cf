/**
 * What is scrolled out of sight does not follow the time, and its code is not drawn anew: all that would be written,
 * styled, laid out and painted for nobody. A card gives this clock to its parts; outside of a card it is the room's.
 */
import { getContext, setContext, untrack } from 'svelte';
import { clock } from './clock.svelte';
import { onScreen } from './onScreen';

const KEY = Symbol('the clock of what can be seen');

export class SeenClock {
  /** Until the browser says otherwise, it can be seen. */
  seen = $state(true);

  /** The backend's time. Whoever reads it is told of every second only while it can be seen. */
  get now(): number {
    return this.seen ? clock.now : untrack(() => clock.now);
  }

  /** The same, told a few times a minute: for words that say no seconds. */
  get coarse(): number {
    return this.seen ? clock.coarse : untrack(() => clock.coarse);
  }

  /** Ends a wait for a moment when nobody looks. */
  wakeAt(time: number): (() => void) | undefined {
    return this.seen ? clock.wakeAt(time) : undefined;
  }

  /** Watches an element; to be attached to it. */
  readonly watch = onScreen((is) => (this.seen = is));
}

/** Makes the clock that the parts of this component read. */
export function provideClock(): SeenClock {
  return setContext(KEY, new SeenClock());
}

/** The clock of what this component is in. */
export function nearestClock(): Pick<SeenClock, 'seen' | 'now' | 'coarse' | 'wakeAt'> {
  return getContext<SeenClock | undefined>(KEY) ?? clock;
}
