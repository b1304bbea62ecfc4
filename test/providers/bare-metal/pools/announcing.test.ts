import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../providers/bare-metal/address/address.ts';
import { createProvider } from '../../../../providers/bare-metal/bare-metal.ts';
import { allowedOn, announcingOf } from '../../../../providers/bare-metal/pools/announcing.ts';
import { planPools, type Written } from '../../../../providers/bare-metal/pools/plan-pools.ts';
import type { Labels } from '../../../../providers/bare-metal/reading/label-selector.ts';
import type { Resource } from '../../../../src/provider/provider.ts';
import { pool, resource } from '../../../support/bare-metal-stage.ts';
import { silentContext } from '../../../support/provider-context.ts';

const select = (key: string, value: string) => ({ matchLabels: { [key]: value } });

function announcing(written: Partial<Written>, ip: string, labels: Labels = {}, isSharing = false) {
  const { set } = planPools({
    configured: [],
    addressPools: [],
    ipAddressPools: [],
    l2Advertisements: [],
    isEverythingKnown: true,
    ...written,
  });
  const address = parseAddress(ip);
  if (address === undefined) throw new Error(ip);
  return announcingOf(set, address, { labels, isSharing });
}

function on(written: Partial<Written>, node: Labels, labels: Labels = {}) {
  const answer = announcing(written, '10.0.0.1', labels);
  return 'ways' in answer ? allowedOn(answer.ways, node) : answer.reason;
}

describe('an address of a pool of ours', () => {
  const announce = { nodeSelectors: [select('rack', 'a'), select('rack', 'b')], interfaces: ['eth1'] };
  const addressPools = [pool('p', ['10.0.0.0/24'], { announce })];

  test('is announced on the nodes and interfaces that the pool names', () => {
    expect(on({ addressPools }, { rack: 'b' })).toEqual({ interfaces: ['eth1'], preference: 0 });
    expect(on({ addressPools }, { rack: 'c' })).toBeUndefined();
  });

  test('is announced anywhere where the pool names none', () => {
    expect(on({ configured: ['10.0.0.0/24'] }, {})).toEqual({ interfaces: undefined, preference: 0 });
  });

  test('prefers the nodes that the pool prefers, of those that may', () => {
    const preferred = { ...announce, preferredNodeSelectors: [{ weight: 9, preference: select('disk', 'fast') }] };
    const pools = { addressPools: [pool('p', ['10.0.0.0/24'], { announce: preferred })] };
    expect(on(pools, { rack: 'a', disk: 'fast' })).toMatchObject({ preference: 9 });
    expect(on(pools, { rack: 'a' })).toMatchObject({ preference: 0 });
    expect(on(pools, { disk: 'fast' })).toBeUndefined();
  });

  test('is not asked of L2Advertisements', () => {
    const l2Advertisements = [resource('l', { nodeSelectors: [select('rack', 'z')] })];
    expect(on({ configured: ['10.0.0.0/24'], l2Advertisements }, {})).toMatchObject({ preference: 0 });
  });
});

