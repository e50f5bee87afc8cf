/** The shape of a catalogue. A new language is one file that follows {@link Catalogue} and one line in `i18n`. */
import type { es } from './es';
import type { access } from './es.access';
import type { api } from './es.api';
import type { bundle } from './es.bundle';
import type { old } from './es.import';
import type { bulk } from './es.bulk';
import type { causes } from './es.causes';
import type { codes } from './es.codes';
import type { fields } from './es.fields';
import type { updates } from './es.updates';
import type { help } from './es.help';
import type { desk } from './es.desk';
import type { webhooks } from './es.webhooks';
import type { window } from './es.window';

/**
 * A message that depends on a number `n`: what is said of exactly one, and of the rest by the language's own rules. `many` is
 * for whole millions in Spanish and Portuguese, where the noun needs a "de"; left out, it is said as `other`.
 */
export type Plural = Readonly<{ one: string; other: string } & Partial<Record<Intl.LDMLPluralRule, string>>>;
export type Message = string | Plural;
export type Key = keyof typeof es;
type Translated<Spanish> = { readonly [K in keyof Spanish]: Spanish[K] extends string ? string : Plural };
export type Catalogue = Translated<typeof es>;
/** The part of it that the panel of the local API says. */
export type ApiTexts = Translated<typeof api>;
/** The part of it about who may call the local API. */
export type AccessTexts = Translated<typeof access>;
/** The part of it about newer versions. */
export type UpdateTexts = Translated<typeof updates>;

/** The part of it about webhooks. */
export type WebhookTexts = Translated<typeof webhooks>;
/** The part of it about the browser's window. */
export type WindowTexts = Translated<typeof window>;
/** The part of it about many clientes at once. */
export type BulkTexts = Translated<typeof bulk>;
/** The part of it that helps with each state. */
export type HelpTexts = Translated<typeof help>;
/** The part of it about what to do where a cause is known. */
export type CauseTexts = Translated<typeof causes>;
/** The part of it that explains what a field is. */
export type FieldTexts = Translated<typeof fields>;
/** The part of it about the desk. */
export type DeskTexts = Translated<typeof desk>;
/** The part of it about support bundles. */
export type BundleTexts = Translated<typeof bundle>;
/** The part of it about logins of other programs. */
export type OldTexts = Translated<typeof old>;
/** The part of it that explains codes of the wire. */
export type Codes = Translated<typeof codes>;

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;
/** What a message has to be given, read off its Spanish text. */
type Names<K extends Key> = (typeof es)[K] extends infer M
  ? M extends string
    ? Placeholders<M>
    : 'n'
  : never;
export type Values<K extends Key> = [Names<K>] extends [never] ? [] : [Record<Names<K>, string | number>];

/** Numbers that name something. They are not amounts, and are written without separators. */
const NAMING = new Set(['id', 'pid', 'status']);

/** How a language treats numbers. */
export interface Numerals {
  plural: Intl.PluralRules;
  number: Intl.NumberFormat;
}

/** Which form a number takes. Portuguese rules count 0 as "one", but "1 enviada" must never be said of none. */
function form(message: Plural, n: number, plural: Intl.PluralRules): string {
  if (n === 1) return message.one;
  const category = plural.select(n);
  return (category === 'one' ? undefined : message[category]) ?? message.other;
}

/** Fills a message in. */
export function fill(
  message: Message,
  values: Record<string, string | number>,
  { plural, number }: Numerals,
): string {
  const text = typeof message === 'string' ? message : form(message, Number(values.n), plural);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name] ?? whole;
    return typeof value === 'number' && !NAMING.has(name) ? number.format(value) : String(value);
  });
}
