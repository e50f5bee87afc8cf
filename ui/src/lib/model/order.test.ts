import { describe, expect, it } from 'vitest';
import { sampleCliente, sampleQr, sampleSession } from '$lib/backend/fake/samples';
import type { StateName } from '$lib/wire';
import { countByGroup, countByState, inOrder, matches, type Filter } from './order';

const ids = (clientes: { id: number }[]) => clientes.map(({ id }) => id);

describe('the order of the wall', () => {
  it('puts those that need a person first, and keeps to ids within a group', () => {
    const clientes = [
      sampleCliente(1, 'NOT_INITIALIZED'),
      sampleCliente(2, 'READY'),
      sampleCliente(3, 'RECONNECTING'),
      sampleCliente(4, 'ERROR'),
      sampleCliente(5, 'QR_REQUIRED'),
      sampleCliente(6, 'READY'),
    ];
    expect(ids(inOrder(clientes))).toEqual([4, 5, 3, 2, 6, 1]);
  });

  it('does not move a card whose QR rotates', () => {
    const before = [
      sampleCliente(2, 'QR_REQUIRED'),
      sampleCliente(1, 'QR_REQUIRED'),
      sampleCliente(3, 'BANNED' as StateName),
    ];
    const after = before.map((it) => ({
      ...it,
      session: { ...it.session, since: Date.now(), qr: sampleQr() },
    }));
    expect(ids(inOrder(after))).toEqual(ids(inOrder(before)));
  });

  it('counts a connected session in trouble among those that need a person', () => {
    const well = sampleCliente(1, 'READY');
    const ill = sampleCliente(2, 'READY', {
      session: sampleSession('READY', { degraded: 'BRIDGE_OUTDATED' }),
    });
    expect(ids(inOrder([well, ill]))).toEqual([2, 1]);
  });

  it('needs nobody for what mends itself, and keeps sleepers before what was stopped', () => {
    const clientes = [
      sampleCliente(1, 'NOT_INITIALIZED'),
      sampleCliente(2, 'NOT_INITIALIZED', {
        session: sampleSession('NOT_INITIALIZED', { hibernated: true }),
      }),
      sampleCliente(3, 'READY'),
      sampleCliente(4, 'ERROR', {
        session: sampleSession('ERROR', { restart: { attempt: 1, last: 3, at: Date.now() } }),
      }),
      sampleCliente(5, 'ERROR'),
    ];
    expect(ids(inOrder(clientes))).toEqual([5, 4, 3, 2, 1]);
    expect(countByGroup(clientes)).toEqual({ attention: 1, progress: 1, ready: 1, asleep: 1, idle: 1 });
    expect([...countByState(clientes).keys()]).toEqual([
      'NOT_INITIALIZED',
      'sleeping',
      'READY',
      'restarting',
      'ERROR',
    ]);
    const shown = (show: string) => ids(clientes.filter((it) => matches(it, { text: '', show })));
    expect(shown('asleep')).toEqual([2]);
    expect(shown('NOT_INITIALIZED')).toEqual([1]);
    expect(shown('restarting')).toEqual([4]);
  });

  it('leaves a card that was just linked where it is', () => {
    const clientes = [sampleCliente(1, 'READY'), sampleCliente(2, 'ERROR')];
    expect(ids(inOrder(clientes, new Set([1])))).toEqual([1, 2]);
  });
});

describe('search and filter', () => {
  const jose = sampleCliente(31, 'READY', {
    name: 'José Pérez',
    note: 'Mostrador',
    account: { number: '5491155551234', name: 'Pepe' },
  });
  const finds = (patch: Partial<Filter>) => matches(jose, { text: '', show: 'all', ...patch });

  it.each(['jose', 'PÉREZ', 'mostr', 'pepe', '31', '3', '#31', '+54 9 11 5555-1234', '1234', '  '])(
    'finds %j',
    (text) => {
      expect(finds({ text })).toBe(true);
    },
  );

  it.each(['juan', '#3', '99', '5555-0000'])('does not find %j', (text) => {
    expect(finds({ text })).toBe(false);
  });

  it('filters by group and by state', () => {
    expect(finds({ show: 'ready' })).toBe(true);
    expect(finds({ show: 'READY' })).toBe(true);
    expect(finds({ show: 'attention' })).toBe(false);
    expect(finds({ show: 'ERROR' })).toBe(false);
  });
});

describe('counts', () => {
  it('count every cliente once, unknown states too', () => {
    const clientes = [
      sampleCliente(1, 'READY'),
      sampleCliente(2, 'ERROR'),
      sampleCliente(3, 'PAUSED_BY_MOON' as StateName),
      sampleCliente(4, 'ERROR'),
    ];
    expect(countByGroup(clientes)).toEqual({ attention: 2, progress: 1, ready: 1, asleep: 0, idle: 0 });
    expect([...countByState(clientes)]).toEqual([
      ['READY', 1],
      ['ERROR', 2],
      ['PAUSED_BY_MOON', 1],
    ]);
  });
});
