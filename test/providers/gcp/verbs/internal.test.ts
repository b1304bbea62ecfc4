import { afterEach, beforeEach, expect, test } from 'vitest';
import { addressesOf, GcpRig, listeners, published, warningsOf } from '../../../support/gcp/gcp-rig.ts';

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

const type = { 'networking.gke.io/load-balancer-type': 'Internal' };
const internal = (ports: readonly number[] = [80], more: Readonly<Record<string, string>> = {}) =>
  rig.service(1, { annotations: { ...type, ...more }, listeners: listeners({ TCP: ports }) });

test('an internal balancer has the same parts, an address of the subnetwork, and no tier', async () => {
  const answer = await rig.ensure(internal());
  expect(addressesOf(answer)[0]).toMatch(/^10\.0\./);
  expect(rig.only('forwardingRules')).toMatchObject({ loadBalancingScheme: 'INTERNAL', ports: ['80'] });
  expect(rig.only('backendServices')).toMatchObject({ loadBalancingScheme: 'INTERNAL' });
  await rig.delete(internal());
  expect(rig.counts()).toEqual({});
});

test('six ports are all of them, which the user is told; five again are a list, at the same address', async () => {
  const first = await rig.ensure(internal([1, 2, 3, 4, 5, 6]));
  expect(rig.only('forwardingRules')).toMatchObject({ allPorts: true });
  expect(rig.only('forwardingRules')).not.toHaveProperty('ports');
  expect(warningsOf(first)).toEqual(['PortsInForwardingRules']);
  const after = await rig.ensure(published(internal([1, 2, 3, 4, 5]), first));
  expect(addressesOf(after)).toEqual(addressesOf(first));
  expect(rig.only('forwardingRules')).toMatchObject({ ports: ['1', '2', '3', '4', '5'] });
  expect(rig.all('addresses')).toEqual([]);
});

test('a port more keeps the address', async () => {
  const first = await rig.ensure(internal());
  const after = await rig.ensure(published(internal([80, 443]), first));
  expect(addressesOf(after)).toEqual(addressesOf(first));
  expect(rig.only('forwardingRules')).toMatchObject({ ports: ['80', '443'] });
});

test('global access is a patch, and the address stays', async () => {
  const first = await rig.ensure(internal());
  const open = published(
    internal([80], { 'networking.gke.io/internal-load-balancer-allow-global-access': 'true' }),
    first,
  );
  expect(await rig.mutationsOf(() => rig.ensure(open))).toEqual(['forwardingRules.patch']);
  expect(rig.only('forwardingRules')).toMatchObject({ allowGlobalAccess: true });
  expect(await rig.mutationsOf(() => rig.ensure(published(internal(), first)))).toEqual(['forwardingRules.patch']);
});

test('TCP and UDP are one rule for everything', async () => {
  await rig.ensure(rig.service(1, { annotations: type, listeners: listeners({ TCP: [80], UDP: [53] }) }));
  expect(rig.only('forwardingRules')).toMatchObject({ IPProtocol: 'L3_DEFAULT', allPorts: true });
});

test('an address of the subnetwork that nobody has is given as it is asked for', async () => {
  expect(addressesOf(await rig.ensure({ ...internal(), requestedAddresses: ['10.0.15.7'] }))).toEqual(['10.0.15.7']);
});

test('one outside it is refused, and is no loop', async () => {
  await expect(rig.ensure({ ...internal(), requestedAddresses: ['192.0.2.7'] })).rejects.toMatchObject({
    code: 'rejected',
  });
});
