import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GceApi } from '../../../../providers/gcp/client/gce-api.ts';
import { project, region, type Stage, setStage, zoneB, zoneC } from '../../../support/gcp/proof/stage.ts';
import { aCall, openDoor } from './gce-stage.ts';

let stage: Stage;
let api: GceApi;
const call = aCall();

beforeAll(async () => {
  stage = await setStage();
  ({ api } = await openDoor(stage.server));
});

afterAll(async () => {
  api.close();
  await stage.server.close();
});

const bs = `${region}/backendServices`;

describe('objects', () => {
  test('come back with paths, and without what stands for nothing', async () => {
    await api.insert(
      'forwardingRules',
      { name: 'door', IPProtocol: 'TCP', ports: ['80'], backendService: `${bs}/bs`, labels: { a: 'b' } },
      call,
    );
    const found = await api.get('forwardingRules', { name: 'door' }, call);
    expect(found).toMatchObject({
      selfLink: `${region}/forwardingRules/door`,
      backendService: `${bs}/bs`,
      ports: ['80'],
      labels: { a: 'b' },
      IPAddress: expect.stringMatching(/^198\.18\./),
    });
    expect(Object.keys(found ?? {}).filter(name => name.startsWith('_') || name === 'sourceIpRanges')).toEqual([]);
  });

  test('are undefined where there are none, and deleting those succeeds', async () => {
    expect(await api.get('addresses', { name: 'nope' }, call)).toBeUndefined();
    await expect(api.delete('firewalls', { name: 'nope' }, call)).resolves.toBeUndefined();
  });

  test('groups of backends are sent as URLs, and a patch with the fingerprint changes what it names', async () => {
    const group = `${zoneB}/instanceGroups/ig`;
    const healthChecks = [`${region}/healthChecks/hc`];
    await api.insert(
      'backendServices',
      { name: 'door', healthChecks, backends: [{ group, balancingMode: 'CONNECTION' }] },
      call,
    );
    const before = await api.get('backendServices', { name: 'door' }, call);
    await api.patch(
      'backendServices',
      { name: 'door', sessionAffinity: 'CLIENT_IP', fingerprint: before?.fingerprint ?? '' },
      call,
    );
    const after = await api.get('backendServices', { name: 'door' }, call);
    expect(after).toMatchObject({ sessionAffinity: 'CLIENT_IP', backends: [{ group }], healthChecks });
  });

  test('an update begins from what was read, and can empty a list', async () => {
    const allowed = [{ IPProtocol: 'tcp', ports: ['81'] }];
    await api.insert('firewalls', { name: 'tagged', allowed, priority: 7, targetTags: ['a'] }, call);
    const tagged = () => api.list('firewalls', { filter: 'name = "tagged"' }, call);
    const [before] = await tagged();
    if (before === undefined) throw new Error('it is there');
    await api.update('firewalls', { ...before, targetTags: [] }, call);
    const [after] = await tagged();
    expect(after).toMatchObject({ allowed, priority: 7 });
    expect(after?.targetTags).toBeUndefined();
  });

  test('labels are replaced by the fingerprint of the last ones', async () => {
    const { labelFingerprint = '' } = (await api.get('forwardingRules', { name: 'door' }, call)) ?? {};
    await api.setLabels('forwardingRules', 'door', { c: 'd' }, labelFingerprint, call);
    expect((await api.get('forwardingRules', { name: 'door' }, call))?.labels).toEqual({ c: 'd' });
  });

  test('firewall rules, and the region’s zones', async () => {
    const network = `${project}/global/networks/default`;
    await api.insert(
      'firewalls',
      { name: 'door', network, sourceRanges: ['192.0.2.0/24'], allowed: [{ IPProtocol: 'tcp', ports: ['80'] }] },
      call,
    );
    expect(await api.list('firewalls', { filter: 'name = "door"' }, call)).toMatchObject([
      { network, allowed: [{ IPProtocol: 'tcp', ports: ['80'] }] },
    ]);
    expect((await api.get('regions', { name: 'europe-west1' }, call))?.zones).toEqual([zoneB, zoneC]);
  });

  test('addresses and target proxies', async () => {
    await api.insert('addresses', { name: 'door', networkTier: 'STANDARD' }, call);
    expect(await api.get('addresses', { name: 'door' }, call)).toMatchObject({
      status: 'RESERVED',
      networkTier: 'STANDARD',
    });
    await api.insert('targetTcpProxies', { name: 'door', service: `${bs}/managed` }, call);
    const proxies = () => api.list('targetTcpProxies', { filter: 'name = "door"' }, call);
    expect(await proxies()).toMatchObject([{ service: `${bs}/managed`, proxyHeader: 'NONE' }]);
    await api.delete('targetTcpProxies', { name: 'door' }, call);
    expect(await proxies()).toEqual([]);
  });
});

describe('lists', () => {
  test('have all pages', async () => {
    const { store } = stage.server.gce.world;
    const many = Array.from({ length: 1_001 }, (_, n) => `many-${String(n).padStart(4, '0')}`);
    for (const name of many) store.add(`${region}/healthChecks/${name}`, { name, type: 'TCP' }, 'ready');
    stage.server.gce.journal.clear();
    const found = await api.list('healthChecks', { filter: 'name eq "many-.*"' }, call);
    expect(found.map(({ name }) => name)).toEqual(many);
    expect(stage.server.gce.journal.counts).toEqual({ 'healthChecks.list': 3 });
    for (const name of many) store.remove(`${region}/healthChecks/${name}`);
  });

  test('of zonal kinds are those of their zone', async () => {
    const names = async (zone: string) => (await api.list('instanceGroups', { zone }, call)).map(({ name }) => name);
    expect(await names('europe-west1-b')).toEqual(['ig', 'ig2']);
    expect(await names('europe-west1-c')).toEqual([]);
  });

  test('of nothing are empty', async () => {
    expect(await api.list('firewalls', { filter: 'name = "nope"' }, call)).toEqual([]);
  });
});

describe('instance groups', () => {
  const group = { name: 'door', zone: 'europe-west1-c' };
  const instances = ['n2', 'n4'].map(name => `${zoneC}/instances/${name}`);
  const found = async () => {
    const [one] = await api.list('instanceGroups', { zone: group.zone, filter: `name = "${group.name}"` }, call);
    return one;
  };

  test('are made with their zone, and take and give instances', async () => {
    await api.insert('instanceGroups', group, call);
    await api.addInstances(group, instances, call);
    expect(await api.listInstances(group, call)).toEqual(instances);
    await api.removeInstances(group, instances.slice(0, 1), call);
    expect(await found()).toMatchObject({ size: 1, zone: zoneC });
  });

  test('have named ports', async () => {
    await api.setNamedPorts(group, [{ name: 'np-30080', port: 30_080 }], (await found())?.fingerprint, call);
    expect((await found())?.namedPorts).toEqual([{ name: 'np-30080', port: 30_080 }]);
  });
});

test('a change is two requests: itself, and the wait for its operation, which it need not have', async () => {
  stage.server.gce.journal.clear();
  await api.insert('healthChecks', { name: 'door', type: 'TCP' }, call);
  await api.delete('healthChecks', { name: 'door' }, call);
  expect(stage.server.gce.journal.counts).toEqual({
    'healthChecks.insert': 1,
    'healthChecks.delete': 1,
    'regionOperations.wait': 2,
  });
});
