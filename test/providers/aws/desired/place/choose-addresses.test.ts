import { describe, expect, test } from 'vitest';
import {
  type AddressesInput,
  chooseAddresses,
  lateAddresses,
} from '../../../../../providers/aws/desired/place/choose-addresses.ts';
import { type Asked, settings, subnets, withIpv6 } from '../../samples.ts';

const chosen = (asked: Asked, more: Partial<AddressesInput> = {}) =>
  chooseAddresses({
    settings: settings(asked),
    scheme: 'internet-facing',
    addressType: 'ipv4',
    subnets: subnets.slice(0, 2),
    ...more,
  });

const inside = { scheme: 'internal', subnets: subnets.slice(2) } as const;
const six = { addressType: 'dualstack', subnets: withIpv6(subnets.slice(0, 2)) } as const;

test('without a wish AWS chooses', () => {
  expect(chosen({})).toEqual({
    mappings: [
      { subnetId: 'subnet-a', zone: 'us-west-2a' },
      { subnetId: 'subnet-b', zone: 'us-west-2b' },
    ],
    faults: [],
  });
});

test('elastic addresses belong to the subnets in their order', () => {
  const asked = { 'eip-allocations': 'eipalloc-1,eipalloc-2' };
  const shown = (choice: ReturnType<typeof chosen>) => choice.mappings.map(one => [one.subnetId, one.allocationId]);
  expect(shown(chosen(asked))).toEqual([
    ['subnet-a', 'eipalloc-1'],
    ['subnet-b', 'eipalloc-2'],
  ]);
  expect(shown(chosen(asked, { subnets: subnets.slice(0, 2).toReversed() }))).toEqual([
    ['subnet-a', 'eipalloc-2'],
    ['subnet-b', 'eipalloc-1'],
  ]);
});

test.each(['10.0.2.10,10.0.3.10', '10.0.3.10,10.0.2.10'])('private addresses %s find their subnets', addresses => {
  expect(chosen({ 'private-ipv4-addresses': addresses }, inside)).toMatchObject({
    mappings: [
      { subnetId: 'subnet-c', privateIpv4: '10.0.2.10' },
      { subnetId: 'subnet-d', privateIpv4: '10.0.3.10' },
    ],
    faults: [],
  });
});

test('so do IPv6 addresses', () => {
  expect(chosen({ 'ipv6-addresses': '2001:db8:0:2::5,2001:db8:0:1::5' }, six)).toMatchObject({
    mappings: [{ ipv6: '2001:db8:0:1::5' }, { ipv6: '2001:db8:0:2::5' }],
    faults: [],
  });
});

describe('is refused:', () => {
  test.each([
    [
      'elastic addresses inside',
      { 'eip-allocations': 'eipalloc-1,eipalloc-2' },
      inside,
      /an internal balancer has no elastic addresses/,
    ],
    [
      'too few',
      { 'eip-allocations': 'eipalloc-1' },
      {},
      /1 addresses for 2 subnets \(subnet-a, subnet-b\): give one for each/,
    ],
    [
      'private addresses outside',
      { 'private-ipv4-addresses': '10.0.0.10,10.0.1.10' },
      {},
      /for internal balancers only/,
    ],
    [
      'one that is in no subnet',
      { 'private-ipv4-addresses': '10.0.2.10,10.9.0.1' },
      inside,
      /10\.9\.0\.1 is in none of subnet-c \(10\.0\.2\.0\/24\), subnet-d \(10\.0\.3\.0\/24\)/,
    ],
    [
      'two in one subnet',
      { 'private-ipv4-addresses': '10.0.2.10,10.0.2.11' },
      inside,
      /10\.0\.2\.10 and 10\.0\.2\.11 are both in subnet-c/,
    ],
    [
      'IPv6 without dualstack',
      { 'ipv6-addresses': '2001:db8:0:1::5,2001:db8:0:2::5' },
      {},
      /for dualstack balancers only/,
    ],
  ] as const)('%s', (_row, asked, more, fault) => {
    expect(chosen(asked, more).faults).toEqual([expect.stringMatching(fault)]);
  });
});

describe('an address that comes too late:', () => {
  const at = (subnetId: string, allocationId?: string) => ({
    subnetId,
    zone: 'us-west-2a',
    ...(allocationId !== undefined && { allocationId }),
  });

  test.each([
    ['another', [at('a', 'e2')], [at('a', 'e1')], ['elasticAddresses']],
    ['one where there was none', [at('a', 'e1')], [at('a')], ['elasticAddresses']],
    ['not the same', [at('a', 'e1')], [at('a', 'e1')], []],
    ['not for a new zone', [at('a', 'e1'), at('b', 'e2')], [at('a', 'e1')], []],
    ['not where nobody asks any more', [at('a')], [at('a', 'e1')], []],
    ['not where it is not known', [at('a', 'e1')], undefined, []],
  ] as const)('%s', (_row, wanted, present, names) => {
    expect(lateAddresses(wanted, present)).toEqual(names);
  });
});
