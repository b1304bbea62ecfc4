import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { addressesOf, GcpRig, listeners, published, warningsOf } from '../../../support/gcp/gcp-rig.ts';

let rig: GcpRig;
beforeEach(async () => {
  rig = await GcpRig.open();
});
afterEach(() => rig.close());

/** From one state to another, at the same address. */
async function become(from: Partial<LoadBalancer>, to: Partial<LoadBalancer>) {
  const first = await rig.ensure(rig.service(1, from));
  const after = await rig.ensure(published(rig.service(1, to), first));
  expect(addressesOf(after)).toEqual(addressesOf(first));
  return after;
}

const traffic = () => rig.all('firewalls').find(({ name }) => String(name).endsWith('-fw-v4'));
const probes = () => rig.all('firewalls').find(({ name }) => String(name).endsWith('-hc-v4'));
const linkOf = (path: string) => expect.stringMatching(new RegExp(`${path}$`)) as string;

test('one port is one rule, one backend service over a group in each zone, one health check, one rule of the firewall', async () => {
  const { ingress } = await rig.ensure(rig.service(1));
  const rule = rig.only('forwardingRules');
  expect(rule).toMatchObject({
    loadBalancingScheme: 'EXTERNAL',
    IPProtocol: 'TCP',
    ports: ['80'],
    networkTier: 'PREMIUM',
  });
  expect(ingress).toEqual([{ ip: rule['IPAddress'] }]);
  expect(rig.only('backendServices')).toMatchObject({
    protocol: 'TCP',
    sessionAffinity: 'NONE',
    connectionDraining: { drainingTimeoutSec: 30 },
    backends: [
      { group: linkOf('europe-west1-b/instanceGroups/.*-nodes'), balancingMode: 'CONNECTION' },
      { group: linkOf('europe-west1-c/instanceGroups/.*-nodes'), balancingMode: 'CONNECTION' },
    ],
  });
  expect(rig.only('healthChecks')).toMatchObject({
    type: 'HTTP',
    httpHealthCheck: { port: 10_256, requestPath: '/healthz' },
    checkIntervalSec: 8,
    unhealthyThreshold: 3,
  });
  expect(traffic()).toMatchObject({
    sourceRanges: ['0.0.0.0/0'],
    destinationRanges: [`${String(rule['IPAddress'])}/32`],
    allowed: [{ IPProtocol: 'tcp', ports: ['80'] }],
  });
  expect(probes()).toMatchObject({
    sourceRanges: ['130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22', '35.191.0.0/16'],
    allowed: [{ IPProtocol: 'tcp', ports: ['10256'] }],
  });
  expect(probes()).not.toHaveProperty('destinationRanges');
  expect(rig.all('addresses')).toEqual([]);
  expect(rig.members()).toEqual({ 'europe-west1-b': ['n1'], 'europe-west1-c': ['n2'] });
});

describe('ports', () => {
  test('up to five are one rule, sorted', async () => {
    await rig.ensure(rig.service(1, { listeners: listeners({ TCP: [8081, 80, 8080, 123, 22] }) }));
    expect(rig.only('forwardingRules')).toMatchObject({ ports: ['22', '80', '123', '8080', '8081'] });
  });

  test('six are two rules on one address, and the user is told', async () => {
    const answer = await rig.ensure(rig.service(1, { listeners: listeners({ TCP: [1, 2, 3, 4, 5, 6] }) }));
    const rules = rig.all('forwardingRules');
    expect(rules.map(({ ports }) => ports)).toEqual([['1', '2', '3', '4', '5'], ['6']]);
    expect(new Set(rules.map(({ IPAddress }) => IPAddress)).size).toBe(1);
    expect(warningsOf(answer)).toEqual(['PortsInForwardingRules']);
    expect(traffic()).toMatchObject({ allowed: [{ IPProtocol: 'tcp', ports: ['1-6'] }] });
    expect(rig.all('addresses')).toHaveLength(1);
  });

  test('or one for all ports, as the user chooses', async () => {
    const annotations = { 'fairlead.dev/gcp-ports': 'all' };
    await rig.ensure(rig.service(1, { listeners: listeners({ TCP: [1, 2, 3, 4, 5, 6] }), annotations }));
    expect(rig.only('forwardingRules')).toMatchObject({ allPorts: true, IPProtocol: 'TCP' });
    expect(traffic()).toMatchObject({ allowed: [{ IPProtocol: 'tcp', ports: ['1-6'] }] });
  });

  test('neighbours are ranges to the firewall', async () => {
    await rig.ensure(rig.service(1, { listeners: listeners({ TCP: [10, 21, 33, 8080, 8081, 8082] }) }));
    expect(traffic()).toMatchObject({ allowed: [{ IPProtocol: 'tcp', ports: ['10', '21', '33', '8080-8082'] }] });
  });

  test('another port altogether keeps the address, and nothing is left behind', async () => {
    await become({}, { listeners: listeners({ TCP: [443] }) });
    expect(rig.only('forwardingRules')).toMatchObject({ ports: ['443'] });
    expect(rig.all('addresses')).toEqual([]);
  });

  test('without a firewall of ours a rule has the exact ports: it is replaced, and the address held meanwhile', async () => {
    await rig.restart([], { firewall: 'none' });
    await become({ listeners: listeners({ TCP: [80, 443] }) }, {});
    expect(rig.only('forwardingRules')).toMatchObject({ ports: ['80'] });
    expect(rig.all('addresses')).toEqual([]);
    expect(rig.all('firewalls')).toEqual([]);
  });
});

