/** Whether somebody can see the page. */
import { createSubscriber } from 'svelte/reactivity';
import { on } from 'svelte/events';

const subscribe = createSubscriber((update) => on(document, 'visibilitychange', update));

export function visible(): boolean {
  subscribe();
  return document.visibilityState === 'visible';
}
