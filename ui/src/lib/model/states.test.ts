import { expect, it } from 'vitest';
import { sampleCliente, sampleSession } from '$lib/backend/fake/samples';
import type { Reason, StateName } from '$lib/wire';
import ATTENTION from './attention.json';
import { aspectOf, doing, groupOf, lookOf, mainAction, STATES, trouble } from './states';

it('never draws a waiting QR as an error', () => {
  expect(lookOf('QR_REQUIRED').tone).toBe('info');
});

it('shows a state of the future neutrally, and lets it be stopped', () => {
  const cliente = sampleCliente(1, 'PAUSED_BY_MOON' as StateName);
  expect(lookOf(cliente.session.state)).toMatchObject({ tone: 'neutral', icon: 'unknown' });
  expect(groupOf(cliente)).toBe('progress');
  expect(mainAction(cliente)).toBe('stop');
});

it('is not misled by names that every object has', () => {
  expect(lookOf('constructor').icon).toBe('unknown');
});

it('offers a start where there is no session, a new one where it is over, and an end elsewhere', () => {
  const actions = Object.fromEntries(STATES.map((state) => [state, mainAction(sampleCliente(1, state))]));
  expect(actions).toEqual({
    NOT_INITIALIZED: 'start',
    INITIALIZING: 'stop',
    RECONNECTING: 'stop',
    QR_REQUIRED: 'stop',
    READY: 'stop',
    AUTH_FAILURE: 'again',
    DISCONNECTED_RECOVERABLE: 'stop',
    DISCONNECTED_LOGOUT: 'again',
    DISCONNECTED_BANNED: 'again',
    ERROR: 'again',
  });
});

const RESTART = { attempt: 1, last: 3, at: 0 };

it.each<[string, StateName, Parameters<typeof sampleSession>[1], Partial<ReturnType<typeof judged>>]>([
  ['a final error', 'ERROR', {}, { aspect: 'ERROR', tone: 'danger', group: 'attention', main: 'again' }],
  [
    'an error that mends itself',
    'ERROR',
    { restart: RESTART },
    { aspect: 'restarting', tone: 'warning', group: 'progress', main: 'stop', work: 'restart' },
  ],
  ['one that waits for the network', 'ERROR', { restart: { ...RESTART, last: null } }, { work: 'network' }],
  [
    'one that waits for room on the disk',
    'ERROR',
    { reason: 'DISK_FULL' },
    { aspect: 'held', tone: 'warning', group: 'progress', main: 'stop', work: null },
  ],
  [
    'a sleeper',
    'NOT_INITIALIZED',
    { hibernated: true },
    { aspect: 'sleeping', tone: 'neutral', group: 'asleep', main: 'wake' },
  ],
  [
    'messages that may not go out',
    'READY',
    { degraded: 'NOT_ACKNOWLEDGED' },
    { aspect: 'doubtful', tone: 'warning', group: 'progress', main: 'stop', work: 'next' },
  ],
  [
    'messages that do not go out, whatever was tried',
    'READY',
    { degraded: 'NOT_ACKNOWLEDGED', notice: 'NOT_ACKNOWLEDGED' },
    { aspect: 'doubtful', tone: 'warning', group: 'attention', work: null },
  ],
  [
    'a bridge that is outdated',
    'READY',
    { degraded: 'BRIDGE_OUTDATED' },
    { aspect: 'doubtful', tone: 'warning', group: 'attention', work: null },
  ],
  [
    'a page that is loaded anew',
    'DISCONNECTED_RECOVERABLE',
    { reason: 'PAGE_CRASHED' },
    { group: 'progress', work: 'reload' },
  ],
  [
    'a page left alone for a moment',
    'READY',
    { breaker: 'open' },
    { aspect: 'doubtful', tone: 'warning', group: 'progress', trouble: 'CALLS_FAILING', work: 'open' },
  ],
  [
    'a page that is tried again',
    'READY',
    { breaker: 'half_open' },
    { aspect: 'doubtful', group: 'progress' },
  ],
  [
    'what a breaker did before the end',
    'ERROR',
    { breaker: 'open', reason: 'BROWSER_DIED' },
    { aspect: 'ERROR', group: 'attention', trouble: 'BROWSER_DIED' },
  ],
  ['a session used elsewhere', 'DISCONNECTED_LOGOUT', { reason: 'CONFLICT' }, { main: 'useHere' }],
])('judges %s', (_, state, session, expected) => {
  expect(judged(state, session)).toMatchObject(expected);
});

function judged(state: StateName, patch: Parameters<typeof sampleSession>[1]) {
  const cliente = sampleCliente(1, state, { session: sampleSession(state, patch) });
  const aspect = aspectOf(cliente.session);
  return {
    aspect,
    tone: lookOf(aspect).tone,
    group: groupOf(cliente),
    main: mainAction(cliente),
    trouble: trouble(cliente),
    work: doing(cliente.session),
  };
}

it.each<[string, Parameters<typeof sampleSession>[1], Reason | null]>([
  ['nothing ordinary', { reason: 'CONNECTED' }, null],
  ['a cause', { reason: 'PROFILE_IN_USE' }, 'PROFILE_IN_USE'],
  ['trouble before the cause', { reason: 'CONNECTED', degraded: 'BRIDGE_OUTDATED' }, 'BRIDGE_OUTDATED'],
  ['the passkey that is asked for', { reason: 'LOGIN_NEEDED', login_step: 'passkey' }, 'PASSKEY_NEEDED'],
])('shows %s', (_, session, expected) => {
  expect(trouble(sampleCliente(1, 'READY', { session: sampleSession('READY', session) }))).toBe(expected);
});

it('agrees with the program about who needs somebody', () => {
  for (const row of ATTENTION) {
    const session = sampleSession('NOT_INITIALIZED', {
      state: row.state as StateName,
      ...row.with,
    } as Partial<ReturnType<typeof sampleSession>>);
    const cliente = { ...sampleCliente(1, row.state as StateName), session };
    expect(groupOf(cliente) === 'attention', JSON.stringify(row)).toBe(row.attention);
  }
});
