/** Clientes out of a table that somebody made in a spreadsheet. All reading of CSV is here. */
import Papa from 'papaparse';
import { plain } from '$lib/model/order';
import { HEADERS, type Column } from './headers';

/** One line as it was written. */
export interface CsvRow {
  /** Where it begins in the file, from 1. */
  line: number;
  id: string;
  name: string;
  note: string;
}

export interface CsvTable {
  rows: CsvRow[];
  /** Columns that nothing is made of. */
  ignored: string[];
  /** Where a quote begins that nothing ends: what follows cannot be read. */
  broken: number | null;
}

/** What keeps a spreadsheet from taking a cell for a formula, on its way back. */
const GUARDED = /^'(?=[=+\-@\t\r])/;

export function readTable(source: string): CsvTable {
  const text = source.replace(/^\uFEFF/, '');
  // Excel's own way to say it.
  const said = text.match(/^sep=(.)\r?\n/i);
  const body = said ? text.slice(said[0].length) : text;
  const lines = linesOf(body, said?.[1], said ? 2 : 1);
  const [first, ...rest] = lines.rows;
  if (!first) return { rows: [], ignored: [], broken: lines.broken };
  const named = first.cells.map(columnOf);
  const hasHeader = named.some((column) => column !== null);
  const columns: (Column | null)[] = hasHeader ? named : unnamed(first.cells);
  const rows = (hasHeader ? rest : lines.rows).map(({ line, cells }) => {
    const cell = (column: Column) => (cells[columns.indexOf(column)] ?? '').trim().replace(GUARDED, '');
    return { line, id: cell('id'), name: cell('name'), note: cell('note') };
  });
  const ignored = hasHeader ? first.cells.filter((name, at) => columns[at] === null && name.trim()) : [];
  return { rows: rows.filter(({ id, name, note }) => id || name || note), ignored, broken: lines.broken };
}

interface Line {
  line: number;
  cells: string[];
}

function linesOf(text: string, delimiter: string | undefined, from: number) {
  const rows: Line[] = [];
  let broken: number | null = null;
  let [line, at] = [from, 0];
  Papa.parse<string[]>(text, {
    delimiter: delimiter ?? '',
    delimitersToGuess: [';', ',', '\t', '|'],
    step({ data, errors, meta }) {
      if (errors.some(({ type }) => type === 'Quotes')) broken ??= line;
      if (data.some((cell) => cell.trim())) rows.push({ line, cells: data });
      // A cell may have lines of its own, so lines are counted in the text.
      line += text.slice(at, meta.cursor).split(/\r\n|\r|\n/).length - 1;
      at = meta.cursor;
    },
  });
  return { rows, broken };
}

function columnOf(header: string): Column | null {
  const name = plain(header);
  const columns = Object.keys(HEADERS) as Column[];
  return columns.find((column) => (HEADERS[column] as readonly string[]).includes(name)) ?? null;
}

/** A table without a header: a number first is an id. One column of words is names. */
function unnamed(cells: string[]): (Column | null)[] {
  return /^\s*#?\d*\s*$/.test(cells[0] ?? '') ? ['id', 'name', 'note'] : ['name', 'note'];
}
