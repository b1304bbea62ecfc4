import { describe, expect, test } from 'vitest';
import type { Node, Taint } from '../../src/kube/objects.ts';
import { eligibleBackends, isEligible } from '../../src/plan/backends.ts';
import { everything, parseLabelSelector } from '../../src/plan/label-selector.ts';
import { node } from '../support/objects.ts';

const exclude = 'node.kubernetes.io/exclude-from-external-load-balancers';

describe('a node takes traffic', () => {
  const rows: readonly { readonly name: string; readonly node: Node; readonly eligible: boolean }[] = [
    { name: 'plain', node: node('a'), eligible: true },
    {
      name: 'being deleted',
      node: node('a', { metadata: { deletionTimestamp: '2030-01-01T00:00:00Z', finalizers: ['x/y'] } }),
      eligible: false,
    },
    ...['', 'true', '1', 'foo', 'no', ' false', 'fALSE', 'F0'].map(value => ({
      name: `excluded by ${JSON.stringify(value)}`,
      node: node('a', { metadata: { labels: { [exclude]: value } } }),
      eligible: false,
    })),
    ...['0', 'f', 'F', 'false', 'False', 'FALSE'].map(value => ({
      name: `excluded by ${JSON.stringify(value)}, which Go reads as false`,
      node: node('a', { metadata: { labels: { [exclude]: value } } }),
      eligible: true,
    })),
    ...['NoSchedule', 'PreferNoSchedule', 'NoExecute'].map(effect => ({
      name: `tainted by the autoscaler with ${effect}`,
      node: node('a', { spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', value: '1700000000', effect }] } }),
      eligible: false,
    })),
    {
      name: 'tainted as soft candidate of the autoscaler',
      node: tainted({ key: 'DeletionCandidateOfClusterAutoscaler', effect: 'PreferNoSchedule' }),
      eligible: true,
    },
    {
      name: 'cordoned',
      node: tainted({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }),
      eligible: true,
    },
    { name: 'not ready', node: tainted({ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }), eligible: true },
    {
      name: 'unreachable',
      node: tainted({ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }),
      eligible: true,
    },
    {
      name: 'of the control plane',
      node: node('a', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } }),
      eligible: true,
    },
    { name: 'without a providerID', node: node('a', { spec: {} }), eligible: true },
    { name: 'without addresses', node: { metadata: node('a').metadata }, eligible: true },
  ];

  test.each(rows)('$name: $eligible', ({ node: given, eligible }) => {
    expect(isEligible(given)).toBe(eligible);
  });

  function tainted(taint: Taint): Node {
    return node('a', { spec: { taints: [taint] } });
  }
});

describe('the reference’s matrix of exclusion, taint and readiness', () => {
  const excluded = [undefined, 'false', 'true'];
  const taints: readonly (Taint | undefined)[] = [
    undefined,
    { key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' },
    { key: 'dedicated', value: 'ingress', effect: 'NoSchedule' },
  ];
  const readiness: readonly (Taint | undefined)[] = [
    undefined,
    { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
  ];
  const cases = excluded.flatMap(label => taints.flatMap(taint => readiness.map(ready => ({ label, taint, ready }))));

  test('has 27 cases', () => {
    expect(cases).toHaveLength(27);
  });

  test.each(cases)('label $label, taint $taint.key, readiness $ready.key', ({ label, taint, ready }) => {
    const labels = label === undefined ? {} : { [exclude]: label };
    const all = [taint, ready].filter(one => one !== undefined);
    expect(isEligible(node('a', { metadata: { labels }, spec: { taints: all } }))).toBe(
      label !== 'true' && taint?.key !== 'ToBeDeletedByClusterAutoscaler',
    );
  });
});

describe('the backends', () => {
  test('are in the order of their names, whatever the order of the store', () => {
    const nodes = ['c', 'a', 'b', 'a10', 'a9'].map(name => node(name));
    const names = ['a', 'a10', 'a9', 'b', 'c'];
    expect(eligibleBackends(nodes, everything).map(one => one.node)).toEqual(names);
    expect(eligibleBackends(nodes.toReversed(), everything).map(one => one.node)).toEqual(names);
  });

  test('match the selector', () => {
    const selector = parseLabelSelector('role=ingress') ?? everything;
    const nodes = [
      node('a', { metadata: { labels: { role: 'ingress' } } }),
      node('b'),
      node('c', { metadata: { labels: { role: 'x' } } }),
    ];
    expect(eligibleBackends(nodes, selector).map(one => one.node)).toEqual(['a']);
  });

  test('carry what a provider needs, and nothing that changes by itself', () => {
    const given: Node = {
      metadata: {
        name: 'a',
        uid: 'u',
        resourceVersion: '7',
        labels: { 'topology.kubernetes.io/zone': 'z1', other: 'x' },
      },
      spec: { providerID: 'cloud:///a', taints: [] },
      status: {
        addresses: [
          { type: 'Hostname', address: 'a' },
          { type: 'InternalIP', address: '192.0.2.1' },
          { type: 'InternalDNS', address: 'a.internal' },
          { type: 'ExternalIP', address: '198.51.100.1' },
          { type: 'InternalIP', address: '2001:db8::1' },
        ],
      },
    };
    expect(eligibleBackends([given], everything)).toEqual([
      {
        node: 'a',
        providerId: 'cloud:///a',
        zone: 'z1',
        addresses: [
          { type: 'InternalIP', address: '192.0.2.1' },
          { type: 'ExternalIP', address: '198.51.100.1' },
          { type: 'InternalIP', address: '2001:db8::1' },
        ],
      },
    ]);
  });

  test('of a node that says nothing are empty strings', () => {
    expect(eligibleBackends([{ metadata: { name: 'a', uid: 'u', resourceVersion: '1' } }], everything)).toEqual([
      { node: 'a', providerId: '', zone: '', addresses: [] },
    ]);
  });

  test('leave the nodes as they were', () => {
    const nodes = [node('b'), node('a')];
    const before = structuredClone(nodes);
    eligibleBackends(nodes, everything);
    expect(nodes).toEqual(before);
  });
});
