import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GceApi } from '../../../../providers/gcp/client/gce-api.ts';
import { methods } from '../../../../providers/gcp/client/methods.ts';
import { permissions } from '../../../../providers/gcp/iam/role.ts';
import { project, region, type Stage, setStage, zoneB } from '../../../support/gcp/proof/stage.ts';
import { aCall, openDoor } from '../client/gce-stage.ts';

let stage: Stage;
let api: GceApi;
const call = aCall();

beforeAll(async () => {
  stage = await setStage();
  ({ api } = await openDoor(stage.server));
  stage.server.gce.journal.clear();
  await callEverything();
}, 60_000);

afterAll(() => stage.server.close());

const bs = `${region}/backendServices`;
const network = `${project}/global/networks/default`;
const subnetwork = `${region}/subnetworks/nodes`;
const healthChecks = [`${region}/healthChecks/own`];
const zone = 'europe-west1-b';

/** Each method of the table at least once, and each form of a request that asks for more. */
async function callEverything(): Promise<void> {
  await readEverything();
  await api.insert('healthChecks', { name: 'own', type: 'TCP' }, call);
  await api.patch('healthChecks', { name: 'own', checkIntervalSec: 8 }, call);
  await api.update('healthChecks', { name: 'own', type: 'TCP' }, call);
  await callGroups();
  await callServices();
  await callRules();
  await api.insert('firewalls', { name: 'own', allowed: [{ IPProtocol: 'tcp' }] }, call);
  await api.patch('firewalls', { name: 'own', priority: 1 }, call);
  await api.update('firewalls', { name: 'own', allowed: [{ IPProtocol: 'tcp' }] }, call);
  await api.delete('firewalls', { name: 'own' }, call);
  await api.delete('targetTcpProxies', { name: 'own' }, call);
  for (const name of ['own', 'own-proxied']) await api.delete('backendServices', { name }, call);
  await api.delete('instanceGroups', { name: 'own', zone }, call);
  await api.delete('healthChecks', { name: 'own' }, call);
}

async function readEverything(): Promise<void> {
  for (const kind of ['forwardingRules', 'backendServices', 'healthChecks', 'targetTcpProxies', 'addresses'] as const) {
    await api.list(kind, {}, call);
    await api.get(kind, { name: 'nope' }, call);
  }
  for (const kind of ['firewalls', 'subnetworks', 'targetPools'] as const) await api.list(kind, {}, call);
  for (const kind of ['firewalls', 'subnetworks', 'networks', 'regions'] as const)
    await api.get(kind, { name: 'nope' }, call);
  for (const kind of ['instanceGroups', 'instances'] as const) {
    await api.list(kind, { zone }, call);
    await api.get(kind, { name: 'nope', zone }, call);
  }
}

async function callGroups(): Promise<void> {
  const group = { name: 'own', zone };
  await api.insert('instanceGroups', group, call);
  await api.addInstances(group, [`${zoneB}/instances/n3`], call);
  await api.listInstances(group, call);
  await api.setNamedPorts(group, [{ name: 'web', port: 30_080 }], undefined, call);
  await api.removeInstances(group, [`${zoneB}/instances/n3`], call);
}

async function callServices(): Promise<void> {
  const group = `${zoneB}/instanceGroups/own`;
  const backends = [{ group, balancingMode: 'CONNECTION' }] as const;
  await api.insert(
    'backendServices',
    { name: 'own', loadBalancingScheme: 'INTERNAL', network, healthChecks, backends },
    call,
  );
  await api.getHealth('own', group, call);
  const fingerprint = async () => (await api.get('backendServices', { name: 'own' }, call))?.fingerprint ?? '';
  await api.patch('backendServices', { name: 'own', healthChecks, backends, fingerprint: await fingerprint() }, call);
  await api.update(
    'backendServices',
    { name: 'own', loadBalancingScheme: 'INTERNAL', healthChecks, backends, fingerprint: await fingerprint() },
    call,
  );
  await api.insert(
    'backendServices',
    { name: 'own-proxied', loadBalancingScheme: 'EXTERNAL_MANAGED', healthChecks },
    call,
  );
  await api.insert('targetTcpProxies', { name: 'own', service: `${bs}/own-proxied` }, call);
}

async function callRules(): Promise<void> {
  const labels = { owner: 'me' };
  await api.insert('addresses', { name: 'own-external', labels }, call);
  await api.insert('addresses', { name: 'own-internal', addressType: 'INTERNAL', subnetwork }, call);
  const rules = [
    { name: 'a', ports: ['80'], backendService: `${bs}/bs`, IPAddress: `${region}/addresses/own-external`, labels },
    { name: 'b', ports: ['80'], backendService: `${bs}/bs`, ipVersion: 'IPV6', subnetwork },
    {
      name: 'c',
      ports: ['80'],
      backendService: `${bs}/own`,
      loadBalancingScheme: 'INTERNAL',
      network,
      subnetwork,
      IPAddress: `${region}/addresses/own-internal`,
    },
    {
      name: 'd',
      portRange: '80',
      target: `${region}/targetTcpProxies/own`,
      loadBalancingScheme: 'EXTERNAL_MANAGED',
      network,
    },
  ] as const;
  for (const rule of rules) await api.insert('forwardingRules', rule, call);
  await api.patch('forwardingRules', { name: 'c', allowGlobalAccess: true }, call);
  for (const [kind, name] of [
    ['forwardingRules', 'a'],
    ['addresses', 'own-external'],
  ] as const) {
    const { labelFingerprint = '' } = (await api.get(kind, { name }, call)) ?? {};
    await api.setLabels(kind, name, {}, labelFingerprint, call);
  }
  for (const { name } of rules) await api.delete('forwardingRules', { name }, call);
  for (const name of ['own-external', 'own-internal']) await api.delete('addresses', { name }, call);
}

test('every method of the table is one that the API knows', () => {
  expect(Object.keys(stage.server.gce.journal.counts).toSorted()).toEqual(Object.keys(methods).toSorted());
});

test('the role grants what requests ask for, and nothing that none asks for', () => {
  const asked = stage.server.gce.journal.entries.flatMap(entry => entry.permissions.map(name => `compute.${name}`));
  expect([...permissions().keys()]).toEqual([...new Set(asked)].toSorted());
});
