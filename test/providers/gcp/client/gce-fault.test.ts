import { describe, expect, test } from 'vitest';
import { classifyError, isFingerprintStale, verdictOf } from '../../../../providers/gcp/client/classify-error.ts';
import { GceFault, parseFailure, parseOperation, parseRefusal } from '../../../../providers/gcp/client/gce-fault.ts';
import { nameOf, pathOf, urlOf, zoneOf } from '../../../../providers/gcp/client/links.ts';
import { plainOf, wireOf } from '../../../../providers/gcp/client/plain.ts';

const body = (error: object): string => JSON.stringify({ error });

describe('the reason of a refusal', () => {
  test.each([
    ['stands in the first error', body({ message: 'm', errors: [{ reason: 'notFound' }] }), 'notFound'],
    [
      'is the code of a detail, of running operations',
      body({
        errors: [{ reason: 'rateLimitExceeded' }],
        details: [{ reason: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' }],
      }),
      'concurrentOperationsQuotaExceeded',
    ],
    [
      'is not that of other details',
      body({ errors: [{ reason: 'forbidden' }], details: [{ reason: 'IAM_PERMISSION_DENIED' }] }),
      'forbidden',
    ],
    ['is the status where there is no error', body({ status: 'PERMISSION_DENIED' }), 'permissionDenied'],
    ['is unknown in a page of a proxy', '<html>502</html>', 'unknown'],
    ['is unknown in what is no object', 'null', 'unknown'],
  ])('%s', (_row, text, reason) => {
    expect(parseRefusal(403, text)).toMatchObject({ http: 403, reason });
  });

  test('comes with one bounded line', () => {
    const { message } = parseRefusal(400, body({ message: `a\n\tb ${'x'.repeat(10_000)}` }));
    expect(message).toMatch(/^a b x+…$/);
    expect(message.length).toBeLessThan(600);
  });
});

test.each([
  [
    'has failed with a code',
    { error: { errors: [{ code: 'RESOURCE_NOT_FOUND', message: 'm' }] }, httpErrorStatusCode: 404 },
    { http: 404, reason: 'resourceNotFound', message: 'm' },
  ],
  ['has failed without words', { httpErrorStatusCode: 503 }, { http: 503, reason: 'unknown' }],
  [
    'has failed without a status',
    { error: { errors: [{ code: 'IP_IN_USE_BY_ANOTHER_RESOURCE' }] } },
    { http: 400, reason: 'ipInUseByAnotherResource' },
  ],
])('an operation %s', (_row, operation, expected) => {
  expect(parseOperation(operation)).toMatchObject(expected);
});

test('an operation has not failed', () => {
  expect(parseOperation({})).toBeUndefined();
});

test('Node’s code is found among the causes', () => {
  const socket = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  expect(parseFailure(new Error('outer', { cause: new TypeError('fetch failed', { cause: socket }) }))).toMatchObject({
    http: 0,
    reason: 'ECONNREFUSED',
  });
  expect(parseFailure('nonsense')).toMatchObject({ http: 0, reason: 'unknown', message: 'nonsense' });
});

test.each([
  [403, 'rateLimitExceeded', 'throttled'],
  [403, 'concurrentOperationsQuotaExceeded', 'throttled'],
  [429, 'unknown', 'throttled'],
  [403, 'quotaExceeded', 'refused'],
  [403, 'forbidden', 'refused'],
  [412, 'conditionNotMet', 'refused'],
  [500, 'internalError', 'unclear'],
  [503, 'backendError', 'unclear'],
  [0, 'ECONNRESET', 'unclear'],
  [0, 'TimeoutError', 'unclear'],
  [0, 'ECONNREFUSED', 'unreached'],
] as const)('%s %s is %s', (http, reason, verdict) => {
  expect(verdictOf(new GceFault(http, reason, ''))).toBe(verdict);
});

test('what an organisation’s policy forbids is no stale fingerprint', () => {
  const policy = new GceFault(
    412,
    'conditionNotMet',
    'Constraint constraints/compute.restrictLoadBalancerCreationForTypes violated for projects/p',
  );
  expect(isFingerprintStale(classifyError('forwardingRules.insert', policy, 0))).toBe(false);
  expect(
    isFingerprintStale(classifyError('forwardingRules.insert', new GceFault(412, 'conditionNotMet', 'Stale.'), 0)),
  ).toBe(true);
});

test('what a hostile server says gets no further than one line', () => {
  const { message } = classifyError(
    'firewalls.insert',
    new GceFault(403, 'forbidden', "Required 'compute.firewalls.create' permission for 'projects/secret'"),
    0,
  );
  expect(message).toContain('allow compute.firewalls.create,');
  expect(message).not.toContain('secret');
});

describe('links', () => {
  const path = 'projects/p/zones/z/instances/n';

  test.each(['www.googleapis.com', 'compute.googleapis.com', '127.0.0.1:8080'])('URLs of %s are paths', host => {
    expect(pathOf(`https://${host}/compute/v1/${path}`)).toBe(path);
  });

  test('and paths are URLs; anything else stays', () => {
    expect(urlOf(path)).toBe(`https://www.googleapis.com/compute/v1/${path}`);
    for (const other of ['', 'default', 'projects/p', '198.18.0.1', '{"a":"projects/p/zones/z/instances/n"}'])
      expect(urlOf(other)).toBe(other);
    expect([nameOf(path), zoneOf(path), zoneOf('projects/p/global/firewalls/f')]).toEqual(['n', 'z', undefined]);
  });
});

test('what the SDK has read loses what stands for nothing, and keeps zero and false', () => {
  const read = {
    name: 'x',
    _name: 'name',
    ports: [],
    labels: {},
    description: '',
    port: 0,
    allPorts: false,
    note: null,
    inner: { _a: 'a', list: [] },
    group: 'https://www.googleapis.com/compute/v1/projects/p/global/networks/n',
  };
  expect(plainOf(read)).toEqual({ name: 'x', port: 0, allPorts: false, group: 'projects/p/global/networks/n' });
  expect(plainOf(wireOf({ a: ['projects/p/global/networks/n', 7] }))).toEqual({
    a: ['projects/p/global/networks/n', 7],
  });
});
