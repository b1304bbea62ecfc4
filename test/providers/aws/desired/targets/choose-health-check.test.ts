import { describe, expect, test } from 'vitest';
import {
  chooseHealthCheck,
  type HealthCheckInput,
} from '../../../../../providers/aws/desired/targets/choose-health-check.ts';
import type { HealthCheck } from '../../../../../providers/aws/model/desired.ts';
import { type Asked, settings } from '../../samples.ts';

const chosen = (asked: Asked, more: Partial<HealthCheckInput> = {}) =>
  chooseHealthCheck({
    kind: 'instance',
    policy: 'Cluster',
    protocol: 'TCP',
    proxy: { path: '/healthz', port: 10_256 },
    settings: settings(asked).healthCheck,
    targetPortOf: name => (name === 'http' ? 30_080 : undefined),
    ...more,
  });

const tcp: HealthCheck = {
  protocol: 'TCP',
  port: 'traffic-port',
  intervalSeconds: 10,
  timeoutSeconds: 10,
  healthyThreshold: 3,
  unhealthyThreshold: 3,
};
const http = (port: number): HealthCheck => ({
  protocol: 'HTTP',
  port: String(port),
  path: '/healthz',
  successCodes: '200-399',
  intervalSeconds: 10,
  timeoutSeconds: 6,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
});

const local = { policy: 'Local', proxy: { path: '/healthz', port: 31_000 } } as const;

describe('without annotations', () => {
  test.each([
    ['instances', { kind: 'instance' }, tcp],
    ['nodes by address', { kind: 'node-ip' }, tcp],
    ['pods', { kind: 'ip' }, tcp],
    ['TLS towards the targets', { protocol: 'TLS' }, tcp],
    ['TCP and UDP', { protocol: 'TCP_UDP' }, tcp],
    ['UDP of nodes', { protocol: 'UDP' }, http(10_256)],
    ['policy Local', local, http(31_000)],
    ['policy Local by address', { ...local, kind: 'node-ip' }, http(31_000)],
    ['policy Local with UDP', { ...local, protocol: 'UDP' }, http(31_000)],
    ['policy Local with pods', { ...local, kind: 'ip' }, tcp],
  ] as const)('%s', (_row, more, healthCheck) => {
    expect(chosen({}, more)).toEqual({ healthCheck, warnings: [], faults: [] });
  });

  test('UDP of pods is asked by TCP, with a Warning', () => {
    expect(chosen({}, { kind: 'ip', protocol: 'UDP' })).toEqual({
      healthCheck: tcp,
      warnings: [
        { reason: 'HealthCheckByTcp', message: expect.stringMatching(/healthcheck-port to one that answers/) },
      ],
      faults: [],
    });
  });
});

describe('an annotation replaces its field', () => {
  test.each([
    [
      'all of them',
      {
        'healthcheck-protocol': 'https',
        'healthcheck-port': '80',
        'healthcheck-path': '/x',
        'healthcheck-interval': '30',
        'healthcheck-timeout': '6',
        'healthcheck-healthy-threshold': '4',
        'healthcheck-unhealthy-threshold': '5',
        'healthcheck-success-codes': '200',
      },
      {},
      {
        protocol: 'HTTPS',
        port: '80',
        path: '/x',
        successCodes: '200',
        intervalSeconds: 30,
        timeoutSeconds: 6,
        healthyThreshold: 4,
        unhealthyThreshold: 5,
      },
    ],
    [
      'http at the port itself',
      { 'healthcheck-protocol': 'http' },
      {},
      { ...tcp, protocol: 'HTTP', path: '/', successCodes: '200-399' },
    ],
    ['a named port', { 'healthcheck-port': 'http' }, {}, { ...tcp, port: '30080' }],
    [
      'a named port whose pods are not there yet',
      { 'healthcheck-port': 'http' },
      { kind: 'ip', targetPortOf: () => 0 },
      tcp,
    ],
    [
      'an interval, and with it the timeout',
      { 'healthcheck-interval': '5' },
      {},
      { ...tcp, intervalSeconds: 5, timeoutSeconds: 5 },
    ],
    ['a path under policy Local', { 'healthcheck-path': '/ready' }, local, { ...http(31_000), path: '/ready' }],
    [
      'a port for UDP, which is asked by TCP then',
      { 'healthcheck-port': '8081' },
      { protocol: 'UDP' },
      { ...tcp, port: '8081' },
    ],
    ['tcp for UDP', { 'healthcheck-protocol': 'tcp' }, { protocol: 'UDP' }, tcp],
    [
      'tcp under policy Local',
      { 'healthcheck-protocol': 'tcp' },
      local,
      { ...tcp, port: '31000', timeoutSeconds: 6, healthyThreshold: 2, unhealthyThreshold: 2 },
    ],
  ] as const)('%s', (_row, asked, more, healthCheck) => {
    expect(chosen(asked, more)).toEqual({ healthCheck, warnings: [], faults: [] });
  });
});

test('what a check by TCP does not use is a Warning', () => {
  const { warnings } = chosen({ 'healthcheck-path': '/x', 'healthcheck-success-codes': '200' });
  expect(warnings).toEqual([
    {
      reason: 'AnnotationWithoutEffect',
      message: expect.stringMatching(/healthcheck-path, .*success-codes: no effect on a health check by TCP/),
    },
  ]);
});

test.each([
  [{ 'healthcheck-port': 'web' }, /"web" is neither traffic-port, nor a number up to 65535, nor the name of a port/],
  [{ 'healthcheck-port': '65536' }, /"65536" is neither/],
  [{ 'healthcheck-interval': '10', 'healthcheck-timeout': '11' }, /11 seconds are longer than the interval of 10/],
])('%j is a fault', (asked, fault) => {
  expect(chosen(asked as Asked).faults).toEqual([expect.stringMatching(fault)]);
});
