import { describe, expect, test } from 'vitest';
import { ownCheck, repairedCheck, sharedCheck } from '../../../../providers/gcp/desired/health-checks.ts';

const proxy = { path: '/healthz', port: 10_256 };

describe('whose health check', () => {
  test.each([
    ['policy Cluster: the shared one', 'Cluster', proxy, {}, undefined],
    [
      'policy Local: its own, quicker',
      'Local',
      { path: '/healthz', port: 31_000 },
      {},
      { checkIntervalSec: 3, unhealthyThreshold: 2 },
    ],
    [
      'a field by annotation: its own',
      'Cluster',
      proxy,
      { intervalSeconds: 20 },
      { checkIntervalSec: 20, unhealthyThreshold: 3 },
    ],
    [
      'another port: its own',
      'Cluster',
      proxy,
      { port: 8_080 },
      { httpHealthCheck: { port: 8_080, requestPath: '/healthz' } },
    ],
    ['TCP has no path', 'Cluster', proxy, { protocol: 'TCP' }, { type: 'TCP', tcpHealthCheck: { port: 10_256 } }],
    [
      'a timeout draws the interval up',
      'Local',
      proxy,
      { timeoutSeconds: 10 },
      { timeoutSec: 10, checkIntervalSec: 10 },
    ],
  ] as const)('%s', (_name, externalTrafficPolicy, healthCheck, asked, expected) => {
    const check = ownCheck({ externalTrafficPolicy, healthCheck }, asked);
    expect(check === undefined).toBe(expected === undefined);
    expect({ ...check }).toMatchObject({ ...expected });
  });
});

describe('what somebody has changed by hand', () => {
  test.each([
    ['nothing', {}, undefined],
    ['a raised interval stays', { checkIntervalSec: 20 }, undefined],
    ['a lowered one is raised', { checkIntervalSec: 2 }, { checkIntervalSec: 8 }],
    [
      'another port goes back, and what is raised stays',
      { checkIntervalSec: 20, httpHealthCheck: { port: 1, requestPath: '/healthz' } },
      { checkIntervalSec: 20, httpHealthCheck: sharedCheck.httpHealthCheck },
    ],
    ['a field that is missing', { unhealthyThreshold: undefined }, { unhealthyThreshold: 3 }],
  ])('%s', (_name, changes, expected) => {
    const repaired = repairedCheck(sharedCheck, { ...sharedCheck, ...changes } as typeof sharedCheck, {});
    expect(repaired === undefined).toBe(expected === undefined);
    expect({ ...repaired }).toMatchObject({ ...expected });
  });

  test('what the user asks for by annotation is exact', () => {
    const found = { ...sharedCheck, checkIntervalSec: 60 };
    expect(repairedCheck({ ...sharedCheck, checkIntervalSec: 20 }, found, { intervalSeconds: 20 })).toMatchObject({
      checkIntervalSec: 20,
    });
  });
});
