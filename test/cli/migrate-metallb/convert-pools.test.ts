import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from '../../../providers/bare-metal/reading/label-selector.ts';
import { convertPools, convertRange, type PoolSpec } from '../../../src/cli/migrate-metallb/convert-pools.ts';
import type { KindObject } from '../../../src/controller/kinds/kind-object.ts';

const object = (name: string, spec: object, labels: Readonly<Record<string, string>> = {}): KindObject => ({
  metadata: { name, namespace: 'metallb-system', uid: name, resourceVersion: '1', labels },
  spec,
});
const [a, b] = [{ matchLabels: { zone: 'a' } }, { matchLabels: { zone: 'b' } }];
const addresses = ['198.18.0.0/24'];

interface Row {
  readonly name: string;
  readonly pool?: object;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default: one for every pool, that says nothing else. */
  readonly l2?: readonly object[];
  readonly bgp?: readonly object[];
  readonly shared?: boolean;
  readonly spec: Partial<PoolSpec>;
  readonly losses?: readonly string[];
  readonly notes?: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'addresses alone', spec: {} },
  { name: 'what is as by default is left out', pool: { autoAssign: true, avoidBuggyIPs: false }, spec: {} },
  {
    name: 'flags',
    pool: { autoAssign: false, avoidBuggyIPs: true },
    spec: { autoAssign: false, avoidBuggyIPs: true },
  },
  {
    name: 'who may have an address',
    pool: { serviceAllocation: { priority: 10, namespaces: ['x'], namespaceSelectors: [a], serviceSelectors: [b] } },
    spec: { allocateTo: { priority: 10, namespaces: ['x'], namespaceSelectors: [a], serviceSelectors: [b] } },
  },
  {
    name: 'a field of a newer MetalLB',
    pool: { color: 'red', serviceAllocation: { mood: 'good' } },
    spec: { allocateTo: {} },
    losses: [
      'its field spec.color is not known to fairlead',
      'its field spec.serviceAllocation.mood is not known to fairlead',
    ],
  },
  {
    name: 'an address is shared across namespaces now',
    shared: true,
    spec: { sharedAcrossNamespaces: true },
    notes: ['Services of different namespaces share an address of it now: sharedAcrossNamespaces is set'],
  },
  {
    name: 'sharing across namespaces was allowed by the label',
    labels: { 'fairlead.dev/shared-across-namespaces': 'true' },
    spec: { sharedAcrossNamespaces: true },
  },
  {
    name: 'host bits, as MetalLB reads them',
    pool: { addresses: ['198.18.0.7/24', '198.18.1.1 - 198.18.1.9'] },
    spec: { addresses: ['198.18.0.0/24', '198.18.1.1-198.18.1.9'] },
    notes: ['198.18.0.7/24 has host bits set: written as 198.18.0.0/24, which MetalLB takes it for'],
  },
  {
    name: 'something that is no address',
    pool: { addresses: ['010.0.0.0/8', ...addresses] },
    spec: {},
    losses: ['"010.0.0.0/8" cannot be read as addresses'],
  },
  {
    name: 'announced nowhere',
    l2: [{ ipAddressPools: ['another'] }],
    spec: {},
    losses: ['no L2Advertisement selects it: MetalLB answers for its addresses nowhere, and fairlead would'],
  },
  {
    name: 'announced on some nodes and interfaces',
    l2: [{ ipAddressPools: ['pool'], nodeSelectors: [a], interfaces: ['eth1'] }],
    spec: { announce: { nodeSelectors: [a], interfaces: ['eth1'] } },
  },
  {
    name: 'selected by its labels',
    labels: { tier: 'edge' },
    l2: [
      { ipAddressPoolSelectors: [{ matchLabels: { tier: 'edge' } }], interfaces: ['eth1'] },
      { ipAddressPoolSelectors: [{ matchLabels: { tier: 'core' } }], interfaces: ['eth2'] },
    ],
    spec: { announce: { interfaces: ['eth1'] } },
  },
  { name: 'one that allows everything covers the others', l2: [{ nodeSelectors: [a] }, {}], spec: {} },
  {
    name: 'two alike',
    l2: [{ nodeSelectors: [a] }, { nodeSelectors: [a] }],
    spec: { announce: { nodeSelectors: [a] } },
  },
  {
    name: 'two that differ in the nodes',
    l2: [
      { nodeSelectors: [a], interfaces: ['eth1'] },
      { nodeSelectors: [b], interfaces: ['eth1'] },
    ],
    spec: { announce: { nodeSelectors: [a, b], interfaces: ['eth1'] } },
  },
  {
    name: 'two that differ in the interfaces',
    l2: [
      { nodeSelectors: [a], interfaces: ['eth1'] },
      { nodeSelectors: [a], interfaces: ['eth2'] },
    ],
    spec: { announce: { nodeSelectors: [a], interfaces: ['eth1', 'eth2'] } },
  },
  {
    name: 'two that differ in both',
    l2: [
      { nodeSelectors: [a], interfaces: ['eth1'] },
      { nodeSelectors: [b], interfaces: ['eth2'] },
    ],
    spec: { announce: { nodeSelectors: [a, b], interfaces: ['eth1', 'eth2'] } },
    losses: [
      'the L2Advertisements ad-0, ad-1 name different interfaces on different nodes: a pool has one choice of each',
    ],
  },
  {
    name: 'for some Services only',
    l2: [{ serviceSelectors: [a] }],
    spec: {},
    losses: ['L2Advertisement ad-0 is for some Services only (serviceSelectors): fairlead would announce all'],
  },
  {
    name: 'for some Services, and by another for all',
    l2: [{ serviceSelectors: [a], interfaces: ['eth1'] }, {}],
    spec: {},
  },
  {
    name: 'with nodes that are preferred, by all that allow the same',
    l2: [
      { preferredNodeSelectors: [{ weight: 1, preference: a }] },
      { interfaces: ['eth1'], preferredNodeSelectors: [{ weight: 2, preference: b }] },
    ],
    spec: {
      announce: {
        preferredNodeSelectors: [
          { weight: 1, preference: a },
          { weight: 2, preference: b },
        ],
      },
    },
  },
  {
    name: 'with nodes that are preferred among fewer than others allow',
    l2: [{ nodeSelectors: [a], preferredNodeSelectors: [{ weight: 1, preference: a }] }, {}],
    spec: {},
    losses: [
      'L2Advertisement ad-0 prefers some nodes (preferredNodeSelectors) among others than the pool’s other L2Advertisements allow: a pool has one preference for all',
    ],
  },
  {
    name: 'over BGP too',
    bgp: [{ ipAddressPools: ['pool'] }, { ipAddressPools: ['another'] }],
    spec: {},
    losses: ['BGPAdvertisement bgp-0 announces it to routers too: fairlead does not speak BGP'],
  },
];

