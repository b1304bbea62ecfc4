import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { objectPath, patchType } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { KubeObject, Service } from '../../src/kube/objects.ts';
import { type Running, startController } from '../support/controller-process.ts';
import { CustomKind } from '../support/custom-kind.ts';
import { applyBareMetalRole, applyRole, bareMetalUser, roleUser } from '../support/loop-role.ts';
import { until } from '../support/loop-until.ts';
import { addressOf, stateOf } from '../support/loop-users.ts';

/** The controller as a process, with the provider bare-metal, under the rights of its component, on a cluster where a MetalLB has been. */
const servicesPath = '/api/v1/namespaces/default/services';
const ownPath = '/apis/fairlead.dev/v1beta1/addresspools';

let cluster: LocalCluster;
let admin: KubeConnection;
let controller: Running;
let theirs: CustomKind;

beforeAll(async () => {
  cluster = await startCluster({ users: [roleUser, bareMetalUser] });
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  await applyRole(cluster.kubeconfig);
  await applyBareMetalRole(cluster.kubeconfig);
  await admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'metallb-system' } } });
  theirs = new CustomKind(admin, 'metallb-system', 'IPAddressPool', 'metallb.io');
  const advertisements = new CustomKind(admin, 'metallb-system', 'L2Advertisement', 'metallb.io');
  await Promise.all([theirs.define(), advertisements.define()]);
  await theirs.create('metallb', { addresses: ['198.18.0.0/24'] });
  await advertisements.create('all');
  controller = startController(
    `--kubeconfig=${cluster.kubeconfigFor(bareMetalUser.name)}`,
    '--provider=lan=bare-metal,default',
    '--leader-elect=false',
  );
});
afterAll(async () => {
  controller.child.kill('SIGKILL');
  await controller.exit;
  await admin.close();
  await cluster.stop();
});

function get(name: string): Promise<Service> {
  return admin.request({ method: 'GET', path: objectPath(servicesPath, name) });
}

async function create(name: string, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  const body = { metadata: { name, annotations }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } };
  await admin.request({ method: 'POST', path: servicesPath, body });
}

async function served(name: string): Promise<string> {
  let address: string | undefined;
  await until(
    `${name} has an address`,
    async () => (address = addressOf(await get(name))) !== undefined,
    () => controller.output().slice(-4_000),
  );
  return address ?? '';
}

test('a pool of MetalLB’s serves; its kind goes, and everything stays in force', async () => {
  await create('before');
  const address = await served('before');
  expect(address).toMatch(/^198\.18\.0\./);
  await theirs.undefine();
  await theirs.isGone();
  await until('the controller has noticed', () => controller.output().includes('"kind":"ipaddresspools.metallb.io"'));
  await create('after');
  expect(await served('after')).toMatch(/^198\.18\.0\./);
  expect(addressOf(await get('before'))).toBe(address);
  expect(stateOf(await get('before'), 'LoadBalancerServing')).toBe('True Serving');
});

test('a pool of ours serves, says who holds what, and is followed when it grows', async () => {
  const spec = { addresses: ['198.18.7.7'], autoAssign: false };
  const body = { apiVersion: 'fairlead.dev/v1beta1', kind: 'AddressPool', metadata: { name: 'own' }, spec };
  await admin.request({ method: 'POST', path: ownPath, body });
  const annotations = { 'metallb.io/address-pool': 'own' };
  await create('one', annotations);
  expect(await served('one')).toBe('198.18.7.7');
  await create('two', annotations);
  const pool = () =>
    admin.request<KubeObject & { status?: object }>({ method: 'GET', path: objectPath(ownPath, 'own') });
  await until('the pool tells', async () => JSON.stringify((await pool()).status ?? {}).includes('default/one'));
  expect((await pool()).status).toMatchObject({ total: '1', used: '1', available: '0' });
  const more = { spec: { addresses: ['198.18.7.7', '198.18.7.8'] } };
  const path = objectPath(ownPath, 'own');
  await admin.request({ method: 'PATCH', path, contentType: patchType.merge, body: more });
  expect(await served('two')).toBe('198.18.7.8');
});
