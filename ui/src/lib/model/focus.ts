/** Gives the focus back to the dialog where what had it is gone or cannot be used: the next key should still go there. */
export function keepFocus(within: HTMLElement | undefined): void {
  const { activeElement } = document;
  const lost =
    activeElement === null || activeElement === document.body || activeElement.matches(':disabled');
  if (lost) within?.closest('dialog')?.querySelector<HTMLElement>('h2')?.focus();
}
