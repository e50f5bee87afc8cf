/** How many browsers a person may allow at the same time. */

const MOST = 500;

export function validMaximum(text: string): boolean {
  const number = Number(text.trim());
  return /^\d{1,3}$/.test(text.trim()) && number >= 1 && number <= MOST;
}
