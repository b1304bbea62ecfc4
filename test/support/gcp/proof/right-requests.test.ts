import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { done, type RawClient } from './raw-client.ts';
import { addressOf, project, region, type Stage, setStage, url, zoneB, zoneC } from './stage.ts';

let stage: Stage;
let raw: RawClient;

beforeEach(async () => {
  stage = await setStage();
  ({ raw } = stage);
});

afterEach(() => stage.server.close());

const rules = `${region}/forwardingRules`;
const bs = `${region}/backendServices`;
const insertRule = (name: string, more: object) =>
  done(raw, 'POST', rules, { name, backendService: `${bs}/bs`, ...more });
const rule = async (name: string) => (await raw('GET', `${rules}/${name}`)).body;

describe('forwarding rules', () => {
  test('a rule without a wish gets an address of its tier, and what it left out', async () => {
    await insertRule('x', { ports: ['80'], networkTier: 'STANDARD' });
    expect(await rule('x')).toMatchObject({
      kind: 'compute#forwardingRule',
      IPAddress: '198.19.0.3',
      IPProtocol: 'TCP',
      loadBalancingScheme: 'EXTERNAL',
      networkTier: 'STANDARD',
      ports: ['80'],
    });
  });

  test('on one reserved address there is one rule for each port and protocol', async () => {
    const IPAddress = await addressOf(stage, 'premium');
    await insertRule('more', { IPAddress, ports: ['81', '82', '83', '84', '85'] });
    await insertRule('all-udp', { IPAddress, IPProtocol: 'UDP', ports: ['80'], backendService: `${bs}/mixed` });
    await insertRule('l3', { IPAddress, IPProtocol: 'L3_DEFAULT', allPorts: true, backendService: `${bs}/mixed` });
    expect((await raw('GET', `${region}/addresses/premium`)).body['users']).toHaveLength(4);
  });

  test('a range comes back as one, a single port too', async () => {
    await insertRule('x', { portRange: '90' });
    expect((await rule('x'))['portRange']).toBe('90-90');
  });

  test('an internal rule lies in the subnetwork of the nodes, and its global access can be changed', async () => {
    await insertRule('x', { ports: ['80'], loadBalancingScheme: 'INTERNAL', backendService: `${bs}/inner` });
    expect(await rule('x')).toMatchObject({ IPAddress: '10.0.0.2', subnetwork: url(`${region}/subnetworks/nodes`) });
    await done(raw, 'PATCH', `${rules}/x`, { allowGlobalAccess: true, labels: {} });
    expect((await rule('x'))['allowGlobalAccess']).toBe(true);
  });

  test('internal rules share an address that is reserved for it, and no other', async () => {
    await done(raw, 'POST', `${region}/addresses`, {
      name: 'shared',
      addressType: 'INTERNAL',
      purpose: 'SHARED_LOADBALANCER_VIP',
    });
    await done(raw, 'POST', `${region}/addresses`, { name: 'own', addressType: 'INTERNAL' });
    const inner = { loadBalancingScheme: 'INTERNAL', backendService: `${bs}/inner` };
    for (const port of ['80', '81'])
      await insertRule(`shared-${port}`, { ...inner, IPAddress: await addressOf(stage, 'shared'), ports: [port] });
    await insertRule('own-80', { ...inner, IPAddress: await addressOf(stage, 'own'), ports: ['80'] });
    const refused = await raw('POST', rules, {
      name: 'own-81',
      ...inner,
      IPAddress: await addressOf(stage, 'own'),
      ports: ['81'],
    });
    expect(refused).toMatchObject({ status: 409, reason: 'IP_IN_USE_BY_ANOTHER_RESOURCE' });
  });

  test('an IPv6 rule gets a range of the subnetwork', async () => {
    await insertRule('x', { ports: ['80'], ipVersion: 'IPV6', subnetwork: `${region}/subnetworks/nodes` });
    expect((await rule('x'))['IPAddress']).toMatch(/^2001:db8:1:2:8000:\w+::\/96$/);
  });

  test.each(['', 'https://www.googleapis.com/compute/v1/'])('a reserved address may be named: %s…', async root => {
    await insertRule('x', { ports: ['90'], IPAddress: `${root}${region}/addresses/premium` });
    expect((await rule('x'))['IPAddress']).toBe(await addressOf(stage, 'premium'));
  });

  test('a reserved IPv6 address is one of an IPv6 rule', async () => {
    await done(raw, 'POST', `${region}/addresses`, {
      name: 'six',
      ipVersion: 'IPV6',
      ipv6EndpointType: 'NETLB',
      subnetwork: `${region}/subnetworks/nodes`,
    });
    await insertRule('x', {
      ports: ['80'],
      IPAddress: `${region}/addresses/six`,
      subnetwork: `${region}/subnetworks/nodes`,
    });
    expect(await rule('x')).toMatchObject({ ipVersion: 'IPV6', IPAddress: `${await addressOf(stage, 'six')}/96` });
  });

  test('a proxy’s rule has one port', async () => {
    await done(raw, 'POST', rules, {
      name: 'x',
      loadBalancingScheme: 'EXTERNAL_MANAGED',
      portRange: '80',
      target: `${region}/targetTcpProxies/proxy`,
      network: `${project}/global/networks/default`,
    });
    expect(await rule('x')).toMatchObject({ portRange: '80-80', loadBalancingScheme: 'EXTERNAL_MANAGED' });
  });

  test('labels change with the fingerprint of the last ones', async () => {
    const { labelFingerprint } = await rule('fr');
    await done(raw, 'POST', `${rules}/fr/setLabels`, { labels: { a: 'b' }, labelFingerprint });
    expect(await rule('fr')).toMatchObject({
      labels: { a: 'b' },
      labelFingerprint: expect.not.stringMatching(`^${String(labelFingerprint)}$`),
    });
  });
});

