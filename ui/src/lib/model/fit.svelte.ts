/** How many things of a line fit into it. What does not is out of it, but keeps its size to be measured. */
import type { Attachment } from 'svelte/attachments';

export class Fit {
  /** How many of the first ones fit. */
  count = $state(Infinity);

  /** Watches a line; to be attached to it. Its last element, `data-rest`, leads to those that do not fit. */
  readonly watch: Attachment<HTMLElement> = (line) => {
    const measure = () => (this.count = fitting(line));
    const sizes = new ResizeObserver(measure);
    const observe = () => {
      sizes.disconnect();
      for (const element of [line, ...line.children]) sizes.observe(element);
    };
    const parts = new MutationObserver(observe);
    parts.observe(line, { childList: true });
    observe();
    return () => {
      sizes.disconnect();
      parts.disconnect();
    };
  };
}

function fitting(line: HTMLElement): number {
  const gap = parseFloat(getComputedStyle(line).columnGap) || 0;
  const widths = ([...line.children] as HTMLElement[]).map((it) => it.getBoundingClientRect().width);
  const rest = widths.pop() ?? 0;
  return howMany(widths, line.clientWidth, gap, rest);
}

/** How many of these widths fit into the room, with `rest` beside them where not all do. */
export function howMany(widths: readonly number[], room: number, gap: number, rest: number): number {
  let used = -gap;
  const ends = widths.map((width) => (used += width + gap));
  if (used <= room) return widths.length;
  return ends.filter((end) => end + gap + rest <= room).length;
}
