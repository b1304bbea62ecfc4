import { describe, expect, test } from 'vitest';
import { chooseSubnets, type SubnetsInput } from '../../../../../providers/aws/desired/place/choose-subnets.ts';
import { elb, internalElb, subnet, subnets, withIpv6 } from '../../samples.ts';

const chosen = (more: Partial<SubnetsInput> = {}) =>
  chooseSubnets({
    scheme: 'internet-facing',
    addressType: 'ipv4',
    vpcId: 'vpc-1',
    clusterName: 'mine',
    present: [],
    subnets,
    ...more,
  });

const ids = (more?: Partial<SubnetsInput>) => chosen(more).chosen.map(one => one.id);
const why = (id: string, more?: Partial<SubnetsInput>) => chosen(more).leftOut.find(one => one.id === id)?.reason;

const mine = { ...elb, 'kubernetes.io/cluster/mine': 'shared' };
const theirs = { ...elb, 'kubernetes.io/cluster/theirs': 'owned' };
const a = (id: string, more: Parameters<typeof subnet>[4] = {}, tags: Readonly<Record<string, string>> = elb) =>
  subnet(id, 'us-west-2a', '10.0.0.0/24', tags, more);

describe('subnets are found by tag', () => {
  test('for the outside', () => {
    expect(chosen()).toMatchObject({
      chosen: [{ id: 'subnet-a' }, { id: 'subnet-b' }],
      leftOut: [
        { id: 'subnet-c', reason: 'no tag kubernetes.io/role/elb' },
        { id: 'subnet-d', reason: 'no tag kubernetes.io/role/elb' },
      ],
      faults: [],
    });
  });

  test('for the inside', () => {
    expect(ids({ scheme: 'internal' })).toEqual(['subnet-c', 'subnet-d']);
  });

  test.each([
    ['with an empty tag', [a('s', {}, { 'kubernetes.io/role/elb': '' })], ['s'], undefined],
    [
      'not where the tag says no',
      [a('s', {}, { 'kubernetes.io/role/elb': '0' }), a('z')],
      ['z'],
      'the tag kubernetes.io/role/elb is "0", not 1',
    ],
    ['not where another cluster is', [a('s', {}, theirs), a('z')], ['z'], 'tagged for another cluster'],
    ['where another cluster is too', [a('s', {}, { ...mine, ...theirs })], ['s'], undefined],
    ['not where it is full', [a('s', { freeAddresses: 7 }), a('z')], ['z'], '7 free addresses, 8 are needed'],
    ['where it is nearly full', [a('s', { freeAddresses: 8 })], ['s'], undefined],
    ['one of a zone, the smaller id', [a('z'), a('s')], ['s'], undefined],
    ['one of a zone, the cluster’s own first', [a('s'), a('z', {}, mine)], ['z'], 'z is taken for us-west-2a'],
    ['not in another VPC', [a('s', { vpcId: 'vpc-2' }), a('z')], ['z'], undefined],
    [
      'availability zones before others',
      [subnet('s', 'us-west-2-lax-1a', '10.0.9.0/24', mine), a('z')],
      ['z'],
      'us-west-2-lax-1a is of kind local-zone, us-west-2a availability-zone: a balancer has one kind',
    ],
    ['others where there is nothing else', [subnet('s', 'us-west-2-lax-1a', '10.0.9.0/24', elb)], ['s'], undefined],
  ] as const)('%s', (_row, all, expected, reason) => {
    expect(ids({ subnets: all })).toEqual(expected);
    expect(why('s', { subnets: all })).toBe(reason);
  });

  test('without a name of the cluster no mark is another’s', () => {
    const { clusterName: _none, ...rest } = { clusterName: '' };
    expect(
      chooseSubnets({
        ...rest,
        scheme: 'internet-facing',
        addressType: 'ipv4',
        vpcId: 'vpc-1',
        present: [],
        subnets: [a('s', {}, theirs)],
      }).chosen,
    ).toHaveLength(1);
  });

  test('with dualstack only those with an IPv6 block', () => {
    const [first, ...others] = withIpv6(subnets);
    const all = [{ ...a('subnet-a'), ...first, ipv6Cidrs: [] }, ...others];
    expect(ids({ addressType: 'dualstack', subnets: all })).toEqual(['subnet-b']);
    expect(why('subnet-a', { addressType: 'dualstack', subnets: all })).toBe('no IPv6 block');
  });
});

test('where there is none, every candidate is named with the reason', () => {
  const all = [a('s1', {}, {}), a('s2', {}, {}), a('s3', {}, theirs), a('s4', { freeAddresses: 0 })];
  expect(chosen({ subnets: all }).faults).toEqual([
    'no subnet of vpc-1 can take an internet-facing balancer (s1, s2: no tag kubernetes.io/role/elb; s3: tagged for another cluster; s4: 0 free addresses, 8 are needed): tag one subnet of each zone kubernetes.io/role/elb=1, or name subnets',
  ]);
  expect(chosen({ subnets: [] }).faults).toEqual([expect.stringMatching(/^vpc-1 has no subnet: tag one/)]);
});

