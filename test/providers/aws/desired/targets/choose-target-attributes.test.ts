import { describe, expect, test } from 'vitest';
import {
  chooseTargetAttributes,
  type TargetAttributesInput,
} from '../../../../../providers/aws/desired/targets/choose-target-attributes.ts';
import { type Asked, port, settings, web } from '../../samples.ts';

const chosen = (asked: Asked, more: Partial<TargetAttributesInput> = {}) =>
  chooseTargetAttributes({
    served: { port: 80, protocol: 'TCP', certificates: [], ports: [port(80, { name: 'http' })] },
    protocol: 'TCP',
    kind: 'instance',
    targets: [],
    loadBalancer: web,
    settings: settings(asked),
    ...more,
  });

const sticky = { ...web, sessionAffinity: { type: 'ClientIP', timeoutSeconds: 10_800 } } as const;
const local = { ...web, externalTrafficPolicy: 'Local' } as const;
const tls = { port: 80, protocol: 'TLS', certificates: ['arn'], ports: [port(80)] } as const;

describe('attributes:', () => {
  test.each([
    ['none', {}, {}, {}],
    ['affinity', {}, { loadBalancer: sticky }, { 'stickiness.enabled': 'true', 'stickiness.type': 'source_ip' }],
    ['policy Local, by instance', {}, { loadBalancer: local }, {}],
    [
      'policy Local, by address',
      {},
      { loadBalancer: local, kind: 'node-ip' },
      { 'preserve_client_ip.enabled': 'true' },
    ],
    ['policy Local, pods', {}, { loadBalancer: local, kind: 'ip' }, { 'preserve_client_ip.enabled': 'true' }],
    ['policy Local, pods over UDP', {}, { loadBalancer: local, kind: 'ip', protocol: 'UDP' }, {}],
    [
      'policy Local, outside the VPC',
      {},
      { loadBalancer: local, kind: 'node-ip', targets: [{ id: '172.18.0.2', port: 1, zone: 'all' }] },
      {},
    ],
    [
      'as asked',
      { 'target-group-attributes': 'preserve_client_ip.enabled=false' },
      { loadBalancer: local, kind: 'ip' },
      { 'preserve_client_ip.enabled': 'false' },
    ],
    [
      'those of the port win',
      {
        'target-group-attributes': 'a.b=1,c.d=1',
        'target-group-attributes.80': 'a.b=2',
        'target-group-attributes.81': 'a.b=3',
      },
      {},
      { 'a.b': '2', 'c.d': '1' },
    ],
    [
      'an empty map for the port clears nothing',
      { 'target-group-attributes': 'a.b=1', 'target-group-attributes.80': ',' },
      {},
      { 'a.b': '1' },
    ],
    [
      'PROXY protocol wins',
      { 'proxy-protocol': '*', 'target-group-attributes': 'proxy_protocol_v2.enabled=false' },
      {},
      { 'proxy_protocol_v2.enabled': 'true' },
    ],
    [
      'PROXY protocol by name',
      { 'proxy-protocol-per-target-group': 'http' },
      {},
      { 'proxy_protocol_v2.enabled': 'true' },
    ],
    [
      'PROXY protocol for others',
      { 'proxy-protocol-per-target-group': '81' },
      {},
      { 'proxy_protocol_v2.enabled': 'false' },
    ],
  ] as const)('%s', (_row, asked, more, attributes) => {
    expect(chosen(asked, more)).toEqual({ attributes, warnings: [], faults: [] });
  });
});

test('affinity is not had with TLS', () => {
  expect(chosen({}, { served: tls, loadBalancer: sticky })).toEqual({
    attributes: {},
    warnings: [
      { reason: 'SessionAffinityNotSupported', message: expect.stringMatching(/^port 80: AWS keeps no client/) },
    ],
    faults: [],
  });
});

test.each(['UDP', 'TCP_UDP'] as const)('%s without the client’s address is a fault', protocol => {
  expect(chosen({ 'target-group-attributes.80': 'preserve_client_ip.enabled=false' }, { protocol }).faults).toEqual([
    expect.stringMatching(/preserve_client_ip\.enabled cannot be false for port 80, which has UDP/),
  ]);
});
