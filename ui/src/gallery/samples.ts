/** What the gallery shows: clientes of every state, and those with names that are hard to set. */
import type { ClienteView, SessionView } from '$lib/wire';
import { Failure } from '$lib/backend/backend';
import { FakeBackend } from '$lib/backend/fake/fake';
import { MIB, sampleCliente, sampleQr, sampleSession } from '$lib/backend/fake/samples';
import { scene } from '$lib/backend/fake/scenes';

/** Every state, every variant, and what sessions say of themselves. */
export const CARDS: ClienteView[] = ['states', 'recovery'].flatMap((name, wall) =>
  [...scene(new URLSearchParams({ scene: name })).clientes.values()].map((cliente) => ({
    ...cliente,
    id: cliente.id + 100 * wall,
  })),
);

const account = (name: string | null) => ({ number: '5491155551234', name });
const named = (id: number, name: string, patch: Partial<ClienteView> = {}) =>
  sampleCliente(id, 'READY', { name, account: account(name), ...patch });

export const NAMES: ClienteView[] = [
  named(201, 'Distribuidora Mayorista de Artículos de Limpieza y Bazar S.R.L.', {
    note: 'Pedidos por la mañana; preguntar por Marta o por Ignacio Fernández Quiroga',
    session: sampleSession('READY', { sent: 12_480, failed: 117, memory: 1_480 * MIB, cpu: 38 }),
  }),
  named(202, '👩🏽‍🍳 Doña Rosa 🥟🇦🇷', { note: '🕗 8–20 h' }),
  named(203, 'مكتبة الأندلس للكتب العربية', { note: 'ملاحظة قصيرة' }),
  named(204, 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch'),
  named(9_007_199_254_740_991, 'Ana'),
];

const qr = (id: number, patch: Partial<SessionView>): SessionView =>
  sampleCliente(id, 'QR_REQUIRED', { session: sampleSession('QR_REQUIRED', patch) }).session;

/** What can be where the QR is. */
export const BOXES: { id: string; session: SessionView; linked?: boolean }[] = [
  { id: 'live', session: qr(1, {}) },
  { id: 'expired', session: qr(2, { qr: sampleQr(20_000, 20_000) }) },
  { id: 'no-image', session: qr(3, { qr: { ...sampleQr(), image: '' } }) },
  { id: 'waiting', session: qr(4, { qr: null, login_step: 'waiting' }) },
  { id: 'idle', session: qr(5, { qr: null, login_step: 'idle' }) },
  {
    id: 'linking',
    session: qr(6, { qr: null, login_step: 'linking', progress: { stage: 'syncing', percent: 35 } }),
  },
  { id: 'passkey', session: qr(7, { qr: null, login_step: 'passkey' }) },
  { id: 'linked', session: sampleSession('READY'), linked: true },
];

export const PAIRING = {
  empty: sampleCliente(301, 'QR_REQUIRED'),
  wrong: sampleCliente(302, 'QR_REQUIRED'),
  failed: sampleCliente(303, 'QR_REQUIRED'),
  code: sampleCliente(304, 'QR_REQUIRED'),
};

/** How a command fails here. */
export const FAILURE = new Failure('SEND_FAILED', 'no such number');

/** What answers the components of the gallery; nothing happens by itself. */
export function backend(): FakeBackend {
  return new FakeBackend({}, [...CARDS, ...NAMES, ...Object.values(PAIRING)]);
}