describe('a balancer that exists', () => {
  test.each([
    ['stays, though another subnet of the zone has a smaller id', [a('s'), a('z')], ['z'], ['z']],
    ['stays, though the tag has gone', [a('z', {}, {})], ['z'], ['z']],
    ['stays, though the subnet is full', [a('z', { freeAddresses: 0 })], ['z'], ['z']],
    ['gets a zone more', [...subnets], ['subnet-b'], ['subnet-a', 'subnet-b']],
  ] as const)('%s', (_row, all, present, expected) => {
    expect(chosen({ subnets: all, present })).toMatchObject({ faults: [] });
    expect(ids({ subnets: all, present })).toEqual(expected);
  });

  test('gets no zone more where its addresses are given', () => {
    expect(ids({ present: ['subnet-b'], noMoreZones: true })).toEqual(['subnet-b']);
    expect(why('subnet-a', { present: ['subnet-b'], noMoreZones: true })).toMatch(/addresses are given/);
  });

  test('cannot be dualstack where a subnet of it has no IPv6 block', () => {
    const [first, ...others] = withIpv6(subnets);
    const all = [{ ...a('subnet-a'), ...first, ipv6Cidrs: [] }, ...others];
    expect(chosen({ addressType: 'dualstack', subnets: all, present: ['subnet-a', 'subnet-b'] }).faults).toEqual([
      'the balancer stands in subnet subnet-a: no IPv6 block',
    ]);
  });

  test('loses no zone because a subnet of it was not read', () => {
    expect(chosen({ present: ['subnet-a', 'subnet-x'] }).faults).toEqual([
      'the balancer stands in subnet subnet-x, which was not found',
    ]);
  });
});

describe('subnets that the operator names', () => {
  test('are the only ones, whether tagged or not, and not for the other side', () => {
    const all = [...subnets, a('subnet-e', {}, { Name: 'plain' })];
    const allowed = ['plain', 'subnet-b', 'subnet-d'];
    expect(ids({ subnets: all, allowed })).toEqual(['subnet-b', 'subnet-e']);
    expect(why('subnet-a', { subnets: all, allowed })).toBe('not among the operator’s subnets');
    expect(why('subnet-d', { subnets: all, allowed })).toBe('tagged kubernetes.io/role/internal-elb');
  });

  test('take no zone away from a balancer that exists', () => {
    expect(ids({ allowed: ['subnet-b'], present: ['subnet-a'] })).toEqual(['subnet-a', 'subnet-b']);
  });

  test('have to be there', () => {
    expect(chosen({ allowed: ['subnet-b', 'subnet-x'] }).faults).toEqual([
      'the operator’s config names subnet "subnet-x", which is not there',
    ]);
  });
});

describe('subnets that are named', () => {
  const all = [
    ...subnets,
    a('subnet-e', { freeAddresses: 3 }, { Name: 'private e' }),
    a('subnet-f', { vpcId: 'vpc-2' }),
    subnet('subnet-g', 'us-west-2-lax-1a', '10.0.9.0/24'),
    a('subnet-h', {}, { Name: 'twice' }),
    a('subnet-i', {}, { Name: 'twice' }),
    subnet('subnet-j', 'us-west-2c', '10.0.10.0/24', { Name: 'third' }),
  ];

  test('are taken in their order, whatever their tags', () => {
    expect(chosen({ subnets: all, wanted: ['third', 'subnet-d', 'subnet-c', 'third'] })).toMatchObject({
      chosen: [{ id: 'subnet-j' }, { id: 'subnet-d' }, { id: 'subnet-c' }],
      faults: [],
    });
    expect(why('subnet-a', { subnets: all, wanted: ['third'] })).toBe('not named');
  });

  test.each([
    ['is not there', ['subnet-x'], 'there is no subnet with id or Name "subnet-x"'],
    ['has a Name that two have', ['twice'], '2 subnets have the Name "twice" (subnet-h, subnet-i): use an id'],
    ['is in another VPC', ['subnet-f'], 'subnet subnet-f is in vpc-2, the balancer in vpc-1'],
    [
      'is in a zone that another is in',
      ['subnet-a', 'subnet-c'],
      'subnets subnet-a and subnet-c are both in us-west-2a: name one of them',
    ],
    ['is full', ['private e'], 'subnet subnet-e: 3 free addresses, 8 are needed'],
    [
      'is in another kind of zone',
      ['subnet-a', 'subnet-g'],
      'subnet subnet-g is in a zone of kind local-zone, subnet-a availability-zone: a balancer has one kind',
    ],
  ])('are refused when one %s', (_row, wanted, fault) => {
    expect(chosen({ subnets: all, wanted }).faults).toEqual([fault]);
  });

  test('are refused without an IPv6 block, with dualstack', () => {
    expect(chosen({ wanted: ['subnet-a'], addressType: 'dualstack' }).faults).toEqual([
      'subnet subnet-a: no IPv6 block',
    ]);
  });
});

test('a tag of the inside is not one of the outside', () => {
  expect(ids({ subnets: [a('s', {}, internalElb)], scheme: 'internet-facing' })).toEqual([]);
});