describe('protocols', () => {
  const states = {
    tcp: { listeners: listeners({ TCP: [80, 443] }) },
    udp: { listeners: listeners({ UDP: [53] }) },
    split: { listeners: listeners({ TCP: [80, 443], UDP: [53] }) },
    l3: {
      listeners: listeners({ TCP: [80, 443], UDP: [53] }),
      annotations: { 'fairlead.dev/gcp-mixed-protocols': 'l3' },
    },
  } as const;
  const ends: Readonly<Record<keyof typeof states, readonly string[]>> = {
    tcp: ['TCP 80,443'],
    udp: ['UDP 53'],
    split: ['TCP 80,443', 'UDP 53'],
    l3: ['L3_DEFAULT all'],
  };
  const rules = () =>
    rig
      .all('forwardingRules')
      .map(({ IPProtocol, ports }) => `${String(IPProtocol)} ${((ports ?? ['all']) as readonly string[]).join()}`)
      .toSorted();

  const names = Object.keys(states) as (keyof typeof states)[];
  test.each(names.flatMap(from => names.map(to => [from, to] as const)))(
    'from %s to %s only the end is left',
    async (from, to) => {
      await become(states[from], states[to]);
      expect(rules()).toEqual(ends[to]);
      expect(rig.all('backendServices')).toHaveLength(1);
      const wanted = to === 'tcp' ? ['tcp'] : to === 'udp' ? ['udp'] : ['tcp', 'udp'];
      const allowed = traffic()?.['allowed'] as readonly { readonly IPProtocol: string }[];
      expect(allowed.map(({ IPProtocol }) => IPProtocol)).toEqual(wanted);
      await rig.delete(rig.service(1));
      expect(rig.counts()).toEqual({});
    },
  );
});

describe('source ranges', () => {
  test('are the firewall’s, and go again', async () => {
    await become({}, { sourceRanges: ['10.0.0.0/8', '1.2.3.0/24'] });
    expect(traffic()).toMatchObject({ sourceRanges: ['10.0.0.0/8', '1.2.3.0/24'] });
    await rig.ensure(rig.service(1));
    expect(traffic()).toMatchObject({ sourceRanges: ['0.0.0.0/0'] });
  });

  test('of one family only shut the other, which the user is told', async () => {
    const answer = await rig.ensure(rig.service(1, { ipFamilies: ['IPv4', 'IPv6'], sourceRanges: ['10.0.0.0/8'] }));
    expect(warningsOf(answer)).toEqual(['NobodyMayConnect']);
    expect(rig.all('firewalls').map(({ sourceRanges }) => sourceRanges)).not.toContainEqual(['::/0']);
  });
});

test('both families have an address and a rule each, and share the rest', async () => {
  const answer = await rig.ensure(rig.service(1, { ipFamilies: ['IPv6', 'IPv4'] }));
  expect(answer.ingress.map(({ ip }) => ip?.includes(':'))).toEqual([true, false]);
  expect(rig.counts()).toMatchObject({ forwardingRules: 2, backendServices: 1, healthChecks: 1, firewalls: 4 });
  const first = await rig.ensure(published(rig.service(1, { ipFamilies: ['IPv6', 'IPv4'] }), answer));
  const one = await rig.ensure(published(rig.service(1), first));
  expect(addressesOf(one)).toEqual([addressesOf(answer)[1]]);
  expect(rig.counts()).toMatchObject({ forwardingRules: 1 });
});

test('session affinity is the backend service’s, and the rule stays', async () => {
  const first = await rig.ensure(rig.service(1));
  const rule = rig.only('forwardingRules')['id'];
  const wanted = rig.service(1, { sessionAffinity: { type: 'ClientIP', timeoutSeconds: 3_600 } });
  await rig.ensure(published(wanted, first));
  expect(rig.only('backendServices')).toMatchObject({ sessionAffinity: 'CLIENT_IP' });
  const annotations = { 'networking.gke.io/l4-strong-session-affinity': 'enabled' };
  await rig.ensure({ ...wanted, annotations });
  expect(rig.only('backendServices')).toMatchObject({
    connectionTrackingPolicy: { trackingMode: 'PER_SESSION', idleTimeoutSec: 3_600, enableStrongAffinity: true },
  });
  expect(rig.only('forwardingRules')['id']).toBe(rule);
});