describe('an address of a MetalLB pool', () => {
  const ipAddressPools = [{ ...pool('m', ['10.0.0.0/24']), labels: { net: 'lan' } }];
  const by = (...specs: readonly object[]) => ({
    ipAddressPools,
    l2Advertisements: specs.map((spec, n) => resource(`l${n}`, spec)),
  });

  test.each([
    ['names nothing', {}],
    ['names it', { ipAddressPools: ['m'] }],
    ['selects it', { ipAddressPoolSelectors: [select('net', 'lan')] }],
    ['names another and selects it', { ipAddressPools: ['x'], ipAddressPoolSelectors: [select('net', 'lan')] }],
  ])('is announced where an L2Advertisement %s: %j', (_how, spec) => {
    expect(announcing(by(spec), '10.0.0.1')).toEqual({
      id: 'by l0',
      ways: [expect.objectContaining({ name: 'l0' })],
    });
  });

  test.each([
    ['names another', { ipAddressPools: ['x'] }],
    ['selects another', { ipAddressPoolSelectors: [select('net', 'wan')] }],
  ])('is not where it %s: %j', (_how, spec) => {
    expect(announcing(by(spec), '10.0.0.1')).toEqual({ reason: 'no L2Advertisement selects the pool m' });
  });

  test('is announced nowhere while the L2Advertisements are not known', () => {
    expect(on({ ipAddressPools, l2Advertisements: undefined }, {})).toBe('the L2Advertisements are not known');
  });

  test('is announced on every interface that one of them names, and on any where one names none', () => {
    const [a, b] = [{ interfaces: ['eth1'] }, { interfaces: ['eth0'], nodeSelectors: [select('rack', 'a')] }];
    expect(on(by(a, b), { rack: 'a' })).toMatchObject({ interfaces: ['eth0', 'eth1'] });
    expect(on(by(a, b), {})).toMatchObject({ interfaces: ['eth1'] });
    expect(on(by(a, {}), {})).toMatchObject({ interfaces: undefined });
  });

  test('prefers nodes by the sum of the weights of all that match', () => {
    const preferred = (weight: number, rack: string) => ({
      preferredNodeSelectors: [{ weight, preference: select('rack', rack) }],
    });
    const written = by(preferred(60, 'a'), preferred(50, 'a'), preferred(60, 'b'));
    expect(['a', 'b', 'c'].map(rack => on(written, { rack }))).toMatchObject([
      { preference: 110 },
      { preference: 60 },
      { preference: 0 },
    ]);
  });

  test('is announced for the Services that are selected', () => {
    const written = by({ serviceSelectors: [select('app', 'a')] });
    expect(on(written, {}, { app: 'a' })).toMatchObject({ preference: 0 });
    expect(on(written, {}, { app: 'b' })).toBe('no L2Advertisement of the pool m selects this Service');
  });

  test('is not announced for sharers by one that chooses among Services', () => {
    const chooses = { serviceSelectors: [select('app', 'a')], interfaces: ['eth9'] };
    const shared = announcing(by(chooses), '10.0.0.1', { app: 'a' }, true);
    expect(shared).toMatchObject({ reason: expect.stringContaining('chooses among Services') as unknown });
    const plain = announcing(by(chooses, { interfaces: ['eth0'] }), '10.0.0.1', { app: 'a' }, true);
    expect('ways' in plain ? allowedOn(plain.ways, {}) : plain).toMatchObject({ interfaces: ['eth0'] });
  });
});

test('an address of no pool is announced anywhere: it is published', () => {
  expect(on({}, {})).toEqual({ interfaces: undefined, preference: 0 });
});

describe('in the role of a speaker', () => {
  function speaker(views: Readonly<Record<string, readonly Resource[]>>) {
    const named: string[] = [];
    const provider = createProvider(
      silentContext({
        role: 'speaker',
        resources: ({ plural }) => {
          named.push(plural);
          return { items: views[plural], problem: undefined };
        },
      }),
    );
    const advertisement = (address: string, annotations: Labels = {}) =>
      provider.advertisement?.(address, { namespace: 'ns1', name: 's', labels: {}, annotations });
    return { named, advertisement };
  }

  test('the provider watches pools and nothing else', () => {
    expect(speaker({}).named).toEqual(['addresspools', 'ipaddresspools', 'l2advertisements']);
  });

  test('it says where an address may be announced, alike for alike', () => {
    const announce = { nodeSelectors: [select('rack', 'a')], interfaces: ['eth1'] };
    const { advertisement } = speaker({
      addresspools: [pool('p', ['10.0.0.0/24'], { announce }), pool('q', ['10.0.1.0/24'])],
    });
    expect(advertisement('10.0.0.1')?.id).toBe(advertisement('10.0.0.2')?.id);
    expect(advertisement('10.0.0.1')?.interfacesOn({ rack: 'a' })).toEqual(['eth1']);
    expect(advertisement('10.0.0.1')?.interfacesOn({})).toBeUndefined();
    expect(advertisement('10.0.1.1')?.id).not.toBe(advertisement('10.0.0.1')?.id);
    expect(advertisement('10.0.1.1')?.interfacesOn({})).toEqual([]);
  });

  test('it says why an address may not be announced at all', () => {
    const { advertisement } = speaker({
      ipaddresspools: [pool('m', ['10.0.0.0/24'])],
      l2advertisements: [resource('l', { serviceSelectors: [select('app', 'a')] })],
    });
    const shared = advertisement('10.0.0.1', { 'metallb.io/allow-shared-ip': 'k' });
    expect(shared).toMatchObject({ reason: expect.stringContaining('chooses among Services') as unknown });
    expect(shared?.interfacesOn({})).toBeUndefined();
    expect(advertisement('10.0.0.1')?.reason).toBe('no L2Advertisement of the pool m selects this Service');
  });
});