describe('addresses', () => {
  test('the address of a rule can be reserved, given to a second one, and released while both hold it', async () => {
    await insertRule('x', { ports: ['80'] });
    const { IPAddress } = await rule('x');
    await done(raw, 'POST', `${region}/addresses`, { name: 'hold', address: IPAddress });
    await insertRule('y', { IPAddress, ports: ['81'] });
    await done(raw, 'DELETE', `${region}/addresses/hold`);
    expect((await rule('y'))['IPAddress']).toBe(IPAddress);
    expect(await raw('POST', rules, { name: 'z', backendService: `${bs}/bs`, IPAddress, ports: ['82'] })).toMatchObject(
      { status: 400 },
    );
  });

  test('a held address survives its rule', async () => {
    await done(raw, 'DELETE', `${rules}/fr`);
    expect((await raw('GET', `${region}/addresses/premium`)).body).toMatchObject({ status: 'RESERVED' });
  });

  test.each([
    ['an external one with 400', 'premium', 400, 'invalid'],
    ['an internal one with 409', 'own', 409, 'IP_IN_USE_BY_ANOTHER_RESOURCE'],
  ])('a second reservation is refused: %s', async (_row, name, status, reason) => {
    await done(raw, 'POST', `${region}/addresses`, { name: 'own', addressType: 'INTERNAL' });
    const address = await addressOf(stage, name);
    const addressType = name === 'own' ? 'INTERNAL' : 'EXTERNAL';
    expect(await raw('POST', `${region}/addresses`, { name: 'x', address, addressType })).toMatchObject({
      status,
      reason,
    });
  });
});

describe('backend services and health checks', () => {
  const fingerprintOf = async (name: string) => (await raw('GET', `${bs}/${name}`)).body['fingerprint'];

  test('a patch keeps what it does not name, and the fingerprint changes', async () => {
    const fingerprint = await fingerprintOf('bs');
    await done(raw, 'PATCH', `${bs}/bs`, { sessionAffinity: 'CLIENT_IP', fingerprint });
    const { body } = await raw('GET', `${bs}/bs`);
    expect(body).toMatchObject({
      sessionAffinity: 'CLIENT_IP',
      backends: [{ group: url(`${zoneB}/instanceGroups/ig`) }],
    });
    expect(body['fingerprint']).not.toBe(fingerprint);
  });

  test('an update drops what it does not name', async () => {
    await done(raw, 'PUT', `${bs}/bs`, {
      name: 'bs',
      healthChecks: [`${region}/healthChecks/hc`],
      fingerprint: await fingerprintOf('bs'),
    });
    expect((await raw('GET', `${bs}/bs`)).body['backends']).toEqual([]);
  });

  test('the protocol changes only while no rule has another', async () => {
    const patch = async () => raw('PATCH', `${bs}/bs`, { protocol: 'UDP', fingerprint: await fingerprintOf('bs') });
    expect(await patch()).toMatchObject({ status: 400, reason: 'invalid' });
    await done(raw, 'DELETE', `${rules}/fr`);
    expect(await patch()).toMatchObject({ status: 200 });
  });

  test('the scheme never changes', async () => {
    const body = { loadBalancingScheme: 'INTERNAL', fingerprint: await fingerprintOf('mixed') };
    expect(await raw('PATCH', `${bs}/mixed`, body)).toMatchObject({ status: 400 });
  });

  test('health is that of the instances in a group', async () => {
    stage.server.gce.world.unhealthy.add(`${zoneB}/instances/n1`);
    const { body } = await raw('POST', `${bs}/bs/getHealth`, { group: url(`${zoneB}/instanceGroups/ig`) });
    expect(body['healthStatus']).toEqual([{ instance: url(`${zoneB}/instances/n1`), healthState: 'UNHEALTHY' }]);
  });

  test('everything can be taken down in the order of its references', async () => {
    const inOrder = [
      `${rules}/fr`,
      ...['bs', 'mixed', 'inner'].map(name => `${bs}/${name}`),
      `${region}/targetTcpProxies/proxy`,
      `${bs}/managed`,
      `${region}/healthChecks/hc`,
      `${zoneB}/instanceGroups/ig`,
    ];
    for (const path of inOrder) await done(raw, 'DELETE', path);
    expect((await raw('GET', bs)).body['items']).toEqual([]);
  });
});

