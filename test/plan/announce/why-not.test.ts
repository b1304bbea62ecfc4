import { describe, expect, test } from 'vitest';
import type { Node } from '../../../src/kube/objects.ts';
import { type NodeChoice, type SpeakingNode, whyNotEndpoints, whyNotNode } from '../../../src/plan/announce/why-not.ts';
import { everything, parseLabelSelector } from '../../../src/plan/label-selector.ts';
import { announcementObstacles } from '../../../src/plan/words.ts';
import { node } from '../../support/objects.ts';

const anyone: NodeChoice = { operator: everything, service: everything, advertisement: undefined };

function on(more: Parameters<typeof node>[1] = {}, conditions: NonNullable<Node['status']>['conditions'] = []) {
  const plain = node('n1', more);
  return { node: { ...plain, status: { ...plain.status, conditions } }, hasSpeaker: true, isDrained: false };
}

function selecting(text: string) {
  return parseLabelSelector(text) ?? everything;
}

describe('a node', () => {
  const excluded = { metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } } };
  const rows: readonly { name: string; node: SpeakingNode; choice?: Partial<NodeChoice>; expected?: string }[] = [
    { name: 'with a speaker may announce', node: on() },
    {
      name: 'that does not exist may not',
      node: { node: undefined, hasSpeaker: true, isDrained: false },
      expected: 'NodeGone',
    },
    { name: 'where no speaker has ever run may not', node: { ...on(), hasSpeaker: false }, expected: 'NoSpeaker' },
    { name: 'that was drained may not', node: { ...on(), isDrained: true }, expected: 'Drained' },
    {
      name: 'that is being deleted may not',
      node: on({ metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } }),
      expected: 'NodeLeaving',
    },
    {
      name: 'that the autoscaler will remove may not',
      node: on({ spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] } }),
      expected: 'NodeLeaving',
    },
    { name: 'with the exclude label may not', node: on(excluded), expected: 'NodeExcluded' },
    {
      name: 'without a network may not',
      node: on({}, [{ type: 'NetworkUnavailable', status: 'True' }]),
      expected: 'NetworkUnavailable',
    },
    { name: 'with a network may', node: on({}, [{ type: 'NetworkUnavailable', status: 'False' }]) },
    { name: 'that is not ready may: others look after that', node: on({}, [{ type: 'Ready', status: 'False' }]) },
    {
      name: 'that is cordoned may',
      node: on({ spec: { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] } }),
    },
    {
      name: 'outside the operator’s selector may not',
      node: on(),
      choice: { operator: selecting('role=edge') },
      expected: 'OperatorSelector',
    },
    {
      name: 'outside the Service’s selector may not',
      node: on(),
      choice: { service: selecting('role=edge') },
      expected: 'ServiceSelector',
    },
    {
      name: 'that no advertisement covers may not',
      node: on(),
      choice: { advertisement: { id: 'none', interfacesOn: () => undefined } },
      expected: 'NotAdvertised',
    },
    {
      name: 'that an advertisement covers may',
      node: on({ metadata: { labels: { rack: 'a' } } }),
      choice: { advertisement: { id: 'a', interfacesOn: labels => (labels['rack'] === 'a' ? [] : undefined) } },
    },
  ];

  test.each(rows)('$name', ({ node: speaking, choice = {}, expected }) => {
    expect(whyNotNode(speaking, { ...anyone, ...choice })).toBe(expected);
  });
});

describe('for want of endpoints', () => {
  test.each([
    ['Cluster', [], 'NoEndpoint'],
    ['Local', [], 'NoEndpoint'],
    ['Cluster', ['n2'], undefined],
    ['Local', ['n2'], 'NoLocalEndpoint'],
    ['Local', ['n1', 'n2'], undefined],
    ['Cluster', [''], undefined],
    ['Local', [''], 'NoLocalEndpoint'],
  ] as const)('%s with endpoints on %j: %s', (policy, nodes, expected) => {
    expect(whyNotEndpoints('n1', policy, new Set(nodes))).toBe(expected);
  });
});

test('every obstacle has a line for people', () => {
  for (const text of Object.values(announcementObstacles)) expect(text).toMatch(/^[A-Z].*\.$/);
});
