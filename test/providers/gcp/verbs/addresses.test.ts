import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addressesOf, GcpRig, listeners, published, warningsOf } from '../../../support/gcp/gcp-rig.ts';

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

const external = { addressType: 'EXTERNAL', networkTier: 'PREMIUM' };
const names = (list: string) => ({ annotations: { 'networking.gke.io/load-balancer-ip-addresses': list } });
const value = (address: string) => ({ requestedAddresses: [address] });
const standard = { 'cloud.google.com/network-tier': 'Standard' };

describe('a reserved address', () => {
  test('is taken by value, with a create of three mutations and the firewall beside the rule', async () => {
    rig.reserve('mine', { ...external, address: '198.18.9.9' });
    await rig.ensure(rig.service(2));
    const mutations = await rig.mutationsOf(async () => {
      expect(addressesOf(await rig.ensure(rig.service(1, value('198.18.9.9'))))).toEqual(['198.18.9.9']);
    });
    expect(mutations).toHaveLength(3);
  });

  test('is taken by name, one for each family, in any order and with spaces', async () => {
    rig.reserve('four', { ...external, address: '198.18.9.9' });
    rig.reserve('six', { ...external, address: '2001:db8:1:2:8000:99::', ipVersion: 'IPV6', prefixLength: 96 });
    const wanted = rig.service(1, { ipFamilies: ['IPv4', 'IPv6'], ...names(' six, four') });
    expect(addressesOf(await rig.ensure(wanted))).toEqual(['198.18.9.9', '2001:db8:1:2:8000:99::']);
  });

  test('is the user’s: it stays when the Service goes, and while its ports change', async () => {
    rig.reserve('mine', { ...external, address: '198.18.9.9' });
    await rig.ensure(rig.service(1, names('mine')));
    const more = rig.service(1, { ...names('mine'), listeners: listeners({ TCP: [80, 443] }) });
    expect(addressesOf(await rig.ensure(more))).toEqual(['198.18.9.9']);
    await rig.delete(rig.service(1));
    expect(rig.counts()).toEqual({ addresses: 1 });
  });

  test('by name wins over one by value, and the user is told', async () => {
    rig.reserve('mine', { ...external, address: '198.18.9.9' });
    const answer = await rig.ensure(rig.service(1, { ...names('mine'), ...value('198.18.9.8') }));
    expect(addressesOf(answer)).toEqual(['198.18.9.9']);
    expect(warningsOf(answer)).toEqual(['MixedStaticIP']);
  });
});

describe('what does not fit is said before anything is made', () => {
  test.each([
    ['not reserved', {}, value('198.18.9.9'), /198.18.9.9 is not reserved in the region.*a global one cannot be used/],
    ['a name nobody has', {}, names('nobody'), /nobody is not reserved in the region/],
    ['internal', { addressType: 'INTERNAL' }, names('mine'), /mine is INTERNAL, and the Service is EXTERNAL/],
    ['of another tier', { networkTier: 'STANDARD' }, names('mine'), /is of tier STANDARD.*network-tier/],
    ['in use', { users: ['projects/x/regions/y/forwardingRules/other'] }, names('mine'), /is in use by other/],
    [
      'of a family that the Service has not',
      { address: '2001:db8::1' },
      names('mine'),
      /is of IPv6, which the Service has not/,
    ],
  ])('%s', async (_name, changes, asked, message) => {
    rig.reserve('mine', { ...external, address: '198.18.9.9', ...changes });
    if (asked === undefined || 'requestedAddresses' in asked) rig.remove('addresses', 'mine');
    const mutations = await rig.mutationsOf(() =>
      expect(rig.ensure(rig.service(1, asked))).rejects.toMatchObject({
        code: 'rejected',
        message: expect.stringMatching(message) as string,
      }),
    );
    expect(mutations).toEqual([]);
  });

  test('and once it is reserved, the next ensure takes it', async () => {
    await expect(rig.ensure(rig.service(1, value('198.18.9.9')))).rejects.toMatchObject({ code: 'rejected' });
    rig.reserve('mine', { ...external, address: '198.18.9.9' });
    expect(addressesOf(await rig.ensure(rig.service(1, value('198.18.9.9'))))).toEqual(['198.18.9.9']);
  });

  test('with the tier by annotation it fits', async () => {
    rig.reserve('mine', { addressType: 'EXTERNAL', networkTier: 'STANDARD', address: '198.19.9.9' });
    const { annotations } = names('mine');
    const wanted = rig.service(1, { annotations: { ...annotations, ...standard } });
    expect(addressesOf(await rig.ensure(wanted))).toEqual(['198.19.9.9']);
    expect(rig.only('forwardingRules')).toMatchObject({ networkTier: 'STANDARD' });
  });
});

describe('a published address stays', () => {
  test.each([
    ['another address is asked for', value('198.18.9.9'), 'AddressNotChanged'],
    ['another tier', { annotations: standard }, 'FixedAtCreation'],
    ['another scheme', { annotations: { 'networking.gke.io/load-balancer-type': 'Internal' } }, 'FixedAtCreation'],
  ])('when %s, with a Warning', async (_name, changes, warning) => {
    rig.reserve('mine', { ...external, address: '198.18.9.9' });
    const first = await rig.ensure(rig.service(1));
    const after = await rig.ensure(published(rig.service(1, changes), first));
    expect(addressesOf(after)).toEqual(addressesOf(first));
    expect(warningsOf(after)).toEqual([warning]);
    expect(rig.counts()).toMatchObject({ forwardingRules: 1, addresses: 1 });
  });
});

describe('an address that is kept', () => {
  const keep = { annotations: { 'fairlead.dev/gcp-keep-address': 'true' } };

  test('outlives the Service, is no orphan, and another one of the namespace can have it', async () => {
    const first = await rig.ensure(rig.service(1, keep));
    await rig.delete(rig.service(1));
    expect(rig.counts()).toEqual({ addresses: 1 });
    expect(await rig.list()).toEqual([]);
    const again = await rig.ensure(rig.service(2, value(addressesOf(first)[0] ?? '')));
    expect(addressesOf(again)).toEqual(addressesOf(first));
  });

  test('not one of another namespace', async () => {
    const first = await rig.ensure(rig.service(1, keep));
    await rig.delete(rig.service(1));
    const { service } = rig.service(2);
    const stranger = rig.service(2, {
      service: { ...service, namespace: 'other' },
      ...value(addressesOf(first)[0] ?? ''),
    });
    await expect(rig.ensure(stranger)).rejects.toThrow(/was kept for a Service of another namespace/);
  });

  test('is one that the Service has already, when the annotation comes later; without the annotation it is let go again', async () => {
    const first = await rig.ensure(rig.service(1));
    const kept = await rig.ensure(published(rig.service(1, keep), first));
    expect(addressesOf(kept)).toEqual(addressesOf(first));
    expect(rig.only('addresses')).toMatchObject({ address: addressesOf(first)[0] });
    const plain = await rig.ensure(published(rig.service(1), first));
    expect(addressesOf(plain)).toEqual(addressesOf(first));
    expect(rig.all('addresses')).toEqual([]);
  });
});
