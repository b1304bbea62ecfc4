import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { addressesOf, GcpRig, listeners, published, warningsOf } from '../../../support/gcp/gcp-rig.ts';
import { servedBy } from '../../../support/gcp/world/served.ts';

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

const annotations = { 'fairlead.dev/gcp-mode': 'proxy' };
const proxied = (n: number, ports: readonly number[] = [80], changes: Partial<LoadBalancer> = {}) =>
  rig.service(n, { annotations, listeners: listeners({ TCP: ports }), ...changes });
const served = () => servedBy(rig.gce.world, rig.gce.world.store.all('forwardingRules'));
const namedPorts = () =>
  rig
    .all('instanceGroups')
    .map(({ namedPorts: ports = [] }) => (ports as readonly { port: number }[]).map(({ port }) => port));

test('traffic comes from proxies, at the node ports', async () => {
  const answer = await rig.ensure(proxied(1));
  expect(answer.ingress).toEqual([{ ip: expect.stringMatching(/^198\.18\./) as string, ipMode: 'Proxy' }]);
  expect(rig.provider.needs(proxied(1))).toEqual({ nodePorts: true });
  expect(rig.counts()).toEqual({
    backendServices: 1,
    firewalls: 2,
    forwardingRules: 1,
    healthChecks: 1,
    instanceGroups: 2,
    targetTcpProxies: 1,
  });
  expect(served()).toEqual([{ protocol: 'TCP', port: 80, nodePort: 30_080, backends: ['n1', 'n2'], sourceRanges: [] }]);
  const nodes = rig.all('firewalls').find(({ name }) => String(name).endsWith('-fw-v4'));
  expect(nodes).toMatchObject({ sourceRanges: ['10.129.0.0/23'], allowed: [{ IPProtocol: 'tcp', ports: ['30080'] }] });
  expect(await rig.requestsOf(() => rig.ensure(published(proxied(1), answer)))).toEqual([]);
  await rig.delete(proxied(1));
  expect(rig.counts()).toEqual({});
});

test('each port has a rule, a proxy and a backend service of its own, on one address, and goes with them', async () => {
  const first = await rig.ensure(proxied(1, [80, 443]));
  expect(rig.counts()).toMatchObject({ forwardingRules: 2, targetTcpProxies: 2, backendServices: 2, addresses: 1 });
  expect(new Set(rig.all('forwardingRules').map(({ IPAddress }) => IPAddress)).size).toBe(1);
  const fewer = await rig.ensure(published(proxied(1, [443]), first));
  expect(addressesOf(fewer)).toEqual(addressesOf(first));
  expect(rig.counts()).toMatchObject({ forwardingRules: 1, targetTcpProxies: 1, backendServices: 1 });
  expect(rig.all('addresses')).toEqual([]);
  const other = await rig.ensure(published(proxied(1, [8080]), first));
  expect(addressesOf(other)).toEqual(addressesOf(first));
  expect(served().map(({ port }) => port)).toEqual([8080]);
  await rig.delete(proxied(1));
  expect(rig.counts()).toEqual({});
});

test('another node port is another name in the groups, and a patch', async () => {
  const first = await rig.ensure(proxied(1));
  const [listener] = proxied(1).listeners;
  if (listener === undefined) throw new Error('one listener');
  await rig.ensure(published(proxied(1, [80], { listeners: [{ ...listener, nodePort: 31_234 }] }), first));
  expect(served()).toMatchObject([{ port: 80, nodePort: 31_234 }]);
});

test('the names of node ports are those of all Services together, and others’ stay', async () => {
  await Promise.all([1, 2, 3].map(n => rig.ensure(proxied(n, [80 + n]))));
  expect(namedPorts()).toEqual([
    [30_081, 30_082, 30_083],
    [30_081, 30_082, 30_083],
  ]);
  for (const { fields } of rig.gce.world.store.all('instanceGroups').map(group => ({ fields: group })))
    fields.fields = {
      ...fields.fields,
      namedPorts: [...(fields.fields['namedPorts'] as object[]), { name: 'http', port: 8_080 }],
    };
  await rig.delete(proxied(2, [82]));
  expect(namedPorts()).toEqual([
    [8_080, 30_081, 30_083],
    [8_080, 30_081, 30_083],
  ]);
});

test('it stands beside balancers that pass through, over the same groups', async () => {
  await rig.ensure(rig.service(1));
  await rig.ensure(proxied(2));
  expect(rig.counts()).toMatchObject({ instanceGroups: 2, healthChecks: 1, backendServices: 2 });
  await rig.delete(rig.service(1));
  await rig.delete(proxied(2));
  expect(rig.counts()).toEqual({});
});

test('a restart changes nothing, and finishes what was half made', async () => {
  const held = published(proxied(1, [80, 443]), await rig.ensure(proxied(1, [80, 443])));
  await rig.restart([held]);
  expect(await rig.mutationsOf(() => rig.ensure(held))).toEqual([]);
  for (let n = 1; n < 40; n++) {
    const call = rig.callUntil(n);
    const wanted = proxied(n + 1, [22, 8080]);
    await rig.ensure(wanted, call).catch(() => undefined);
    await rig.restart([held]);
    await rig.ensure(wanted);
    expect(served(), `after request ${n}`).toHaveLength(4);
    await rig.delete(wanted);
    expect(rig.counts()).toMatchObject({ forwardingRules: 2, targetTcpProxies: 2, backendServices: 2, addresses: 1 });
    if (!call.signal.aborted) break;
  }
  await rig.delete(held);
  expect(rig.counts()).toEqual({});
});

describe('what proxies cannot do is refused', () => {
  test.each([
    ['UDP', { listeners: listeners({ UDP: [53] }) }, /proxies take TCP only/],
    ['IPv6', { ipFamilies: ['IPv6'] }, /proxies take IPv4 only/],
    ['source ranges', { sourceRanges: ['10.0.0.0/8'] }, /nobody enforces source ranges/],
    [
      'an internal address',
      { annotations: { ...annotations, 'networking.gke.io/load-balancer-type': 'Internal' } },
      /external only/,
    ],
  ] as const)('%s', async (_name, changes, message) => {
    const refusal = { code: 'unsupported', message: expect.stringMatching(message) as string };
    await expect(rig.ensure(proxied(1, [80], changes))).rejects.toMatchObject(refusal);
    expect(rig.counts()).toEqual({});
  });

  test('without a subnetwork for proxies, with the remedy', async () => {
    rig.remove('subnetworks', 'proxies');
    await expect(rig.ensure(proxied(1))).rejects.toThrow(/create one of purpose REGIONAL_MANAGED_PROXY/);
    await rig.delete(proxied(1));
    expect(rig.counts()).toEqual({});
  });
});

test('the mode of a published balancer stays, with a Warning', async () => {
  const first = await rig.ensure(rig.service(1));
  const after = await rig.ensure(published(proxied(1), first));
  expect(addressesOf(after)).toEqual(addressesOf(first));
  expect(warningsOf(after)).toEqual(['FixedAtCreation']);
  expect(rig.provider.needs(published(proxied(1), first))).toEqual({ nodePorts: false });
});
