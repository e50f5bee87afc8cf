import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Failure } from '$lib/backend/backend';
import { sampleCliente, sampleSession } from '$lib/backend/fake/samples';
import type { Key } from '$lib/i18n/catalogue';
import { en } from '$lib/i18n/en';
import { es } from '$lib/i18n/es';
import { has, LANGUAGES, setLanguage, t } from '$lib/i18n/i18n.svelte';
import { pt } from '$lib/i18n/pt';
import { waitsForCode } from '$lib/model/pairing.svelte';
import { aspectOf, mainAction, STATES, VARIANTS } from '$lib/model/states';
import { canShow } from '$lib/model/window';
import type { ClienteView, LoginStep, Reason, SessionView, StateName } from '$lib/wire';
import { CAUSES, FAILURES } from './causes';
import { helpFor, meaningOf, stepsFor } from './help';

const CATALOGUES = { es, en, pt };
const say = (key: Key) => (t as (key: Key) => string)(key);

/** The members of a union of strings on the wire: read from the generated file, so that none is forgotten. */
function members(type: string): string[] {
  const wire = readFileSync(fileURLToPath(new URL('../wire.ts', import.meta.url)), 'utf8');
  const union = wire.match(new RegExp(`export type ${type} = ([^;]+);`))?.[1] ?? '';
  return [...union.matchAll(/"([^"]+)"/g)].map(([, name]) => name as string);
}

describe('for every cause', () => {
  it('it was thought of whether it has steps of its own', () => {
    const reasons = members('Reason');
    expect(reasons.length).toBeGreaterThan(45);
    expect(Object.keys(CAUSES).sort()).toEqual([...reasons].sort());
  });

  it.each(Object.entries(CAUSES))('the steps of %s are where they are said to be (%s)', (reason, entry) => {
    expect(has(`help.reason.${reason}.steps`)).toBe(entry === 'own');
    if (entry !== 'own' && entry !== 'state') expect(CAUSES[entry]).toBe('own');
  });
});

describe('for every code of a failure', () => {
  it('it was thought of whether one line of advice is enough', () => {
    const codes = [...members('ErrorCode'), 'UNREACHABLE'];
    expect(codes.length).toBeGreaterThan(40);
    expect(Object.keys(FAILURES).sort()).toEqual([...codes].sort());
  });

  it.each(Object.entries(FAILURES))('the steps of %s are where they are said to be (%s)', (code, entry) => {
    expect(has(`help.error.${code}.steps`)).toBe(entry === 'own');
    expect(has(`error.${code}.remedy`)).toBe(true);
  });
});

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(STATES)('there is help for %s, in steps', (state) => {
    setLanguage(language);
    const help = helpFor(sampleCliente(1, state));
    expect(help?.means).toBeTruthy();
    expect(help?.itself).toBeTruthy();
    expect(help?.steps.length).toBeGreaterThan(0);
  });

  it('every text is there and short enough to be read', () => {
    setLanguage(language);
    const keys = Object.keys(es).filter((key) => /^help\..*\.(means|steps|itself)$/.test(key)) as Key[];
    expect(keys.length).toBeGreaterThan(80);
    for (const key of keys) {
      const lines = say(key).split('\n');
      expect(lines.length, key).toBeLessThanOrEqual(key.endsWith('.steps') ? 3 : 1);
      for (const line of lines) {
        expect(line, key).toMatch(/^\S.*[.!?]$/);
        expect(line.length, key).toBeLessThan(160);
      }
    }
  });

  it.each([...STATES, ...VARIANTS])('%s has a meaning', (aspect) => {
    setLanguage(language);
    expect(meaningOf(aspect)).toBeTruthy();
  });

  it('explains what fields are in two short sentences', () => {
    const texts = Object.entries(CATALOGUES[language]).filter(
      ([key]) => key.startsWith('field.') && key !== 'field.about',
    );
    expect(texts.length).toBeGreaterThan(8);
    for (const [key, text] of texts) {
      expect(String(text).match(/[.!?](?=\s|$)/g)?.length, key).toBe(2);
      expect(String(text).length, key).toBeLessThan(190);
    }
  });

  it('names buttons and states as the cards do', () => {
    setLanguage(language);
    const said = Object.values(CATALOGUES[language]).flat();
    const names = new Set(
      said.flatMap((message) => (typeof message === 'string' ? [message.replace(/…$/, '')] : [])),
    );
    const found = Object.entries(CATALOGUES[language])
      .filter(([key]) => key.startsWith('help.'))
      .flatMap(([, text]) => quoted(String(text)));
    expect(found.length).toBeGreaterThan(30);
    expect(found.filter((name) => !names.has(name))).toEqual([]);
  });
});

