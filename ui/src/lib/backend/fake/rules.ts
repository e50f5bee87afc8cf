/** What the real backend does with words and numbers, roughly. */
import type { CommandError } from '$lib/wire';
import { Failure } from '../backend';
import { inEnglish } from './english';

/** Why something did not happen, with the mark of what is in English. */
export const told = (error: CommandError): CommandError => ({ ...error, message: inEnglish(error.message) });

/** The same, with the mark of what is in English. */
export function marked({ code, message, reason }: Failure): Failure {
  return new Failure(code, inEnglish(message), reason);
}

export function firstFree(taken: ReadonlySet<number>): number {
  let free = 1;
  while (taken.has(free)) free++;
  return free;
}

/** Roughly as the backend judges them: each once, in order. */
export function judged(origins: string[]): string[] {
  const bad = origins.find((origin) => !/^https?:\/\/[a-z0-9.-]+(:\d+)?\/?$/i.test(origin));
  if (bad !== undefined) throw new Failure('INVALID_ORIGIN', `${JSON.stringify(bad)} is no origin: write …`);
  return [...new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, '')))].sort();
}

/** Of the shape of a real one, and clearly none. */
export const secretOf = (id: string, turn: number) => `smk_${`fake-${id}-${turn}-`.padEnd(43, '0')}`;
