import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import type { KubeClient } from '../../src/kube/client.ts';
import type { Service } from '../../src/kube/objects.ts';
import { type Kubeconfigs, type Loop, type LoopOptions, startLoop } from '../support/loop.ts';
import { LoopClock } from '../support/loop-clock.ts';
import { applyComponentRole, applyRole, roleUser } from '../support/loop-role.ts';
import { addressOf, conditionOf, stateOf } from '../support/loop-users.ts';

/** Rows P of the reference: Services that forbid the API server to give node ports, refused or filled in by us. */
const forbidding = { allocateLoadBalancerNodePorts: false };
const record = 'fairlead.dev/node-ports';

describe.concurrent('refused, which is the default', () => {
  test('P1: no call, no finalizer, and the Service says what to do', async () => {
    await using loop = await startLoop();
    await loop.create('web', forbidding);
    const service = await loop.when('web', one => conditionOf(one, 'LoadBalancerServing') !== undefined);
    expect(stateOf(service, 'LoadBalancerServing')).toBe('False NodePortsNotAllocated');
    expect((await loop.told('web', 'LoadBalancerRejected')).message).toContain('fairlead.dev/allocate-node-ports');
    await loop.settle();
    expect(loop.world.callsFor('web')).toEqual([]);
    expect(nodePorts(await loop.get('web'))).toEqual([0]);
    expect((await loop.get('web')).metadata.finalizers).toBeUndefined();
  });

  test('a provider that needs none does not mind', async () => {
    await using loop = await startLoop({ instances: { a: { needsNodePorts: false } } });
    const service = await loop.createServed('web', forbidding);
    expect(nodePorts(service)).toEqual([0]);
    expect(loop.world.ensures('web')[0]?.listeners).toMatchObject([{ port: 80, nodePort: 0 }]);
  });

  test('P3: forbidden later: the ports that are there stay, and so does the balancer', async () => {
    await using loop = await startLoop();
    const before = await loop.createServed('web');
    await loop.patchSpec('web', forbidding);
    await loop.settle();
    const after = await loop.get('web');
    expect(nodePorts(after)).toEqual(nodePorts(before));
    expect(after.status).toEqual(before.status);
    expect(loop.world.ensures('web')).toHaveLength(1);
  });

  test('P4: a node port that the user gives back is not filled in again, and the balancer stays as it was', async () => {
    await using loop = await startLoop();
    const before = await loop.createServed('web');
    await loop.patchSpec('web', forbidding);
    await loop.replace('web', withoutNodePorts(await loop.get('web')));
    const after = await loop.when('web', one => conditionOf(one, 'LoadBalancerDegraded') !== undefined);
    expect(stateOf(after, 'LoadBalancerDegraded')).toBe('True NodePortsNotAllocated');
    await loop.settle();
    expect(nodePorts(await loop.get('web'))).toEqual([0]);
    expect(addressOf(after)).toBe(addressOf(before));
    expect(loop.world.callsFor('web').map(call => call.verb)).toEqual(['ensure']);
  });

  test('P6: allowed again: the API server gives ports, and the Service is served', async () => {
    await using loop = await startLoop();
    await loop.create('web', forbidding);
    await loop.when('web', one => conditionOf(one, 'LoadBalancerServing') !== undefined);
    await loop.patchSpec('web', { allocateLoadBalancerNodePorts: true });
    const service = await loop.served('web');
    expect(nodePorts(service)[0]).toBeGreaterThan(0);
    expect(asked(loop)).toEqual(nodePorts(service));
  });

  test('traffic policy Local brings its health-check port also where node ports are forbidden', async () => {
    await using loop = await startLoop({ instances: { a: { needsNodePorts: false } } });
    const { spec } = await loop.createServed('web', { ...forbidding, externalTrafficPolicy: 'Local' });
    expect(spec.healthCheckNodePort).toBeGreaterThan(0);
    expect(loop.world.ensures('web')[0]?.healthCheck.port).toBe(spec.healthCheckNodePort);
  });
});

