/** Keys that work wherever the focus is, unless somebody writes or a dialog is open. */
import type { Desk } from '$lib/model/desk.svelte';

const WRITES = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]';

export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

export function roomKeys(event: KeyboardEvent, desk: Desk): void {
  if (event.defaultPrevented || document.querySelector('dialog[open], [popover]:popover-open')) return;
  const act = pressed(event, desk);
  if (!act) return;
  event.preventDefault();
  act();
}

function pressed(event: KeyboardEvent, desk: Desk): (() => void) | null {
  const { target } = event;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === 'k') return () => (desk.dialog = { kind: 'palette' });
    if (key === 'f') return focusSearch;
  }
  if (event.altKey || (target instanceof Element && target.matches(WRITES))) return null;
  const { selection, shown } = desk;
  if (event.ctrlKey || event.metaKey) return key === 'a' && shown.length ? () => selection.all(shown) : null;
  if (key === '/') return focusSearch;
  if (key === '?') return () => (desk.dialog = { kind: 'shortcuts' });
  if (key === 'escape' && selection.active) return () => selection.clear();
  const id = idAt(target);
  if (key === 'x' && id !== null)
    return () => (event.shiftKey ? selection.extend(id, shown) : selection.toggle(id));
  return null;
}

/** The cliente whose card or row this is in. */
export function idAt(target: EventTarget | null): number | null {
  const place = target instanceof Element ? target.closest<HTMLElement>('[data-cliente]') : null;
  return place ? Number(place.dataset.cliente) : null;
}

function focusSearch(): void {
  const input = document.querySelector<HTMLInputElement>('[role=search] input');
  input?.focus();
  input?.select();
}
