import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import { startController } from '../support/controller-process.ts';
import { type GceServer, startGceServer } from '../support/gcp/gce-server.ts';
import { configFor } from '../support/gcp/gcp-config.ts';
import { made } from '../support/gcp/gcp-world.ts';
import { applyRole, roleUser } from '../support/loop-role.ts';
import { until } from '../support/loop-until.ts';
import { addressOf, LoopUsers } from '../support/loop-users.ts';
import { startFairlead } from '../support/speaker-process.ts';

/** The product as processes of its own, under the shipped role, on a real API server and the fake of Google Cloud. */
let cluster: LocalCluster;
let admin: KubeConnection;
let gce: GceServer;
let users: LoopUsers;
beforeAll(async () => {
  [cluster, gce] = await Promise.all([startCluster({ users: [roleUser] }), startGceServer()]);
  await applyRole(cluster.kubeconfig);
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  users = new LoopUsers('default', admin);
});
afterAll(async () => {
  await admin.close();
  await Promise.all([cluster.stop(), gce.close()]);
});

test('a Service gets its address, nodes and ports change, it goes; and destroy empties what a dead controller has left', {
  timeout: 120_000,
}, async () => {
  const config = JSON.stringify(configFor(gce));
  const flags = [
    '--lease-namespace=fairlead-system',
    `--kubeconfig=${cluster.kubeconfigFor(roleUser.name)}`,
    `--provider=gcp=gcp,default,config=${config}`,
  ];
  await addNode('n1', 0);
  await addNode('n2', 1);
  const controller = startController(...flags);
  const told = (): string => controller.output();
  try {
    await until('it leads', () => told().includes('gained the Lease'), told, 60_000);
    const spec = { loadBalancerClass: undefined, ports: [{ port: 80 }] };
    const first = addressOf(await users.createServed('web', spec));
    expect(counts()).toEqual({
      backendServices: 1,
      firewalls: 2,
      forwardingRules: 1,
      healthChecks: 1,
      instanceGroups: 2,
    });

    await addNode('n3', 0);
    await until('the new node is in its group', () => members().includes('n3'), told);
    expect(members()).toEqual(['n1', 'n2', 'n3']);

    await users.patchSpec('web', {
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 443 },
      ],
    });
    await until('the new port has a rule', () => counts()['forwardingRules'] === 2, told);
    expect(addressOf(await users.get('web'))).toBe(first);

    await users.delete('web');
    await until('everything is gone', async () => (await users.find('web')) === undefined, told);
    expect(counts()).toEqual({});
    await users.createServed('left', spec);
  } finally {
    controller.child.kill('SIGTERM');
    await controller.exit;
  }
  const destroying = startFairlead([
    'destroy',
    '--yes',
    '--lease-namespace=fairlead-system',
    `--kubeconfig=${cluster.kubeconfig}`,
    `--provider=gcp,config=${config}`,
  ]);
  expect({ code: await destroying.exit, output: destroying.output() }).toMatchObject({ code: 0 });
  expect(counts()).toEqual({});
});

function counts(): Readonly<Record<string, number>> {
  const kinds = made(gce).map(({ kind }) => kind);
  return Object.fromEntries([...new Set(kinds)].map(kind => [kind, kinds.filter(one => one === kind).length]));
}

function members(): readonly string[] {
  return made(gce)
    .flatMap(object => [...object.members].map(path => path.split('/').at(-1) ?? ''))
    .toSorted();
}

async function addNode(name: string, zone: 0 | 1): Promise<void> {
  const place = gce.fixture.zones[zone];
  const body = {
    metadata: { name, labels: { 'topology.kubernetes.io/zone': place } },
    spec: { providerID: gce.fixture.providerId(name, place) },
  };
  await admin.request({ method: 'POST', path: '/api/v1/nodes', body });
}