describe.concurrent('filled in', () => {
  test.for([
    { how: 'by flag', flags: ['--fill-node-ports'], metadata: {} },
    { how: 'by annotation', flags: [], metadata: { annotations: { 'fairlead.dev/allocate-node-ports': 'true' } } },
  ])('P1: $how: persisted before the provider hears of it, with an Event and a record', async ({ flags, metadata }) => {
    await using loop = await startFilling({ flags });
    const stored: (readonly number[])[] = [];
    loop.world.ensureAnswers.set('web', async (_wanted, _call, make) => {
      stored.push(nodePorts(await loop.get('web')));
      return make();
    });
    await loop.create('web', forbidding, metadata);
    const service = await loop.served('web');
    const [port] = nodePorts(service);
    expect(port).toBeGreaterThan(30_085);
    expect(stored).toEqual([[port]]);
    expect(asked(loop)).toEqual([port]);
    expect(service.spec.allocateLoadBalancerNodePorts).toBe(false);
    expect(service.metadata.annotations?.[record]).toBe(`80=${port}`);
    expect((await loop.told('web', 'NodePortsAllocated')).message).toContain(`80=${port}`);
  });

  test('without the extra right: the Service says which right is missing, and no provider is asked', async () => {
    const clock = new LoopClock();
    await using loop = await startLoop({ flags: ['--fill-node-ports'], clock });
    await loop.create('web', forbidding);
    const service = await loop.when('web', one => conditionOf(one, 'LoadBalancerServing') !== undefined);
    expect(stateOf(service, 'LoadBalancerServing')).toBe('False NodePortsNotAllocated');
    expect(conditionOf(service, 'LoadBalancerServing')?.message).toContain('patch on services');
    expect((await loop.told('web', 'SyncLoadBalancerFailed')).message).toContain('patch on services');
    expect(loop.world.callsFor('web')).toEqual([]);
    await loop.idle();
    await applyComponentRole(loop.admin, loop.namespace, 'fill-node-ports');
    await loop.until('it is served once the right is there', async () => {
      clock.jump(5_000);
      return addressOf(await loop.get('web')) !== undefined;
    });
  });

  test('P9: TCP and UDP of one port get the same number', async () => {
    await using loop = await startFilling();
    const ports = ['TCP', 'UDP'].map(protocol => ({ name: protocol.toLowerCase(), port: 53, protocol }));
    const [tcp, udp] = nodePorts(await loop.createServed('web', { ...forbidding, ports }));
    expect(tcp).toBeGreaterThan(0);
    expect(udp).toBe(tcp);
  });

  test('a number that the user has chosen stays; only the missing one is filled in', async () => {
    await using loop = await startFilling();
    const ports = [
      { name: 'http', port: 80, nodePort: 30_055 },
      { name: 'https', port: 443 },
    ];
    const [http, https] = nodePorts(await loop.createServed('web', { ...forbidding, ports }));
    expect(http).toBe(30_055);
    expect(https).toBeGreaterThan(30_085);
  });

  test('P10: a user who edits the ports at that very moment loses no edit, and no number lands on another port', async () => {
    let edited = false;
    const hooks: { edit: () => Promise<unknown> } = { edit: () => Promise.resolve() };
    const between = (client: KubeClient): KubeClient => ({
      async request(request) {
        if (!edited && request.method === 'PATCH' && request.path.endsWith('/services/web')) {
          edited = true;
          await hooks.edit();
        }
        return client.request(request);
      },
      watch: request => client.watch(request),
    });
    await using loop = await startFilling({ between });
    const [first, second] = [
      { name: 'one', port: 81, targetPort: 8081 },
      { name: 'two', port: 82, targetPort: 8082 },
    ];
    hooks.edit = () => loop.patchSpec('web', { ports: [second, first] });
    await loop.create('web', { ...forbidding, ports: [first, second] });
    const { metadata, spec } = await loop.served('web');
    expect(edited).toBe(true);
    expect(spec.ports).toMatchObject([second, first]);
    expect(asked(loop)).toEqual(spec.ports?.map(port => port.nodePort));
    const noted = spec.ports?.map(({ port, nodePort }) => `${port}=${nodePort}`).join(',');
    expect(metadata.annotations?.[record]).toBe(noted);
  });

  test('numbers that a tenant has made up in the record harm nobody', async () => {
    await using loop = await startFilling();
    const metadata = { annotations: { [record]: '80=99999,80=1,x=y,443=30090' } };
    const service = await loop.createServed('web', forbidding, metadata);
    expect(nodePorts(service)[0]).toBeGreaterThanOrEqual(30_086);
    expect(asked(loop)).toEqual(nodePorts(service));
  });
});

