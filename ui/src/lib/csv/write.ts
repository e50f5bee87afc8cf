/** Clientes as a table for a spreadsheet. */
import Papa from 'papaparse';
import { language, t } from '$lib/i18n/i18n.svelte';
import { badge, phoneNumber } from '$lib/i18n/names';
import { aspectOf } from '$lib/model/states';
import type { ClienteView } from '$lib/wire';

export interface ExportChoice {
  /** Whole numbers instead of their last four digits. */
  numbers: boolean;
  delimiter: ',' | ';';
}

export function writeTable(clientes: readonly ClienteView[], { numbers, delimiter }: ExportChoice): string {
  const fields = (['id', 'name', 'note', 'state', 'account', 'changed'] as const).map((it) =>
    t(`csv.column.${it}`),
  );
  const data = clientes.map((cliente) => [
    String(cliente.id),
    cliente.name,
    cliente.note,
    badge(aspectOf(cliente.session)),
    accountOf(cliente, numbers),
    local(cliente.session.since),
  ]);
  // The mark tells Excel that accents are UTF-8; what begins like a formula is kept from being one.
  return `\uFEFF${Papa.unparse({ fields, data }, { delimiter, newline: '\r\n', escapeFormulae: true })}\r\n`;
}

/** Without its plus, which a spreadsheet would take for a formula, and in groups, so that it stays a text. */
function accountOf({ account }: ClienteView, whole: boolean): string {
  if (!account) return '';
  return whole ? phoneNumber(account.number).replace(/^\+/, '') : `…${account.number.slice(-4)}`;
}

/** "2026-11-24 18:05", of this machine: every spreadsheet reads it as a time. */
function local(time: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const at = new Date(time);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What spreadsheets of this system take for the end of a cell: where the comma is in numbers, the semicolon. */
export function usualDelimiter(locale: string = navigator.language): ',' | ';' {
  return numbers(locale).format(1.5).includes(',') ? ';' : ',';
}

/** Systems without a language of their own call it "C", which is no tag of a language. */
function numbers(locale: string): Intl.NumberFormat {
  try {
    return new Intl.NumberFormat(locale);
  } catch {
    return new Intl.NumberFormat(language());
  }
}

export function fileName(now = new Date()): string {
  return `clientes-${local(now.getTime()).slice(0, 10)}.csv`;
}
