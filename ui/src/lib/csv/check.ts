/** What is wrong with lines of an import, before the program is asked. */
import type { RowProblem } from '$lib/wire';
import type { CsvRow } from './read';

export const LIMITS = { rows: 500, name: 120, note: 4000 };

export type LineProblem = RowProblem | 'twice' | 'too_many';

export interface CheckedRow extends CsvRow {
  problem: LineProblem | null;
  /** The line that has the same id. */
  other: number | null;
  /** The id as a number; null takes the next free one. */
  number: number | null;
}

export function check(rows: readonly CsvRow[], taken: { has(id: number): boolean }): CheckedRow[] {
  const seen = new Map<number, number>();
  return rows.map((row, index) => {
    const number = row.id ? idOf(row.id) : null;
    const other = number === null ? null : (seen.get(number) ?? null);
    if (number !== null && other === null) seen.set(number, row.line);
    const problem = problemOf(row, index, number, other, taken);
    return { ...row, number, other, problem };
  });
}

function problemOf(
  row: CsvRow,
  index: number,
  number: number | null,
  other: number | null,
  taken: { has(id: number): boolean },
): LineProblem | null {
  if (row.id && number === null) return 'invalid_id';
  if (other !== null) return 'twice';
  if (number !== null && taken.has(number)) return 'id_taken';
  if ([...row.name].length > LIMITS.name) return 'name_too_long';
  if ([...row.note].length > LIMITS.note) return 'note_too_long';
  return index >= LIMITS.rows ? 'too_many' : null;
}

/** "#12" is what the cards say. */
function idOf(text: string): number | null {
  const digits = text.match(/^#?(\d{1,16})$/)?.[1];
  const number = Number(digits);
  return digits && number >= 1 && Number.isSafeInteger(number) ? number : null;
}
