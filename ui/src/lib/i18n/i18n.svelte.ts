/** The language in use, and everything that is said in it. Components read through here, so a switch redraws them. */
import type { Language } from '$lib/wire';
import { fill, type Catalogue, type Key, type Values } from './catalogue';
import { en } from './en';
import { es } from './es';
import { pt } from './pt';

const CATALOGUES: Record<Language, Catalogue> = { es, en, pt };
export const LANGUAGES = Object.keys(CATALOGUES) as Language[];

let current = $state<Language>(systemLanguage());
const numerals = $derived({
  plural: new Intl.PluralRules(current),
  number: new Intl.NumberFormat(regional(current)),
});
const relative = $derived(new Intl.RelativeTimeFormat(current, { numeric: 'auto', style: 'short' }));
const moment = $derived(
  new Intl.DateTimeFormat(regional(current), { dateStyle: 'medium', timeStyle: 'medium' }),
);
const clockTime = $derived(
  new Intl.DateTimeFormat(regional(current), { timeStyle: 'medium', hourCycle: 'h23' }),
);
const calendarDay = $derived(new Intl.DateTimeFormat(regional(current), { dateStyle: 'medium' }));
const utcDay = $derived(new Intl.DateTimeFormat(regional(current), { dateStyle: 'medium', timeZone: 'UTC' }));
const dayOfYear = $derived(new Intl.DateTimeFormat(regional(current), { day: 'numeric', month: 'short' }));

/** The system's language if it is one of ours, else Spanish. */
export function systemLanguage(wanted: string = globalThis.navigator?.language ?? ''): Language {
  return LANGUAGES.find((language) => wanted.toLowerCase().startsWith(language)) ?? 'es';
}

/** The system's own variety of that language, where it has one: it writes dates as its people do. */
function regional(wanted: Language): string {
  const system = globalThis.navigator?.language ?? '';
  return system.toLowerCase().startsWith(wanted) ? system : wanted;
}

export function language(): Language {
  return current;
}

export function setLanguage(wanted: Language): void {
  current = wanted;
}

/** The message for a key. */
export function t<K extends Key>(key: K, ...values: Values<K>): string {
  return fill(CATALOGUES[current][key], values[0] ?? {}, numerals);
}

/** Whether there is a message for a key that was put together from a code of the backend. */
export function has(key: string): key is Key {
  return Object.hasOwn(es, key);
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** "3 min ago", never more exact than a minute, so that it stands still while being read. */
export function ago(time: number, now: number): string {
  const passed = Math.max(0, now - time);
  const [unit, size] = UNITS.find(([, ms]) => passed >= ms) ?? ['second', Infinity];
  return relative.format(-Math.floor(passed / size), unit);
}

const MIB = 1_048_576;

/**
 * An amount of memory or disk as operating systems write it: in units of 1024, whole kilobytes and megabytes, tenths of
 * gigabytes.
 */
export function bytes(amount: number): string {
  const large = amount >= 1000 * MIB;
  const [unit, size] = large
    ? (['gigabyte', 1024 * MIB] as const)
    : amount > 0 && amount < MIB
      ? (['kilobyte', 1024] as const)
      : (['megabyte', MIB] as const);
  return new Intl.NumberFormat(regional(current), {
    style: 'unit',
    unit,
    maximumFractionDigits: large ? 1 : 0,
  }).format(amount / size);
}

/** Date and time, to the second. */
export function timestamp(time: number): string {
  return moment.format(time);
}

/** A day. `utc`: one that is counted so, whatever the time is here. */
export function day(time: number, utc = false): string {
  return (utc ? utcDay : calendarDay).format(time);
}

/** The time of day, to the second. */
export function timeOfDay(time: number): string {
  return clockTime.format(time);
}

/** The day, where it is another one than that of `now`. */
export function otherDay(time: number, now: number): string | null {
  const written = dayOfYear.format(time);
  return written === dayOfYear.format(now) ? null : written;
}

/** How long something took, given in µs: tenths where they say something. */
export function duration(micros: number): string {
  const long = micros >= 999_500;
  const amount = micros / (long ? 1_000_000 : 1000);
  return new Intl.NumberFormat(regional(current), {
    style: 'unit',
    unit: long ? 'second' : 'millisecond',
    unitDisplay: 'short',
    maximumFractionDigits: amount < 10 ? 1 : 0,
  }).format(amount);
}
