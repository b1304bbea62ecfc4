import { describe, expect, test } from 'vitest';
import { startLoop } from '../support/loop.ts';
import { addressOf, classOf, conditionOf } from '../support/loop-users.ts';

/**
 * Rows L of the reference, on the real API server. Elsewhere: the data path (L3, D) with bare metal; a crash at any instruction (L6, L9,
 * L12, L15, L18, L21 have no row) in kill.test.ts and the simulation.
 */
describe.concurrent('a Service comes and goes', () => {
  test.for(['TCP', 'UDP'] as const)(
    'L1, L2: a %s Service gets its finalizer, one ensure, its address and two Events',
    async protocol => {
      await using loop = await startLoop();
      const service = await loop.createServed('web', { ports: [{ port: 80, protocol }] });
      await loop.settle();
      const [ensured, ...more] = loop.world.ensures('web');
      expect(more).toEqual([]);
      const nodePort = service.spec.ports?.[0]?.nodePort;
      expect(ensured?.listeners).toEqual([{ name: '', port: 80, protocol, nodePort }]);
      expect(ensured?.backends.map(backend => backend.node)).toEqual([loop.nodeName('n1')]);
      expect(service.metadata.finalizers).toEqual(['fairlead.dev/a']);
      expect(service.status?.loadBalancer?.ingress).toEqual([{ ip: loop.world.balancerOf('web')?.ip, ipMode: 'VIP' }]);
      await loop.stop();
      expect(await loop.events('web')).toEqual(['Normal EnsuredLoadBalancer', 'Normal EnsuringLoadBalancer']);
    },
  );

  test('a provider that keeps nothing outside costs one write and one Event, and the condition names the owner', async () => {
    await using loop = await startLoop({ instances: { a: { capabilities: { keepsOutside: false } } } });
    const service = await loop.createServed('web');
    await loop.settle();
    expect(service.metadata.finalizers).toBeUndefined();
    expect(conditionOf(service, 'fairlead.dev/a')?.status).toBe('True');
    expect(loop.writesTo('web')).toHaveLength(1);
    await loop.delete('web');
    await loop.until('the provider has let go', () => loop.world.balancerOf('web') === undefined);
    await loop.stop();
    expect(await loop.events('web')).toEqual(['Normal EnsuredLoadBalancer']);
  });

  test('L4: a ClusterIP, a headless and an ExternalName Service beside it are not touched', async () => {
    await using loop = await startLoop();
    const neighbours = {
      'cluster-ip': { type: 'ClusterIP' },
      headless: { type: 'ClusterIP', clusterIP: 'None' },
      external: { type: 'ExternalName', externalName: 'example.com', ports: undefined },
      'node-port': { type: 'NodePort' },
    };
    const before = await Promise.all(
      Object.entries(neighbours).map(([name, spec]) => loop.create(name, { loadBalancerClass: undefined, ...spec })),
    );
    await loop.createServed('web');
    await loop.settle();
    await loop.stop();
    for (const service of before) {
      const { name } = service.metadata;
      expect(loop.world.callsFor(name)).toEqual([]);
      expect(await loop.get(name)).toEqual(service);
      expect(await loop.events(name)).toEqual([]);
    }
  });

  test('L5: our finalizer without an address is taken up with one write, and no second finalizer', async () => {
    await using loop = await startLoop({ started: false });
    await loop.create('web', {}, { finalizers: ['fairlead.dev/a'] });
    await loop.start();
    const service = await loop.served('web');
    await loop.settle();
    expect(service.metadata.finalizers).toEqual(['fairlead.dev/a']);
    expect(loop.world.ensures('web')).toHaveLength(1);
    expect(loop.writesTo('web')).toHaveLength(1);
  });

  test('L7: to ClusterIP and back: what was there goes, and a new balancer comes', async () => {
    await using loop = await startLoop();
    await loop.createServed('web');
    await loop.patchSpec('web', { type: 'ClusterIP', loadBalancerClass: null });
    const plain = await loop.when('web', ({ metadata }) => metadata.finalizers === undefined);
    expect(plain.status?.conditions ?? []).toEqual([]);
    expect(loop.world.balancers.size).toBe(0);
    await loop.patchSpec('web', { type: 'LoadBalancer', loadBalancerClass: classOf('a') });
    const service = await loop.served('web');
    expect(service.metadata.finalizers).toEqual(['fairlead.dev/a']);
    expect(loop.world.ensures('web')).toHaveLength(2);
  });

  test('L7: to ClusterIP and back before the loop has looked: it ends as asked, with one balancer', async () => {
    await using loop = await startLoop();
    await loop.createServed('web');
    await loop.stop();
    await loop.patchSpec('web', { type: 'ClusterIP', loadBalancerClass: null });
    await loop.patchSpec('web', { type: 'LoadBalancer', loadBalancerClass: classOf('a') });
    await loop.start();
    const service = await loop.served('web');
    await loop.settle();
    expect(addressOf(service)).toBe(loop.world.balancerOf('web')?.ip);
    expect(loop.world.balancers.size).toBe(1);
  });

  test('L8: a deleted Service stays until the provider has deleted, and then goes', async () => {
    await using loop = await startLoop();
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    let asked = 0;
    loop.world.deleteAnswers.set('web', async (_ref, _call, remove) => {
      if (++asked === 1) return { state: 'pending', reason: 'draining', retryAfterMs: 100 };
      await allowed;
      return remove();
    });
    await loop.createServed('web');
    await loop.delete('web');
    await loop.until('the provider was asked twice', () => asked === 2);
    const leaving = await loop.get('web');
    expect(leaving.metadata.finalizers).toEqual(['fairlead.dev/a']);
    expect(leaving.metadata.deletionTimestamp).toBeDefined();
    allow();
    await loop.gone('web');
    expect(loop.world.balancers.size).toBe(0);
    await loop.stop();
    expect(await loop.events('web')).toEqual([
      'Normal DeletedLoadBalancer',
      'Normal DeletingLoadBalancer',
      'Normal EnsuredLoadBalancer',
      'Normal EnsuringLoadBalancer',
    ]);
  });

  test('L10: a ClusterIP Service that still carries our finalizer is cleaned up from the first list on', async () => {
    await using loop = await startLoop({ started: false });
    const spec = { type: 'ClusterIP', loadBalancerClass: undefined };
    const { metadata } = await loop.create('web', spec, { finalizers: ['fairlead.dev/a'] });
    await loop.start();
    const service = await loop.when('web', one => one.metadata.finalizers === undefined);
    expect(service.metadata.uid).toBe(metadata.uid);
    expect(loop.world.deletes('web')).toHaveLength(1);
    expect(loop.world.ensures('web')).toEqual([]);
  });

  test('L11: ClusterIP to NodePort to LoadBalancer keeps the node port', async () => {
    await using loop = await startLoop();
    await loop.create('web', { type: 'ClusterIP', loadBalancerClass: undefined });
    const { spec } = await loop.patchSpec('web', { type: 'NodePort' });
    await loop.patchSpec('web', { type: 'LoadBalancer', loadBalancerClass: classOf('a') });
    const served = await loop.served('web');
    expect(served.spec.ports?.[0]?.nodePort).toBe(spec.ports?.[0]?.nodePort);
    expect(loop.world.ensures('web').at(-1)?.listeners[0]?.nodePort).toBe(spec.ports?.[0]?.nodePort);
  });

  test('L13: another port keeps node port and address', async () => {
    await using loop = await startLoop();
    const before = await loop.createServed('web', { ports: [{ name: 'http', port: 80 }] });
    const nodePort = before.spec.ports?.[0]?.nodePort;
    await loop.patchSpec('web', { ports: [{ name: 'http', port: 443, nodePort }] });
    await loop.until('it was ensured again', () => loop.world.ensures('web').length === 2);
    await loop.settle();
    expect(loop.world.balancerOf('web')?.loadBalancer.listeners).toMatchObject([{ port: 443, nodePort }]);
    expect(addressOf(await loop.get('web'))).toBe(addressOf(before));
  });

  test('L14: to NodePort: the balancer goes, the node ports stay', async () => {
    await using loop = await startLoop();
    const before = await loop.createServed('web');
    await loop.patchSpec('web', { type: 'NodePort', loadBalancerClass: null });
    const after = await loop.when('web', ({ metadata }) => metadata.finalizers === undefined);
    expect(after.spec.ports).toEqual(before.spec.ports);
    expect(after.status?.conditions ?? []).toEqual([]);
    expect(loop.world.balancers.size).toBe(0);
  });

  test('L16: beside a foreign finalizer ours goes alone, and nothing more is asked of the provider', async () => {
    await using loop = await startLoop();
    await loop.createServed('web', {}, { finalizers: ['example.com/keep'] });
    await loop.delete('web');
    const after = await loop.when('web', ({ metadata }) => metadata.finalizers?.includes('fairlead.dev/a') === false);
    expect(after.metadata.finalizers).toEqual(['example.com/keep']);
    await loop.settle();
    expect(loop.world.callsFor('web').map(call => call.verb)).toEqual(['ensure', 'delete']);
    await loop.patch('web', { metadata: { finalizers: null } });
    await loop.gone('web');
  });

  test('L17: a Service that is going, held by somebody else, is left alone', async () => {
    await using loop = await startLoop({ started: false });
    await loop.create('web', {}, { finalizers: ['example.com/keep'] });
    await loop.delete('web');
    await loop.start();
    await loop.settle();
    expect(loop.world.callsFor('web')).toEqual([]);
    expect(loop.writesTo('web')).toEqual([]);
    await loop.stop();
    expect(await loop.events('web')).toEqual([]);
  });

  test.for([true, false])(
    'L19: the same name again is another Service: the old balancer goes, the new one is its own (finalizer: %s)',
    async keepsOutside => {
      await using loop = await startLoop({ instances: { a: { capabilities: { keepsOutside } } } });
      const old = await loop.createServed('web');
      await loop.delete('web');
      await loop.until('the name is free', async () => (await loop.create('web').catch(() => undefined)) !== undefined);
      const young = await loop.served('web');
      await loop.until('the old one is gone', () => loop.world.balancers.size === 1);
      await loop.settle();
      expect(young.metadata.uid).not.toBe(old.metadata.uid);
      expect(loop.world.balancerOf('web')?.ref.service.uid).toBe(young.metadata.uid);
      expect(loop.world.deletes('web')).toHaveLength(1);
    },
  );

  test('L20: a key or an id that nobody knows costs nothing', async () => {
    await using loop = await startLoop();
    loop.built.controller.term?.serviceChanged({
      key: `${loop.namespace}/ghost`,
      previous: undefined,
      current: undefined,
    });
    loop.built.controller.requeue(['fl-nobody'], 'by mistake');
    await loop.settle();
    expect(loop.world.callsFor('ghost')).toEqual([]);
    expect(loop.log.filter(line => line.level === 'warn')).toEqual([]);
  });

  test('L22: a namespace with 20 Services that goes leaves nothing behind', async () => {
    await using loop = await startLoop();
    const names = await loop.createMany(20);
    const path = `/api/v1/namespaces/${loop.namespace}`;
    await loop.admin.request({ method: 'DELETE', path });
    await Promise.all(names.map(name => loop.delete(name)));
    await loop.until('all are gone', async () => (await loop.services()).length === 0);
    expect(loop.world.balancers.size).toBe(0);
  });
});