const quoted = (text: string) => [...text.matchAll(/[«“]([^»”]+)[»”]/g)].map(([, name]) => name as string);

/** The causes that the rules of a session give each state. */
const CAUSED: Record<StateName, Reason[]> = {
  NOT_INITIALIZED: ['STOP_REQUESTED', 'SHUTDOWN', 'CLEANED_UP', 'HIBERNATED'],
  INITIALIZING: ['START_REQUESTED', 'RESTARTED', 'BROWSER_SHOWN', 'BROWSER_HIDDEN', 'WINDOW_UNAVAILABLE'],
  RECONNECTING: ['START_REQUESTED', 'RESTORED', 'RESTARTED', 'WOKEN', 'WINDOW_CLOSED', 'WINDOW_UNAVAILABLE'],
  QR_REQUIRED: ['LOGIN_NEEDED', 'LOGIN_EXPIRED', 'PASSKEY_NEEDED'],
  READY: ['CONNECTED'],
  AUTH_FAILURE: ['LOGIN_REFUSED'],
  DISCONNECTED_RECOVERABLE: [
    'NETWORK_LOST',
    'TIMEOUT',
    'PROXYBLOCK',
    'CONNECTION_LOST',
    'PAGE_CRASHED',
    'PAGE_UNRESPONSIVE',
    'NOT_ACKNOWLEDGED',
    'CALLS_FAILING',
  ],
  DISCONNECTED_LOGOUT: ['LOGGED_OUT', 'LOGGED_OUT_HERE', 'UNPAIRED', 'CONFLICT'],
  DISCONNECTED_BANNED: ['BANNED', 'BLOCKED', 'RESTRICTED', 'SUSPENDED', 'TOS_BLOCK'],
  ERROR: [
    'RETRIES_EXHAUSTED',
    'OUTDATED_VERSION',
    'STORAGE_FAILED',
    'BROWSER_NOT_FOUND',
    'SANDBOX_UNAVAILABLE',
    'PROFILE_IN_USE',
    'PROFILE_UNUSABLE',
    'LAUNCH_FAILED',
    'PAGE_UNREACHABLE',
    'INIT_TIMEOUT',
    'PAGE_CRASHED',
    'PAGE_UNRESPONSIVE',
    'BROWSER_DIED',
    'KEEPS_FAILING',
    'INTERNAL_FAILURE',
    'CAPACITY_REACHED',
    'DISK_FULL',
  ],
};
const STEPS: (LoginStep | null)[] = ['code', 'waiting', 'idle', 'linking', 'passkey'];
const DOUBTS: Partial<SessionView>[] = [
  ...(['NETWORK_LOST', 'TIMEOUT', 'PROXYBLOCK', 'CONNECTION_LOST'] as const).map((degraded) => ({
    degraded,
    can_send: false,
  })),
  { degraded: 'BRIDGE_OUTDATED', can_send: false },
  { degraded: 'NOT_ACKNOWLEDGED' },
  { degraded: 'NOT_ACKNOWLEDGED', notice: 'NOT_ACKNOWLEDGED' },
  { breaker: 'open', can_send: false },
  { degraded: 'CALLS_FAILING', breaker: 'half_open' },
];

