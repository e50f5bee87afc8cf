/** What webhooks can be told of, and which choice takes in which. */

/** By kind, in the order in which they are offered. */
export const EVENTS = {
  session: ['session.status', 'session.ready', 'session.qr', 'session.degraded', 'session.removed'],
  message: ['message.status', 'message.received'],
} as const;

export type EventKind = keyof typeof EVENTS;
export const KINDS = Object.keys(EVENTS) as EventKind[];
export const EVERYTHING = '*';

/** All events of a kind, those of later versions included. */
export function allOf(kind: string): string {
  return `${kind}.*`;
}

/** Whether an event, or all of a kind, is told because a wider choice takes it in. */
export function isTakenIn(event: string, chosen: readonly string[]): boolean {
  if (event === EVERYTHING) return false;
  if (chosen.includes(EVERYTHING)) return true;
  const all = allOf(event.split('.')[0] ?? '');
  return event !== all && chosen.includes(all);
}

/** With an event or without it; what it takes in need not be named any more. */
export function choose(chosen: readonly string[], event: string, on: boolean): string[] {
  const others = chosen.filter((other) => other !== event);
  if (!on) return others;
  return [...others.filter((other) => !isTakenIn(other, [event])), event];
}
