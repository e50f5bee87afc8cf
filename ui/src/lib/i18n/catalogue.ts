/** The shape of a catalogue. A new language is one file that follows {@link Catalogue} and one line in `i18n`. */
import type { es } from './es';
import type { access } from './es.access';
import type { api } from './es.api';
import type { bulk } from './es.bulk';
import type { codes } from './es.codes';
import type { help } from './es.help';
import type { webhooks } from './es.webhooks';

/** A message that depends on a number `n`. */
export type Plural = Readonly<Record<'one' | 'other', string>>;
export type Message = string | Plural;
export type Key = keyof typeof es;
type Translated<Spanish> = { readonly [K in keyof Spanish]: Spanish[K] extends string ? string : Plural };
export type Catalogue = Translated<typeof es>;
/** The part of it that the panel of the local API says. */
export type ApiTexts = Translated<typeof api>;
/** The part of it about who may call the local API. */
export type AccessTexts = Translated<typeof access>;
/** The part of it about webhooks. */
export type WebhookTexts = Translated<typeof webhooks>;
/** The part of it about many clientes at once. */
export type BulkTexts = Translated<typeof bulk>;
/** The part of it that helps with each state. */
export type HelpTexts = Translated<typeof help>;
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

/** Fills a message in. */
export function fill(
  message: Message,
  values: Record<string, string | number>,
  plural: Intl.PluralRules,
): string {
  const text =
    typeof message === 'string'
      ? message
      : message[plural.select(Number(values.n)) === 'one' ? 'one' : 'other'];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