/** Everything that a person can come upon. */
function* cases(): Generator<[string, ClienteView]> {
  for (const state of STATES) {
    for (const reason of CAUSED[state]) {
      const patches: Partial<SessionView>[] = [{}];
      if (reason === 'HIBERNATED') patches[0] = { hibernated: true };
      if (state === 'QR_REQUIRED') {
        patches.length = 0;
        for (const login_step of STEPS)
          for (const visible of [false, true])
            patches.push({ login_step, visible, ...(login_step === 'code' ? {} : { qr: null }) });
      }
      if (state === 'ERROR' && reason !== 'DISK_FULL')
        for (const last of [3, 1, null]) patches.push({ restart: { attempt: 1, last, at: 0 } });
      if (state === 'READY') patches.push(...DOUBTS);
      if (['INITIALIZING', 'RECONNECTING', 'QR_REQUIRED'].includes(state))
        patches.push(
          ...DOUBTS.filter(({ degraded }) => degraded === 'TIMEOUT' || degraded === 'BRIDGE_OUTDATED'),
        );
      for (const patch of patches) {
        const session = sampleSession(state, { reason, ...patch });
        yield [`${state} ${reason} ${JSON.stringify(patch)}`, sampleCliente(1, state, { session })];
      }
    }
  }
}

/** Whether a button is there to be pressed. */
const OFFERED: Partial<
  Record<Key, (session: SessionView, cliente: ClienteView, byNumber: boolean) => boolean>
> = {
  'action.start': (_, cliente) => mainAction(cliente) === 'start',
  'action.again': (_, cliente) => mainAction(cliente) === 'again',
  'action.wake': (_, cliente) => mainAction(cliente) === 'wake',
  'action.useHere': (_, cliente) => mainAction(cliente) === 'useHere',
  'action.now': ({ restart }) => restart !== null,
  'action.send': ({ can_send }) => can_send,
  'action.enlarge': ({ qr }, _, byNumber) => qr !== null && !byNumber,
  'action.newQr': ({ state }) => state === 'QR_REQUIRED',
  'action.restart': ({ restart }, cliente) => mainAction(cliente) === 'stop' && restart === null,
  'action.showBrowser': (session) => canShow(session) && !session.visible,
  'action.raiseBrowser': ({ visible }) => visible,
  // On the card, or on the phone.
  'pair.instead': (session) => waitsForCode(session),
  'pair.ask': (session, _, byNumber) => waitsForCode(session) && byNumber,
  'bundle.open': (session) => aspectOf(session) === 'ERROR',
  // In a banner over the wall.
  'banner.browser.again': ({ reason }) => reason === 'BROWSER_NOT_FOUND',
};

const ways = [...cases()].flatMap(([what, cliente]): [string, ClienteView, boolean][] => [
  [what, cliente, false],
  [`${what}, by number`, cliente, true],
]);

it.each(LANGUAGES)('asks in %s only for what can be done on that card', (language) => {
  setLanguage(language);
  let asked = 0;
  for (const [what, cliente, byNumber] of ways) {
    const help = helpFor(cliente, byNumber);
    expect(help?.steps.length, what).toBeGreaterThan(0);
    expect(help?.means && help.itself, what).toBeTruthy();
    for (const name of help?.steps.flatMap(quoted) ?? []) {
      const keys = (Object.keys(OFFERED) as Key[]).filter((key) => say(key).replace(/…$/, '') === name);
      const offered = keys.some((key) => OFFERED[key]?.(cliente.session, cliente, byNumber));
      expect(offered, `${what}: ${name}`).toBe(true);
      asked++;
    }
  }
  expect(asked).toBeGreaterThan(50);
});

it('knows every cause that a state can have, but those that nobody sees by themselves', () => {
  const caused = new Set<string>([
    ...Object.values(CAUSED).flat(),
    ...DOUBTS.flatMap(({ degraded }) => degraded ?? []),
    // Only told as a notice.
    'LOGIN_RESTORED',
  ]);
  expect(members('Reason').filter((reason) => !caused.has(reason))).toEqual([]);
});

