import { describe, expect, it } from 'vitest';
import { sampleCall, sampleCalls } from '$lib/backend/fake/samples';
import { asText, clientesOf, isFailure, isFiltered, matchesCall, NO_FILTER, withNewer } from './calls';

describe('a filter', () => {
  it('takes everything until something is asked for', () => {
    expect(isFiltered(NO_FILTER)).toBe(false);
    expect(isFiltered({ ...NO_FILTER, route: '  ' })).toBe(false);
    expect(sampleCalls(10).every((call) => matchesCall(call, NO_FILTER))).toBe(true);
  });

  it('finds by cliente, by part of method and route, and by failure', () => {
    const call = sampleCall(1, { method: 'GET', route: '/status', cliente: 7 });
    expect(matchesCall(call, { ...NO_FILTER, cliente: 7 })).toBe(true);
    expect(matchesCall(call, { ...NO_FILTER, cliente: 8 })).toBe(false);
    expect(matchesCall(call, { ...NO_FILTER, route: ' get /ST ' })).toBe(true);
    expect(matchesCall(call, { ...NO_FILTER, route: '/send' })).toBe(false);
    expect(matchesCall(call, { ...NO_FILTER, failures: true })).toBe(false);
    expect(matchesCall({ ...call, status: 409 }, { ...NO_FILTER, failures: true })).toBe(true);
  });

  it.each([
    [200, false],
    [204, false],
    [304, false],
    [400, true],
    [503, true],
    [null, true],
  ])('status %s is a failure: %s', (status, failure) =>
    expect(isFailure(sampleCall(1, { status }))).toBe(failure),
  );
});

describe('new calls', () => {
  const ids = (calls: readonly { id: number }[]) => calls.map(({ id }) => id);

  it('come first, each once, and push out the oldest', () => {
    const older = sampleCalls(500);
    const merged = withNewer(older, [sampleCall(502), sampleCall(501), sampleCall(500)]);
    expect(ids(merged).slice(0, 3)).toEqual([502, 501, 500]);
    expect(merged.length).toBe(500);
    expect(merged.at(-1)?.id).toBe(3);
  });

  it('leave the list as it is where there are none', () => {
    const older = sampleCalls(3);
    expect(withNewer(older, [])).toBe(older);
  });
});

it('lists each cliente that was called once', () => {
  expect(
    clientesOf([
      sampleCall(1, { cliente: 9 }),
      sampleCall(2, { cliente: null }),
      sampleCall(3),
      sampleCall(4),
    ]),
  ).toEqual([1, 9]);
});

it('writes calls as lines with tabs', () => {
  const call = sampleCall(1, { at: 0, status: 409, code: 'SESSION_NOT_READY', duration_us: 1_940 });
  const gone = sampleCall(2, { at: 0, status: null, cliente: null, duration_us: 99_999 });
  expect(asText([call, gone]).split('\n')).toEqual([
    'time\tmethod\troute\tcliente\tstatus\tcode\tms\tcaller',
    '1970-01-01T00:00:00.000Z\tPOST\t/send\t1\t409\tSESSION_NOT_READY\t1.9\t127.0.0.1:50612',
    '1970-01-01T00:00:00.000Z\tPOST\t/send\t-\t-\t-\t100.0\t127.0.0.1:50612',
    '',
  ]);
});