describe('MetalLB’s pools, said in ours', () => {
  test.each(rows)('$name', ({ pool = {}, labels, l2 = [{}], bgp = [], shared, spec, losses = [], notes = [] }) => {
    const metallb = {
      pools: [object('pool', { addresses, ...pool }, labels)],
      l2Advertisements: l2.map((one, index) => object(`ad-${index}`, one)),
      bgpAdvertisements: bgp.map((one, index) => object(`bgp-${index}`, one)),
    };
    expect(convertPools(metallb, new Set(shared === true ? ['pool'] : []), parseLabelSelector)).toEqual([
      { name: 'pool', spec: { addresses, ...spec }, losses, notes },
    ]);
  });

  test.each([
    ['2001:db8::/64', '2001:db8::/64'],
    ['2001:db8:0:0::/64', '2001:db8::/64'],
    ['2001:db8::1-2001:db8::9', '2001:db8::1-2001:db8::9'],
    ['198.18.0.7', '198.18.0.7'],
  ])('%s is %s', (written, text) => {
    expect(convertRange(written)).toEqual({ text });
  });

  test.each(['', '-', 'a-b', '198.18.0.1-', '1.2.3.4-5.6.7.8-9.9.9.9', '198.18.0.0/33'])('%j is none', written => {
    expect(convertRange(written).fault).toContain('cannot be read');
  });
});