describe('what is asked for', () => {
  const steps = (state: StateName, patch: Partial<SessionView>) =>
    helpFor(sampleCliente(1, state, { session: sampleSession(state, patch) }))?.steps.join(' ') ?? '';

  it.each<[string, StateName, Partial<SessionView>, RegExp]>([
    ['a conflict', 'DISCONNECTED_LOGOUT', { reason: 'CONFLICT' }, /another browser.*Use here/],
    [
      'a device that was removed',
      'DISCONNECTED_LOGOUT',
      { reason: 'LOGGED_OUT' },
      /^Press “Restart” and scan/,
    ],
    ['a ban that may end', 'DISCONNECTED_BANNED', { reason: 'BANNED' }, /counts down.*for a time/],
    ['a restriction', 'DISCONNECTED_BANNED', { reason: 'RESTRICTED' }, /for a time.*how long/],
    ['no network', 'DISCONNECTED_RECOVERABLE', { reason: 'NETWORK_LOST' }, /web page.*router/],
    ['a page that is loaded anew', 'DISCONNECTED_RECOVERABLE', { reason: 'PAGE_CRASHED' }, /^Wait/],
    ['a full disk', 'ERROR', { reason: 'DISK_FULL' }, /^Free some space/],
    ['no browser', 'ERROR', { reason: 'BROWSER_NOT_FOUND' }, /^Install.*Check again.*Restart/],
    [
      'a restart to come',
      'ERROR',
      { reason: 'BROWSER_DIED', restart: { attempt: 1, last: 3, at: 0 } },
      /nothing to do/,
    ],
    [
      'a restart that waits for the network',
      'ERROR',
      { reason: 'RETRIES_EXHAUSTED', restart: { attempt: 4, last: null, at: 0 } },
      /web page.*Restart now/,
    ],
    ['a sleeper', 'NOT_INITIALIZED', { reason: 'HIBERNATED', hibernated: true }, /Wake/],
    ['a code that nobody scanned', 'QR_REQUIRED', { login_step: 'idle', qr: null }, /Ask for another QR/],
    ['a scan', 'QR_REQUIRED', { login_step: 'linking', qr: null }, /do not lock/],
    ['a passkey', 'QR_REQUIRED', { login_step: 'passkey', qr: null }, /Show browser.*Scan it again/],
    ['an old bridge', 'READY', { degraded: 'BRIDGE_OUTDATED' }, /^Update this program/],
    ['a loss just now', 'READY', { degraded: 'NETWORK_LOST' }, /^Wait a minute/],
  ])('by %s', (_, state, patch, expected) => {
    setLanguage('en');
    expect(steps(state, patch)).toMatch(expected);
  });

  it('by the way that was chosen to link', () => {
    setLanguage('en');
    const cliente = sampleCliente(1, 'QR_REQUIRED');
    expect(helpFor(cliente, true)?.steps[0]).toMatch(/number of the account/);
    expect(helpFor(cliente)?.steps[1]).toMatch(/camera/);
  });

  it('is not changed by a notice, which is told beside it', () => {
    setLanguage('en');
    const session = sampleSession('READY', { notice: 'LOGIN_RESTORED' });
    const help = helpFor(sampleCliente(1, 'READY', { session }));
    expect(help?.also?.message).toMatch(/copy/);
    expect(help?.steps[0]).toBe('There is nothing to do.');
    expect(helpFor(sampleCliente(1, 'READY'))?.also).toBeNull();
  });

  it('by a command that failed goes by its cause, then by its code, and is nothing where its advice is enough', () => {
    setLanguage('en');
    expect(stepsFor(new Failure('INITIALIZATION_FAILED', '', 'BROWSER_NOT_FOUND'))?.[0]).toMatch(/^Install/);
    expect(stepsFor(new Failure('NO_WINDOW', ''))?.[0]).toMatch(/own screen/);
    expect(stepsFor(new Failure('KEY_EXISTS', ''))).toBeNull();
    expect(stepsFor(new Failure('MOON_TOO_BRIGHT' as never, ''))).toBeNull();
  });
});

it('has no help for a state that this version does not know', () => {
  expect(meaningOf('OF_THE_FUTURE')).toBeNull();
});