describe('instance groups', () => {
  const members = async (group: string) =>
    ((await raw('POST', `${group}/listInstances`, {})).body['items'] as { instance: string }[]).map(
      ({ instance }) => instance,
    );

  test('instances come and go, and the group tells how many there are', async () => {
    const group = `${zoneB}/instanceGroups/ig`;
    await done(raw, 'POST', `${group}/addInstances`, { instances: [{ instance: url(`${zoneB}/instances/n3`) }] });
    expect((await raw('GET', group)).body['size']).toBe(2);
    await done(raw, 'POST', `${group}/removeInstances`, { instances: [{ instance: `${zoneB}/instances/n1` }] });
    expect(await members(group)).toEqual([url(`${zoneB}/instances/n3`)]);
  });

  test('an instance that is deleted leaves its groups', async () => {
    stage.server.fixture.removeInstance('n1', 'europe-west1-b');
    expect(await members(`${zoneB}/instanceGroups/ig`)).toEqual([]);
  });

  test('an instance of a balanced group joins no other', async () => {
    await done(raw, 'POST', `${zoneB}/instanceGroups/ig2/removeInstances`, {
      instances: [{ instance: `${zoneB}/instances/n1` }],
    });
    const fingerprint = (await raw('GET', `${bs}/mixed`)).body['fingerprint'];
    await done(raw, 'PATCH', `${bs}/mixed`, { backends: [{ group: url(`${zoneB}/instanceGroups/ig2`) }], fingerprint });
    expect(
      await raw('POST', `${zoneB}/instanceGroups/ig2/addInstances`, {
        instances: [{ instance: `${zoneB}/instances/n1` }],
      }),
    ).toMatchObject({ status: 400, reason: 'instanceInMultipleLoadBalancedIgs' });
  });

  test('a group is in the network of its first instance, and takes no other', async () => {
    stage.server.fixture.addInstance('stranger', 'europe-west1-c', {
      networkInterfaces: [{ network: url(`${project}/global/networks/other`) }],
    });
    await done(raw, 'POST', `${zoneC}/instanceGroups`, { name: 'ig' });
    await done(raw, 'POST', `${zoneC}/instanceGroups/ig/addInstances`, {
      instances: [{ instance: `${zoneC}/instances/n2` }],
    });
    expect(
      await raw('POST', `${zoneC}/instanceGroups/ig/addInstances`, {
        instances: [{ instance: `${zoneC}/instances/stranger` }],
      }),
    ).toMatchObject({ status: 400 });
  });

  test('named ports are replaced as a whole', async () => {
    const group = `${zoneB}/instanceGroups/ig`;
    for (const port of [80, 81]) {
      const { fingerprint } = (await raw('GET', group)).body;
      await done(raw, 'POST', `${group}/setNamedPorts`, { namedPorts: [{ name: 'web', port }], fingerprint });
    }
    expect((await raw('GET', group)).body['namedPorts']).toEqual([{ name: 'web', port: 81 }]);
  });
});

test('a firewall rule without sources is for everyone, and a patch changes its ranges', async () => {
  const firewalls = `${project}/global/firewalls`;
  await done(raw, 'POST', firewalls, {
    name: 'y',
    allowed: [{ IPProtocol: 'TCP', ports: ['80'] }],
    destinationRanges: ['198.18.0.2'],
  });
  expect((await raw('GET', `${firewalls}/y`)).body).toMatchObject({
    sourceRanges: ['0.0.0.0/0'],
    priority: 1_000,
    allowed: [{ IPProtocol: 'tcp', ports: ['80'] }],
  });
  await done(raw, 'PATCH', `${firewalls}/y`, { sourceRanges: ['192.0.2.0/24'] });
  expect((await raw('GET', `${firewalls}/y`)).body['sourceRanges']).toEqual(['192.0.2.0/24']);
});
