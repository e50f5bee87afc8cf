/** Tells an element's owner whether it can be seen, so that nothing is drawn for nobody. */
import type { Attachment } from 'svelte/attachments';

let observer: IntersectionObserver | undefined;
const owners = new WeakMap<Element, (seen: boolean) => void>();

/** What is about to come into sight counts as seen, so that it is up to date when it does. CSS length. */
const SOON = '200px';

/** One observer for the whole page: each costs a look at every frame. */
function shared(): IntersectionObserver {
  return (observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) owners.get(target)?.(isIntersecting);
    },
    { rootMargin: SOON, scrollMargin: SOON },
  ));
}

/** Calls `tell` whenever the element comes into sight or leaves it. */
export function onScreen(tell: (seen: boolean) => void): Attachment {
  return (element) => {
    owners.set(element, tell);
    shared().observe(element);
    return () => {
      shared().unobserve(element);
      owners.delete(element);
    };
  };
}
