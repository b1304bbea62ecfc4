import { describe, expect, test } from 'vitest';
import {
  type Claimant,
  candidatesOf,
  firstObstacle,
  interfacesOf,
  preferencesOf,
} from '../../../src/plan/announce/candidates.ts';

const all = Object.freeze(['n1', 'n2', 'n3']);

function claimant(
  more: Partial<Omit<Claimant, 'endpoints'>> & { readonly endpoints?: readonly string[] } = {},
): Claimant {
  const { endpoints = ['n9'], ...rest } = more;
  return { nodes: all, interfaces: [], policy: 'Cluster', ...rest, endpoints: new Set(endpoints) };
}

describe('candidates', () => {
  test('of a Cluster Service with an endpoint anywhere are its nodes, in the very same array', () => {
    expect(candidatesOf([claimant()])).toBe(all);
  });

  test.each<readonly [string, readonly Claimant[], readonly string[]]>([
    ['of nothing are none', [], []],
    ['of a Service without endpoints are none', [claimant({ endpoints: [] })], []],
    [
      'of a Local Service have an endpoint',
      [claimant({ policy: 'Local', endpoints: ['n3', 'n1', 'n7'] })],
      ['n1', 'n3'],
    ],
    ['of a Local Service with endpoints elsewhere are none', [claimant({ policy: 'Local', endpoints: ['n7'] })], []],
    ['of sharers are common to them', [claimant(), claimant({ nodes: ['n2', 'n3', 'n4'] })], ['n2', 'n3']],
    [
      'of sharers do not suffer from one that nobody could serve',
      [claimant({ nodes: ['n1', 'n2'] }), claimant({ nodes: ['n3'], endpoints: [] })],
      ['n1', 'n2'],
    ],
    [
      'of Local sharers have an endpoint of each',
      [claimant({ policy: 'Local', endpoints: ['n1', 'n2'] }), claimant({ policy: 'Local', endpoints: ['n2', 'n3'] })],
      ['n2'],
    ],
  ])('%s', (_, claimants, expected) => {
    expect(candidatesOf(claimants)).toEqual(expected);
  });
});

test.each([
  ['none where nobody limits them', [[], []], []],
  ['those that one names', [['eth1'], []], ['eth1']],
  [
    'those that all name',
    [
      ['eth0', 'eth1'],
      ['eth1', 'eth2'],
    ],
    ['eth1'],
  ],
])('interfaces: %s', (_, given, expected) => {
  expect(interfacesOf(given.map(interfaces => claimant({ interfaces })))).toEqual(expected);
});

describe('the obstacle that is told of several Services', () => {
  test.each([
    [[undefined], undefined],
    [['Drained'], 'Drained'],
    [['NoEndpoint', 'NoEndpoint'], 'NoEndpoint'],
    [['NoEndpoint', undefined], undefined],
    [['NoEndpoint', 'NodeExcluded'], 'NodeExcluded'],
    [[undefined, 'ServiceSelector'], 'ServiceSelector'],
  ] as const)('%j: %s', (obstacles, expected) => {
    expect(firstObstacle(obstacles)).toBe(expected);
  });
});

const weights = (of: Record<string, number>): ReadonlyMap<string, number> => new Map(Object.entries(of));

test.each<readonly [string, readonly Claimant[], readonly number[] | undefined]>([
  ['none where nobody has any', [claimant()], undefined],
  ['by node, 0 for the others', [claimant({ preferences: weights({ n2: 60 }) })], [0, 60, 0]],
  ['none where all are alike', [claimant({ preferences: weights({ n1: 5, n2: 5, n3: 5 }) })], undefined],
  [
    'those of all sharers together',
    [claimant({ preferences: weights({ n1: 60 }) }), claimant({ preferences: weights({ n1: 1, n3: 70 }) })],
    [61, 0, 70],
  ],
  ['not of a sharer without endpoints', [claimant({ preferences: weights({ n1: 1 }), endpoints: [] })], undefined],
])('preferences of candidates: %s', (_, claimants, expected) => {
  expect(preferencesOf(claimants, all)).toEqual(expected);
});
