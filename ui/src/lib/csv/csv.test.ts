import { describe, expect, it } from 'vitest';
import { sampleCliente } from '$lib/backend/fake/samples';
import { check } from './check';
import { decode } from './decode';
import { readTable } from './read';
import { usualDelimiter, writeTable } from './write';

const none = new Set<number>();
const rows = (text: string) => readTable(text).rows.map(({ line, ...row }) => [line, ...Object.values(row)]);

describe('reading', () => {
  it('takes what Excel of Latin America writes: semicolons, CRLF, a mark, quotes', () => {
    expect(rows('\uFEFFID;Nombre;Nota\r\n7;"López; hijos";"dijo ""sí"""\r\n;Ana;\r\n')).toEqual([
      [2, '7', 'López; hijos', 'dijo "sí"'],
      [3, '', 'Ana', ''],
    ]);
  });

  it.each(['id,name,note', 'Código\tNome\tObservações', 'NOTA;Nombre;Cliente', 'sep=;\nnota;nome;id'])(
    'knows the header %j whatever its order and language',
    (header) => {
      const table = readTable(header);
      expect(table.rows).toEqual([]);
      expect(table.ignored).toEqual([]);
    },
  );

  it('puts columns where their names say, and tells of those it does not use', () => {
    const table = readTable('teléfono;nota;nombre;id\n555;nota 1;Uno;1');
    expect(table.rows).toEqual([{ line: 2, id: '1', name: 'Uno', note: 'nota 1' }]);
    expect(table.ignored).toEqual(['teléfono']);
  });

  it('does without a header', () => {
    expect(rows('1,Uno\n2,Dos')).toEqual([
      [1, '1', 'Uno', ''],
      [2, '2', 'Dos', ''],
    ]);
    expect(rows('Ferretería\nPanadería')).toEqual([
      [1, '', 'Ferretería', ''],
      [2, '', 'Panadería', ''],
    ]);
  });

  it('counts lines as an editor does, over empty ones and over cells of several lines', () => {
    expect(rows('id,nombre,nota\n\n1,Uno,"a\nb"\n,,\n2,Dos,')).toEqual([
      [3, '1', 'Uno', 'a\nb'],
      [6, '2', 'Dos', ''],
    ]);
  });

  it('says where a quote is not closed', () => {
    expect(readTable('id,nombre\n1,"Uno\n2,Dos').broken).toBe(2);
    expect(readTable('id,nombre\n1,"Uno"\n2,Dos').broken).toBeNull();
  });
});

it.each([
  ['utf-8', new TextEncoder().encode('Ñandú')],
  ['windows-1252', Uint8Array.of(0xd1, 0x61, 0x6e, 0x64, 0xfa)],
  ['utf-16', Uint8Array.of(0xff, 0xfe, 0xd1, 0, 0x61, 0, 0x6e, 0, 0x64, 0, 0xfa, 0)],
])('reads a file in %s', (_, bytes) => expect(decode(bytes)).toBe('Ñandú'));

describe('checking', () => {
  const problems = (text: string, taken = none) =>
    check(readTable(text).rows, taken).map(({ problem, other }) => (other ? `${problem} ${other}` : problem));

  it('tells what is wrong with each line', () => {
    const long = 'x'.repeat(121);
    const text = `id,nombre\n1,a\n#5,b\n1,c\n0,d\n1.5,e\n-3,f\n9,g\n8,${long}\n9007199254740992,h`;
    expect(problems(text, new Set([9]))).toEqual([
      null,
      null,
      'twice 2',
      'invalid_id',
      'invalid_id',
      'invalid_id',
      'id_taken',
      'name_too_long',
      'invalid_id',
    ]);
  });

  it('takes 500 at a time', () => {
    const text = Array.from({ length: 501 }, (_, n) => `nombre ${n}`).join('\n');
    expect(problems(text).flatMap((problem, at) => (problem ? [[at, problem]] : []))).toEqual([
      [500, 'too_many'],
    ]);
  });
});

describe('writing', () => {
  const account = { number: '5491155551234', name: 'Ana' };
  const risky = sampleCliente(3, 'READY', { name: '=HYPERLINK("x")', note: '@suma; -1', account });

  it('lets no cell be a formula, and reads back what it wrote', () => {
    for (const delimiter of [',', ';'] as const) {
      const text = writeTable([risky], { numbers: false, delimiter });
      expect(text).toMatch(/^\uFEFFid/);
      expect(text).toContain(`"'=HYPERLINK(""x"")"`);
      expect(text).toContain("'@suma");
      const [row] = readTable(text).rows;
      expect(row).toMatchObject({ id: '3', name: risky.name, note: risky.note });
    }
  });

  it('writes whole numbers only when asked', () => {
    const text = (numbers: boolean) => writeTable([risky], { numbers, delimiter: ';' });
    expect(text(false)).toContain(';…1234;');
    expect(text(false).replace(/\D/g, '')).not.toContain('5491155');
    expect(text(true)).toContain(';54 911 5555 1234;');
  });

  it('separates as the spreadsheets of the system do', () => {
    expect(usualDelimiter('es-AR')).toBe(';');
    expect(usualDelimiter('pt-BR')).toBe(';');
    expect(usualDelimiter('en-US')).toBe(',');
    // What a system without a language says; the page is in Spanish then.
    expect(usualDelimiter('C')).toBe(';');
  });
});
