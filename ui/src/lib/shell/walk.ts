/** Arrow keys between cards or rows: to the same kind of button of the one in that direction. */

const STEPS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];

/** Moves the focus, and says whether it did. */
export function walk(key: string, wall: HTMLElement, focused: Element | null): boolean {
  const card = focused?.closest<HTMLElement>('[data-id]');
  if (!card || !STEPS.includes(key)) return false;
  const cards = [...wall.querySelectorAll<HTMLElement>('[data-id]')];
  const next = neighbour(key, cards, card);
  if (!next) return false;
  const from = [...card.querySelectorAll('button')].reverse();
  const to = [...next.querySelectorAll('button')].reverse();
  // Counted from the end, where every card has the same buttons.
  const button = to[Math.min(from.indexOf(focused as HTMLButtonElement), to.length - 1)];
  button?.focus();
  button?.scrollIntoView({ block: 'nearest' });
  return button !== undefined;
}

function neighbour(key: string, cards: HTMLElement[], card: HTMLElement): HTMLElement | undefined {
  const index = cards.indexOf(card);
  if (key === 'Home') return cards[0];
  if (key === 'End') return cards.at(-1);
  if (key === 'ArrowLeft') return cards[index - 1];
  if (key === 'ArrowRight') return cards[index + 1];
  const here = card.getBoundingClientRect();
  const down = key === 'ArrowDown';
  const beyond = cards
    .map((other) => ({ other, box: other.getBoundingClientRect() }))
    .filter(({ box }) => (down ? box.top >= here.bottom : box.bottom <= here.top));
  const far = ({ box }: { box: DOMRect }) =>
    (down ? box.top - here.bottom : here.top - box.bottom) + Math.abs(box.left - here.left) * 2;
  return beyond.sort((a, b) => far(a) - far(b))[0]?.other;
}
