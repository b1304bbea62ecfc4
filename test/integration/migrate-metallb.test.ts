import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { loadAllYaml } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { objectPath, patchType } from '../../src/kube/client.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { KubeList, KubeObject } from '../../src/kube/objects.ts';
import { CustomKind } from '../support/custom-kind.ts';
import { until } from '../support/loop-until.ts';
import { readManifest } from '../support/manifests.ts';

/** `fairlead migrate metallb` as a process, on a cluster of its own: MetalLB's kinds and ours belong to a whole cluster. */
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const own = '/apis/fairlead.dev/v1beta1/addresspools';
const namespace = 'metallb-system';

let cluster: LocalCluster;
let admin: KubeConnection;
let pools: CustomKind;
let l2: CustomKind;

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: 'nobody' }] });
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  for (const name of [namespace, 'shop', 'blog'])
    await admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
  pools = new CustomKind(admin, namespace, 'IPAddressPool', 'metallb.io');
  l2 = new CustomKind(admin, namespace, 'L2Advertisement', 'metallb.io');
});
afterAll(async () => {
  await admin.close();
  await cluster.stop();
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function migrate(...flags: readonly string[]): Promise<Ended> {
  const argv = [main, 'migrate', 'metallb', `--kubeconfig=${cluster.kubeconfig}`, ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>(resolve => child.once('exit', resolve));
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

async function ownPools(): Promise<Readonly<Record<string, unknown>>> {
  const list = await admin.request<KubeList<KubeObject & { spec: unknown }>>({ method: 'GET', path: own });
  return Object.fromEntries(list.items.map(({ metadata, spec }) => [metadata.name, spec]));
}

/** As MetalLB leaves it: an address in the status, and a note of the pool. */
async function held(name: string, ip: string, pool: string): Promise<void> {
  const [where = '', service = ''] = name.split('/');
  const path = `/api/v1/namespaces/${where}/services`;
  const annotations = { 'metallb.io/ip-allocated-from-pool': pool };
  const body = { metadata: { name: service, annotations }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } };
  await admin.request({ method: 'POST', path, body });
  const status = { loadBalancer: { ingress: [{ ip }] } };
  const one = `${objectPath(path, service)}/status`;
  await admin.request({ method: 'PATCH', path: one, contentType: patchType.merge, body: { status } });
}

async function removeAll(path: string): Promise<void> {
  const list = await admin.request<KubeList<KubeObject>>({ method: 'GET', path });
  for (const { metadata } of list.items)
    if (metadata.name !== 'kubernetes')
      await admin.request({ method: 'DELETE', path: objectPath(path, metadata.name) });
}

describe('before there is anything', () => {
  test('a cluster without MetalLB has nothing to migrate', async () => {
    const { code, stdout, stderr } = await migrate();
    expect([code, stdout, stderr]).toEqual([
      0,
      'there is no IPAddressPool in namespace metallb-system: nothing to do\n',
      '',
    ]);
  });

  test('without our kinds it says how to get them', async () => {
    await pools.define();
    await l2.define();
    await pools.create('edge', { addresses: ['198.18.0.0/24'] });
    const { code, stderr } = await migrate('--yes');
    expect([code, stderr]).toEqual([
      2,
      'fairlead: the cluster has no kind AddressPool: kubectl apply -k deploy/crds first\n',
    ]);
    await pools.delete('edge');
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await admin.request({ method: 'POST', path: definitions, body: readManifest('deploy/crds/address-pools.yaml') });
    await until('our kind is served', () =>
      admin.request({ method: 'GET', path: own }).then(
        () => true,
        () => false,
      ),
    );
  });
});

describe('with pools', () => {
  afterEach(async () => {
    for (const path of [
      pools.path,
      l2.path,
      own,
      '/api/v1/namespaces/shop/services',
      '/api/v1/namespaces/blog/services',
    ])
      await removeAll(path);
  });

  test('they are copied, and every address that a Service holds stays covered; again, nothing is left to do', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24'], autoAssign: false });
    await pools.create('spare', { addresses: ['198.18.1.1-198.18.1.9'], serviceAllocation: { priority: 5 } });
    await l2.create('all', { interfaces: ['eth1'] });
    await held('shop/web', '198.18.0.7', 'edge');
    await held('blog/web', '198.18.1.1', 'spare');
    const first = await migrate('--yes');
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain(
      '2 AddressPools created; every address that a Service holds is covered (2 of 2 Services)',
    );
    expect(first.stdout).toContain('kubectl -n shop annotate service web fairlead.dev/adopt=true');
    const made = await ownPools();
    expect(made).toMatchObject({
      edge: { addresses: ['198.18.0.0/24'], autoAssign: false, announce: { interfaces: ['eth1'] } },
      spare: { addresses: ['198.18.1.1-198.18.1.9'], autoAssign: true, allocateTo: { priority: 5 } },
    });
    const again = await migrate('--yes');
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toContain('0 AddressPools created, 2 were there already');
    expect(await ownPools()).toEqual(made);
  });

  test('a dry run prints what kubectl can apply, and makes nothing', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24', '2001:db8::/64'], avoidBuggyIPs: true });
    await l2.create('all', { nodeSelectors: [{ matchLabels: { zone: 'a' } }] });
    const { code, stdout, stderr } = await migrate('--dry-run');
    expect([code, stderr]).toEqual([0, '']);
    const [manifest] = loadAllYaml(stdout);
    const query = { dryRun: 'All', fieldValidation: 'Strict' };
    const spec = { avoidBuggyIPs: true, announce: { nodeSelectors: [{ matchLabels: { zone: 'a' } }] } };
    expect(await admin.request({ method: 'POST', path: own, query, body: manifest })).toMatchObject({ spec });
    expect(await ownPools()).toEqual({});
  });

  test('an address that is shared across namespaces stays so', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24'] });
    await l2.create('all');
    await held('shop/web', '198.18.0.7', 'edge');
    await held('blog/web', '198.18.0.7', 'edge');
    const { code, stderr } = await migrate('--yes');
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('note: pool edge: Services of different namespaces share'),
    ]);
    expect(await ownPools()).toMatchObject({ edge: { sharedAcrossNamespaces: true } });
  });

  test('what cannot be said in our kinds is named, and stops it unless forced', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24'] });
    await l2.create('some', { serviceSelectors: [{ matchLabels: { a: 'b' } }] });
    const refused = await migrate('--yes');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('pool edge: L2Advertisement some is for some Services only');
    expect(await ownPools()).toEqual({});
    const forced = await migrate('--yes', '--force');
    expect([forced.code, forced.stderr]).toEqual([0, expect.stringContaining('is for some Services only')]);
    expect(Object.keys(await ownPools())).toEqual(['edge']);
  });

  test('a pool of ours that says something else stays as it is, and is named', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24'] });
    await l2.create('all');
    const spec = { addresses: ['198.18.7.0/24'] };
    const body = { apiVersion: 'fairlead.dev/v1beta1', kind: 'AddressPool', metadata: { name: 'edge' }, spec };
    await admin.request({ method: 'POST', path: own, body });
    await held('shop/web', '198.18.0.7', 'edge');
    const { code, stderr } = await migrate('--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('AddressPool edge is there already and says something else');
    expect(stderr).toContain('198.18.0.7, which Service shop/web holds, would be in no pool');
    expect(await ownPools()).toMatchObject({ edge: spec });
  });

  test('pools that would be refused as a whole are not made, forced or not', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24'] });
    await l2.create('all');
    const body = {
      apiVersion: 'fairlead.dev/v1beta1',
      kind: 'AddressPool',
      metadata: { name: 'other' },
      spec: { addresses: ['198.18.0.128/25'] },
    };
    await admin.request({ method: 'POST', path: own, body });
    const { code, stderr } = await migrate('--yes', '--force');
    expect(code).toBe(1);
    expect(stderr).toContain('overlaps with');
    expect(Object.keys(await ownPools())).toEqual(['other']);
  });

  test('without a terminal nothing is made unasked', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24'] });
    await l2.create('all');
    const { code, stderr } = await migrate();
    expect([code, stderr]).toEqual([2, expect.stringContaining('pass --yes')]);
    expect(await ownPools()).toEqual({});
  });

  test('pools in another namespace are pointed at', async () => {
    await pools.create('edge', { addresses: ['198.18.0.0/24'] });
    const { code, stderr } = await migrate('--metallb-namespace=metallb');
    expect([code, stderr]).toEqual([1, expect.stringContaining('there are some in metallb-system')]);
  });

  test('who may not read is told so in one line', async () => {
    const { code, stderr } = await migrate(`--kubeconfig=${cluster.kubeconfigFor('nobody')}`);
    expect([code, stderr.trim().split('\n')]).toEqual([2, [expect.stringContaining('cannot list resource')]]);
  });
});

test('what it does not know is refused with the remedy', async () => {
  const child = spawn(process.execPath, [main, 'migrate', 'purelb'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise(resolve => child.once('exit', resolve));
  expect(await text(child.stderr)).toContain('write one of metallb');
  expect(await exit).toBe(2);
});
