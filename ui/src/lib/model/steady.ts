/** Keeps cards where they are while somebody aims at them. */

/**
 * The order to show while the wall is held: what is no longer wanted goes, what is new comes in after its neighbour,
 * and everything else stays where it is.
 */
export function merge(shown: readonly number[], wanted: readonly number[]): number[] {
  const order = shown.filter((id) => wanted.includes(id));
  wanted.forEach((id, index) => {
    if (order.includes(id)) return;
    const before = wanted[index - 1];
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, id);
  });
  return order;
}

export function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
