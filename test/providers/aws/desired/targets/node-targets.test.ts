import { expect, test } from 'vitest';
import { placesSeenFrom } from '../../../../../providers/aws/desired/place/inside.ts';
import { nodeTargets } from '../../../../../providers/aws/desired/targets/node-targets.ts';
import type { Backend } from '../../../../../src/provider/provider.ts';
import { node } from '../../samples.ts';

const at = (address: string, type: 'InternalIP' | 'ExternalIP' = 'InternalIP'): Partial<Backend> => ({
  addresses: [{ type, address }],
});

const found = (kind: 'instance' | 'node-ip', backends: readonly Backend[], family: 'IPv4' | 'IPv6' = 'IPv4') =>
  nodeTargets({ kind, backends, family, placeOf: placesSeenFrom(['10.0.0.0/24', '2001:db8::/64']) });

test('instances, sorted, each once; the others are rejected and take nothing away', () => {
  const backends = [
    node(2),
    node(1),
    node(2),
    node(4, { providerId: 'kind://docker/kind/w' }),
    node(5, { providerId: '' }),
  ];
  expect(found('instance', backends)).toEqual({
    targets: [{ id: 'i-1' }, { id: 'i-2' }],
    rejected: [
      { node: 'n4', reason: expect.stringMatching(/providerID is not that of an EC2 instance/) },
      { node: 'n5', reason: expect.stringMatching(/providerID/) },
    ],
  });
});

test.each([
  ['in the VPC', at('10.0.0.9'), 'IPv4', { id: '10.0.0.9' }],
  ['outside, private', at('172.18.0.3'), 'IPv4', { id: '172.18.0.3', zone: 'all' }],
  ['of IPv6', at('2001:db8::9'), 'IPv6', { id: '2001:db8::9' }],
] as const)('a node by its address %s', (_row, more, family, target) => {
  expect(found('node-ip', [node(1, more)], family)).toEqual({ targets: [target], rejected: [] });
});

test.each([
  ['outside and public', at('203.0.113.9'), /203\.0\.113\.9 is neither in the VPC nor private/],
  ['external', at('10.0.0.9', 'ExternalIP'), /no internal IPv4 address/],
  ['of the other family', at('2001:db8::9'), /no internal IPv4 address/],
])('not by one that is %s', (_row, more, reason) => {
  expect(found('node-ip', [node(1, more)])).toEqual({
    targets: [],
    rejected: [{ node: 'n1', reason: expect.stringMatching(reason) }],
  });
});
