import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { addressesOf, GcpRig, listeners, published } from '../../../support/gcp/gcp-rig.ts';

/** The figures of the provider: how many requests each operation makes. Here the counts are the feature. */

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

const isMutation = (method: string): boolean => !/\.(?:get|list|wait|listInstances)$/.test(method);

describe('with the shared parts there', () => {
  beforeEach(async () => {
    await rig.ensure(rig.service(1));
  });

  test('a create is three mutations, and seven requests in all', async () => {
    const requests = await rig.requestsOf(() => rig.ensure(rig.service(2)));
    expect(requests.filter(isMutation)).toEqual([
      'backendServices.insert',
      'forwardingRules.insert',
      'firewalls.insert',
    ]);
    expect(requests).toHaveLength(7);
  });

  test('asked again, before and after the address is published: no request', async () => {
    const first = await rig.ensure(rig.service(2));
    expect(await rig.requestsOf(() => rig.ensure(rig.service(2)))).toEqual([]);
    expect(await rig.requestsOf(() => rig.ensure(published(rig.service(2), first)))).toEqual([]);
  });

  test('a deletion has a mutation for each object owned, and reads nothing', async () => {
    await rig.ensure(rig.service(2));
    const requests = await rig.requestsOf(() => rig.delete(rig.service(2)));
    expect(requests.filter(isMutation).toSorted()).toEqual([
      'backendServices.delete',
      'firewalls.delete',
      'forwardingRules.delete',
    ]);
    expect(requests).toHaveLength(6);
  });

  test('source ranges are one mutation', async () => {
    const made = await rig.ensure(rig.service(1));
    const changed = rig.service(1, { sourceRanges: ['10.0.0.0/8'], ingress: made.ingress });
    expect(await rig.mutationsOf(() => rig.ensure(changed))).toEqual(['firewalls.patch']);
  });
});

test('the first create makes the shared parts too', async () => {
  const mutations = await rig.mutationsOf(() => rig.ensure(rig.service(1)));
  expect(mutations.toSorted()).toEqual([
    'backendServices.insert',
    'firewalls.insert',
    'firewalls.insert',
    'forwardingRules.insert',
    'healthChecks.insert',
    'instanceGroups.addInstances',
    'instanceGroups.addInstances',
    'instanceGroups.insert',
    'instanceGroups.insert',
  ]);
});

test('the shared parts go with the last Service', async () => {
  await rig.ensure(rig.service(1));
  const mutations = await rig.mutationsOf(() => rig.delete(rig.service(1)));
  expect(mutations.toSorted()).toEqual([
    'backendServices.delete',
    'firewalls.delete',
    'firewalls.delete',
    'forwardingRules.delete',
    'healthChecks.delete',
    'instanceGroups.delete',
    'instanceGroups.delete',
  ]);
  expect(rig.counts()).toEqual({});
});

test('nodes that come and go are one call for each zone, for all Services together', async () => {
  for (let n = 1; n <= 20; n++) await rig.ensure(rig.service(n));
  const ensureAll = async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => rig.ensure(rig.service(n + 1))));
  };
  rig.nodes = [...rig.nodes, rig.node('n3', 0), rig.node('n4', 1)];
  expect(await rig.mutationsOf(ensureAll)).toEqual(['instanceGroups.addInstances', 'instanceGroups.addInstances']);
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1', 'n3'], 'europe-west1-c': ['n2', 'n4'] });
  rig.nodes = rig.nodes.filter(({ node }) => node !== 'n3');
  expect(await rig.mutationsOf(ensureAll)).toEqual(['instanceGroups.removeInstances']);
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2', 'n4'] });
});

describe('a list of ports that changes keeps the address', () => {
  const ports = async (from: readonly number[], to: readonly number[], annotations = {}) => {
    const before = rig.service(1, { listeners: listeners({ TCP: from }), annotations });
    const first = await rig.ensure(before);
    const after = published({ ...before, listeners: listeners({ TCP: to }) }, first);
    const mutations = await rig.mutationsOf(async () => {
      expect(addressesOf(await rig.ensure(after))).toEqual(addressesOf(first));
    });
    return mutations.toSorted();
  };

  test('a port less is the firewall’s: one mutation, and no traffic stops', async () => {
    expect(await ports([80, 443], [80])).toEqual(['firewalls.patch']);
  });

  test('a port more is a rule more: two mutations where the address is reserved', async () => {
    expect(await ports([80], [80, 443], { 'fairlead.dev/gcp-keep-address': 'true' })).toEqual([
      'firewalls.patch',
      'forwardingRules.insert',
    ]);
  });

  test('and the reservation beside them where it is not, since the API gives no second rule an address otherwise', async () => {
    expect(await ports([80], [80, 443])).toEqual(['addresses.insert', 'firewalls.patch', 'forwardingRules.insert']);
    const wanted = rig.service(1, { listeners: listeners({ TCP: [80, 443, 8080] }) });
    expect((await rig.mutationsOf(() => rig.ensure(wanted))).toSorted()).toEqual([
      'firewalls.patch',
      'forwardingRules.insert',
    ]);
  });

  test('one rule for all ports: one mutation, whatever changes', async () => {
    const annotations = { 'fairlead.dev/gcp-ports': 'all' };
    expect(await ports([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7], annotations)).toEqual(['firewalls.patch']);
  });
});

test('a restart with many healthy Services lists each kind once, and changes nothing', async () => {
  const held: LoadBalancer[] = [];
  for (let n = 1; n <= 40; n++) held.push(published(rig.service(n), await rig.ensure(rig.service(n))));
  const requests = await rig.requestsOf(async () => {
    await rig.restart(held);
    await Promise.all(held.map(one => rig.ensure(one)));
  });
  expect(requests.filter(isMutation)).toEqual([]);
  const counts = Object.groupBy(requests, method => method);
  expect(Object.fromEntries(Object.entries(counts).map(([method, all = []]) => [method, all.length]))).toEqual({
    'addresses.list': 1,
    'backendServices.list': 1,
    'firewalls.list': 1,
    'forwardingRules.list': 1,
    'healthChecks.list': 1,
    'targetTcpProxies.list': 1,
    'instanceGroups.list': 2,
    'instanceGroups.listInstances': 2,
  });
});

test('fifty Services at once share one health check and one group for each zone, and no 409 comes up', async () => {
  const services = Array.from({ length: 50 }, (_, n) => rig.service(n + 1));
  const answers = await Promise.all(services.map(one => rig.ensure(one)));
  expect(new Set(answers.flatMap(addressesOf)).size).toBe(50);
  expect(rig.counts()).toEqual({
    healthChecks: 1,
    instanceGroups: 2,
    backendServices: 50,
    forwardingRules: 50,
    firewalls: 51,
  });
  expect(rig.gce.journal.entries.filter(({ status }) => status >= 400)).toEqual([]);
  await Promise.all(services.map(one => rig.delete(one)));
  expect(rig.counts()).toEqual({});
});
