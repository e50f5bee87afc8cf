/**
 * What is scrolled out of sight does not follow the time: its seconds would be written, styled and laid out for nobody.
 * A card gives this clock to its parts; outside of a card it is the room's.
 */
import { getContext, setContext, untrack } from 'svelte';
import { clock } from './clock.svelte';

const KEY = Symbol('the clock of what can be seen');
/** How far out of sight something is ready to be seen, px. */
const NEAR = 160;

export class SeenClock {
  /** Until the browser says otherwise, it can be seen. */
  seen = $state(true);

  /** The backend's time. Whoever reads it is told of every second only while it can be seen. */
  get now(): number {
    return this.seen ? clock.now : untrack(() => clock.now);
  }

  /** Ends a wait for a moment when nobody looks. */
  wakeAt(time: number): (() => void) | undefined {
    return this.seen ? clock.wakeAt(time) : undefined;
  }

  /** Watches an element; to be attached to it. */
  readonly watch = (element: Element): (() => void) => {
    watched.set(element, this);
    observer().observe(element);
    return () => {
      watched.delete(element);
      observer().unobserve(element);
    };
  };
}

const watched = new WeakMap<Element, SeenClock>();
let shared: IntersectionObserver | undefined;

/** One for all cards. */
function observer(): IntersectionObserver {
  return (shared ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const one = watched.get(target);
        if (one) one.seen = isIntersecting;
      }
    },
    { rootMargin: `${NEAR}px` },
  ));
}

/** Makes the clock that the parts of this component read. */
export function provideClock(): SeenClock {
  return setContext(KEY, new SeenClock());
}

/** The clock of what this component is in. */
export function nearestClock(): Pick<SeenClock, 'now' | 'wakeAt'> {
  return getContext<SeenClock | undefined>(KEY) ?? clock;
}
