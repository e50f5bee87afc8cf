/** How people head the columns of their own tables. These words are read and never said. */

/** Names of the columns that are understood, in every language of the program, as `plain` writes them. */
export const HEADERS = {
  id: ['id', 'cliente', 'client', 'numero de cliente', 'codigo', 'code', 'x-cliente-id'],
  name: ['name', 'nombre', 'nome', 'nombre del cliente', 'nome do cliente', 'client name', 'razon social'],
  note: [
    'note',
    'notes',
    'nota',
    'notas',
    'observacion',
    'observaciones',
    'observacao',
    'observacoes',
    'comentario',
    'remark',
  ],
} as const;
export type Column = keyof typeof HEADERS;