/** Nobody else takes numbers here. */
describe('in a cluster of its own, with a tiny range', () => {
  let cluster: LocalCluster;
  let kubeconfigs: Kubeconfigs;
  beforeAll(async () => {
    cluster = await startCluster({ users: [roleUser], serviceNodePortRange: '30000-30015' });
    await applyRole(cluster.kubeconfig);
    kubeconfigs = { admin: cluster.kubeconfig, role: cluster.kubeconfigFor(roleUser.name) };
  });
  afterAll(() => cluster.stop());

  test('P7: the range is learned from a refusal, a taken number makes it try another, and a full range is told', async () => {
    await using loop = await startFilling({ kubeconfigs });
    const names = Array.from({ length: 15 }, (_, index) => `web-${index}`);
    for (const name of names) await loop.createServed(name, forbidding);
    const taken = (await loop.services()).flatMap(nodePorts);
    expect(new Set(taken).size).toBe(15);
    for (const name of names) expect(loop.world.ensures(name)).toHaveLength(1);
    await loop.createServed('last', forbidding);
    await loop.create('too-many', forbidding);
    const event = await loop.told('too-many', 'SyncLoadBalancerFailed');
    expect(event.message).toContain('--service-node-port-range');
    const refused = await loop.when('too-many', one => conditionOf(one, 'LoadBalancerServing') !== undefined);
    expect(stateOf(refused, 'LoadBalancerServing')).toBe('False NodePortsNotAllocated');
    expect(loop.world.callsFor('too-many')).toEqual([]);
    for (const service of await loop.services()) await loop.delete(service.metadata.name);
  });

  test('P4, P12: a manifest replaced without its numbers gets the same ones again; the provider never hears of another', async () => {
    await using loop = await startFilling({ kubeconfigs });
    const before = await loop.createServed('web', forbidding);
    await loop.replace('web', withoutNodePorts(before));
    const after = await loop.when('web', one => nodePorts(one)[0] !== 0);
    await loop.settle();
    expect(nodePorts(after)).toEqual(nodePorts(before));
    expect(addressOf(await loop.get('web'))).toBe(addressOf(before));
    expect(new Set(loop.world.ensures('web').flatMap(one => one.listeners.map(listener => listener.nodePort)))).toEqual(
      new Set(nodePorts(before)),
    );
  });

  test('P13: an API server that comes back with another range: our numbers stay as they are', async () => {
    await using loop = await startFilling({ kubeconfigs });
    const before = await loop.createServed('web', forbidding);
    await loop.stop();
    await cluster.restartApiServer({ flags: { 'service-node-port-range': '31000-31015' } });
    await loop.start();
    await loop.until('it was verified', () => loop.world.ensures('web').length === 2);
    expect(nodePorts(await loop.get('web'))).toEqual(nodePorts(before));
    const other = await loop.createServed('other', forbidding);
    expect(nodePorts(other)[0]).toBeGreaterThanOrEqual(31_000);
    expect((await loop.get('web')).status).toEqual(before.status);
  });
});

/** A loop that has the extra right of filling in, in its namespace. */
async function startFilling(options: LoopOptions = {}): Promise<Loop> {
  // Other numbers each time: the same ones again are then those that were remembered.
  const loop = await startLoop({ flags: ['--fill-node-ports'], random: Math.random, ...options, started: false });
  await applyComponentRole(loop.admin, loop.namespace, 'fill-node-ports');
  await loop.until('the right is in force', () => loop.maySetNodePorts());
  await loop.start();
  return loop;
}

function nodePorts({ spec }: Service): readonly number[] {
  return (spec.ports ?? []).map(port => port.nodePort ?? 0);
}

/** The node ports that the provider was last told for `web`. */
function asked(loop: Loop): readonly number[] {
  return loop.world.balancerOf('web')?.loadBalancer.listeners.map(listener => listener.nodePort) ?? [];
}

function withoutNodePorts({ spec }: Service): object {
  return { ...spec, ports: spec.ports?.map(({ nodePort: _, ...port }) => port) };
}