describe('health checks', () => {
  const local: Partial<LoadBalancer> = {
    externalTrafficPolicy: 'Local',
    healthCheck: { path: '/healthz', port: 31_000 },
  };

  test('policy Local has its own, and gives it back with the policy', async () => {
    await become({}, local);
    expect(rig.all('healthChecks')).toHaveLength(2);
    expect(rig.only('backendServices')['healthChecks']).toEqual([linkOf('-hc')]);
    const own = rig.all('healthChecks').find(one => String(one['description']).includes('uid'));
    expect(own).toMatchObject({ checkIntervalSec: 3, unhealthyThreshold: 2, httpHealthCheck: { port: 31_000 } });
    await rig.ensure(rig.service(1));
    expect(rig.counts()).toMatchObject({ healthChecks: 1, firewalls: 2 });
  });

  test('weights by pods come with policy Local only', async () => {
    const annotations = { 'networking.gke.io/weighted-load-balancing': 'pods-per-node' };
    expect(warningsOf(await rig.ensure(rig.service(1, { annotations })))).toEqual(['UnsupportedConfiguration']);
    await rig.ensure(rig.service(1, { ...local, annotations }));
    expect(rig.only('backendServices')).toMatchObject({ localityLbPolicy: 'WEIGHTED_MAGLEV' });
  });

  test('what somebody has raised stays, what somebody has lowered does not', async () => {
    const first = await rig.ensure(rig.service(1));
    const { name } = rig.only('healthChecks');
    rig.change('healthChecks', String(name), { checkIntervalSec: 20, unhealthyThreshold: 1 });
    await rig.restart([published(rig.service(1), first)]);
    await rig.ensure(published(rig.service(1), first));
    expect(rig.only('healthChecks')).toMatchObject({ checkIntervalSec: 20, unhealthyThreshold: 3 });
  });

  test('another way of asking is a change in place too', async () => {
    const by = (protocol: string) => ({ annotations: { 'fairlead.dev/gcp-health-check-protocol': protocol } });
    await become(by('http'), by('tcp'));
    const own = rig.all('healthChecks').find(({ type }) => type === 'TCP');
    expect(own).toMatchObject({ tcpHealthCheck: { port: 10_256 } });
    expect(own).not.toHaveProperty('httpHealthCheck');
  });

  test('annotations change it in place', async () => {
    const annotations = {
      'fairlead.dev/gcp-health-check-interval': '20',
      'fairlead.dev/gcp-health-check-port': '8080',
    };
    await become({ annotations }, { annotations: { ...annotations, 'fairlead.dev/gcp-health-check-interval': '10' } });
    const own = rig.all('healthChecks').find(({ checkIntervalSec }) => checkIntervalSec === 10);
    expect(own).toMatchObject({ httpHealthCheck: { port: 8_080 } });
  });
});

describe('what is changed or broken by hand', () => {
  test('is repaired at the next verification, and only that', async () => {
    const first = await rig.ensure(rig.service(1));
    const firewall = String(traffic()?.['name']);
    rig.change('firewalls', firewall, { sourceRanges: ['10.0.0.0/8'], disabled: true });
    rig.change('backendServices', String(rig.only('backendServices')['name']), {
      backends: [],
      sessionAffinity: 'CLIENT_IP',
    });
    rig.remove('firewalls', String(probes()?.['name']));
    await rig.restart([published(rig.service(1), first)]);
    const mutations = await rig.mutationsOf(() => rig.ensure(published(rig.service(1), first)));
    expect(mutations.toSorted()).toEqual(['backendServices.patch', 'firewalls.insert', 'firewalls.patch']);
    expect(traffic()).toMatchObject({ sourceRanges: ['0.0.0.0/0'], disabled: false });
    expect(rig.only('backendServices')['backends']).toHaveLength(2);
  });

  test('backends and draining that somebody has added stay', async () => {
    const first = await rig.ensure(rig.service(1));
    const { name, backends } = rig.only('backendServices');
    rig.change('backendServices', String(name), { connectionDraining: { drainingTimeoutSec: 60 } });
    await rig.restart([published(rig.service(1), first)]);
    await rig.ensure(published(rig.service(1, { sessionAffinity: { type: 'ClientIP', timeoutSeconds: 60 } }), first));
    expect(rig.only('backendServices')).toMatchObject({ backends, connectionDraining: { drainingTimeoutSec: 60 } });
  });

  test('a rule that is gone comes back at another address, and the user is told, since nobody can have the old one', async () => {
    const first = await rig.ensure(rig.service(1));
    rig.remove('forwardingRules', String(rig.only('forwardingRules')['name']));
    await rig.ensure(rig.service(2));
    await rig.restart([published(rig.service(1), first)]);
    const after = await rig.ensure(published(rig.service(1), first));
    expect(warningsOf(after)).toEqual(['AddressLost']);
    expect(traffic()).toBeDefined();
    expect(rig.all('forwardingRules').map(({ IPAddress }) => IPAddress)).toContain(addressesOf(after)[0]);
  });
});
