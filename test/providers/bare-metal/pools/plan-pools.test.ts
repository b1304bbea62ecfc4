import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../providers/bare-metal/address/address.ts';
import { planPools, type Written } from '../../../../providers/bare-metal/pools/plan-pools.ts';
import type { Resource } from '../../../../src/provider/provider.ts';
import { pool, resource } from '../../../support/bare-metal-stage.ts';

const none: Written = {
  configured: [],
  addressPools: [],
  ipAddressPools: [],
  l2Advertisements: [],
  isEverythingKnown: true,
};

function plan(written: Partial<Written>) {
  const { set, faults } = planPools({ ...none, ...written });
  return { names: set.pools.map(({ name }) => name), faults: faults.map(({ message }) => message), set };
}

function ownerOf(written: Partial<Written>, text: string): string | undefined {
  const address = parseAddress(text);
  return address === undefined ? 'no address' : plan(written).set.poolOf(address)?.name;
}

describe('pools of the configuration', () => {
  test('are ranges, whose text is their name, or objects', () => {
    const configured = ['198.18.0.0/24', { name: 'lan', addresses: ['10.0.0.1-10.0.0.9', '2001:db8::/64'] }];
    expect(plan({ configured })).toMatchObject({ names: ['198.18.0.0/24', 'lan'], faults: [] });
    expect(ownerOf({ configured }, '198.18.0.255')).toBe('198.18.0.0/24');
    expect(ownerOf({ configured }, '2001:db8::ffff')).toBe('lan');
    expect(ownerOf({ configured }, '10.0.0.10')).toBeUndefined();
  });

  test.each<[unknown, string]>([
    [7, 'pools[0] must be an object'],
    ['10.0.0.1/24', 'addresses: "10.0.0.1/24" has host bits set: the network is 10.0.0.0/24'],
    [{ addresses: ['10.0.0.0/24'] }, 'pools[0].name is missing: Services ask for a pool by its name'],
    [{ name: 'a' }, 'pools[0].addresses is empty: give at least one range'],
    [{ name: 'a', addresses: [] }, 'pools[0].addresses is empty: give at least one range'],
    [{ name: 'a', addresses: '10.0.0.0/24' }, 'pools[0].addresses must be a list of at most 1000'],
    [{ name: 'a', addresses: [7] }, 'pools[0].addresses must be a list of texts of at most 320 characters'],
    [
      { name: 'a', addresses: ['10.0.0.0/24'], autoassign: false },
      'pools[0].autoassign is not known: use name, addresses, autoAssign, avoidBuggyIPs, sharedAcrossNamespaces, reserved, allocateTo, announce',
    ],
    [{ name: 'a', addresses: ['10.0.0.0/24'], autoAssign: 'no' }, 'pools[0].autoAssign must be true or false'],
    [{ name: 'a', addresses: ['10.0.0.0/24'], reserved: ['10.0.0.300'] }, 'reserved: "10.0.0.300" is no CIDR'],
    [
      { name: 'a', addresses: ['10.0.0.0/24'], allocateTo: { priority: -1 } },
      'pools[0].allocateTo.priority must be a whole number from 0 to 2147483647',
    ],
    [
      { name: 'a', addresses: ['10.0.0.0/24'], allocateTo: { serviceSelectors: [{ matchLabels: { a: 1 } }] } },
      'pools[0].allocateTo.serviceSelectors must be a list of label selectors, each with matchLabels or matchExpressions',
    ],
    [
      {
        name: 'a',
        addresses: ['10.0.0.0/24'],
        allocateTo: { namespaceSelectors: [{ matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }] },
      },
      'pools[0].allocateTo.namespaceSelectors has the selector a in ["b"] twice',
    ],
    [
      {
        name: 'a',
        addresses: ['10.0.0.0/24'],
        announce: { nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Near' }] }] },
      },
      'pools[0].announce.nodeSelectors must be a list of label selectors, each with matchLabels or matchExpressions',
    ],
  ])('%j is refused', (one, fault) => {
    const { names, faults } = plan({ configured: [one] });
    expect(names).toEqual([]);
    expect(faults.join()).toContain(fault);
  });
});

describe('a whole change', () => {
  test.each<[string, Partial<Written>, string]>([
    [
      'two pools that overlap',
      { addressPools: [pool('a', ['10.0.0.0/24']), pool('b', ['10.0.0.255-10.0.1.0'])] },
      '10.0.0.255-10.0.1.0 of AddressPool b overlaps with 10.0.0.0/24 of AddressPool a: give each address to one pool',
    ],
    [
      'one pool that overlaps with itself',
      { addressPools: [pool('a', ['10.0.0.0/24', '10.0.0.7'])] },
      '10.0.0.7 of AddressPool a overlaps with 10.0.0.0/24 of AddressPool a: give each address to one pool',
    ],
    [
      'a pool of the configuration and one of MetalLB that overlap',
      { configured: ['10.0.0.0/24'], ipAddressPools: [pool('m', ['10.0.0.0/25'])] },
      '10.0.0.0/25 of IPAddressPool m overlaps with 10.0.0.0/24 of pool 10.0.0.0/24 of the configuration: give each address to one pool',
    ],
    [
      'two pools of one name',
      { configured: [{ name: 'a', addresses: ['10.0.0.0/24'] }], addressPools: [pool('a', ['10.0.1.0/24'])] },
      'there are two pools of the name a: pool a of the configuration and AddressPool a; rename one',
    ],
    [
      'a range that is none',
      { addressPools: [pool('a', ['10.0.0.9-10.0.0.1'])] },
      'AddressPool a: addresses: "10.0.0.9-10.0.0.1" is the wrong way round: write the lower address first',
    ],
    [
      'an L2Advertisement that cannot be read',
      { l2Advertisements: [resource('l', { nodeSelectors: 'x' })] },
      'L2Advertisement l: spec.nodeSelectors must be a list of at most 100',
    ],
  ])('with %s is a fault, and nobody else is harmed', (_what, written, message) => {
    const sound = pool('sound', ['172.16.0.0/24']);
    const { names, faults, set } = plan({ ...written, addressPools: [...(written.addressPools ?? []), sound] });
    expect(faults).toEqual([message]);
    expect(names).toEqual(['sound']);
    expect(set.isComplete).toBe(false);
  });

  test('an object that is anything at all is a fault at most', () => {
    for (const spec of [undefined, null, 7, 'x', [], {}, { addresses: null }, { addresses: [null] }, { addresses: {} }])
      expect(plan({ addressPools: [resource('a', spec)] }).faults).toHaveLength(1);
  });
});

describe('MetalLB’s pools', () => {
  test('count, with serviceAllocation, until a pool of ours has their name', () => {
    const theirs = pool('m', ['10.0.0.0/24'], { serviceAllocation: { priority: 3, namespaces: ['ns1'] } });
    const before = plan({ ipAddressPools: [theirs] });
    expect(before.set.named('m')).toMatchObject({
      allocateTo: { priority: 3, namespaces: ['ns1'] },
      sharedAcrossNamespaces: false,
    });
    const after = plan({ ipAddressPools: [theirs], addressPools: [pool('m', ['10.0.0.0/24'])] });
    expect(after).toMatchObject({ names: ['m'], faults: [] });
    expect(after.set.named('m')?.origin?.kind).toBe('AddressPool');
  });

  test('are shared across namespaces where a label says so', () => {
    const labels = { 'fairlead.dev/shared-across-namespaces': 'true' };
    const theirs: Resource = { ...pool('m', ['10.0.0.0/24']), labels };
    expect(plan({ ipAddressPools: [theirs] }).set.named('m')?.sharedAcrossNamespaces).toBe(true);
  });
});

describe('reserved addresses', () => {
  test('are in no pool, though the pool that has them is known', () => {
    const configured = [{ name: 'a', addresses: ['10.0.0.0/29'], reserved: ['10.0.0.0/31', '10.0.0.5', '1.1.1.1'] }];
    const given = [0, 1, 2, 3, 4, 5, 6, 7].filter(n => ownerOf({ configured }, `10.0.0.${n}`) === 'a');
    expect(given).toEqual([2, 3, 4, 6, 7]);
    const address = parseAddress('10.0.0.5');
    expect(address && plan({ configured }).set.poolAround(address)?.name).toBe('a');
  });
});
