import { expect, test } from 'vitest';
import type { AwsWorld } from '../support/aws/aws-world.ts';
import { inventoryOf } from '../support/aws/observed/inventory.ts';
import { observeWorld } from '../support/aws/observed/observed-world.ts';
import { pointSdkAt } from '../support/aws-provider.ts';
import { type Loop, startLoop } from '../support/loop.ts';
import { applyComponentRole } from '../support/loop-role.ts';
import { conditionOf } from '../support/loop-users.ts';
import { onBothWorlds } from '../support/on-both-worlds.ts';

/** The whole way: a real API server, the loop under the shipped role, the provider, the SDK, and a server that speaks AWS's protocol. */
onBothWorlds('a Service on AWS', open => {
  async function start(world: AwsWorld): Promise<Loop> {
    pointSdkAt(world.url);
    const { vpcId, cluster: clusterName, instances } = world.fixture;
    const config = { vpcId, clusterName, limits: 'off' };
    const loop = await startLoop({ instances: { a: { real: { module: 'aws', config } } }, nodes: [], started: false });
    await applyComponentRole(loop.admin, loop.namespace, 'endpoints');
    await loop.until('pods may be read', () =>
      loop.role.request({ method: 'GET', path: loop.slicesPath() }).then(
        () => true,
        () => false,
      ),
    );
    for (const [index, { id, zone }] of instances.entries())
      await loop.createNode(`n${index}`, { spec: { providerID: `aws:///${zone}/${id}` } });
    await loop.start();
    return loop;
  }

  const inventory = async ({ clients }: AwsWorld): Promise<readonly string[]> =>
    inventoryOf(await observeWorld(clients)).toSorted();

  test('has its hostname and its ports in the status, and its deletion leaves nothing', async () => {
    const world = await open();
    const before = await inventory(world);
    {
      await using loop = await start(world);
      const service = await loop.createServed('web', {
        ports: [
          { name: 'http', port: 80 },
          { name: 'tls', port: 443 },
        ],
      });
      expect(service.status?.loadBalancer?.ingress).toEqual([
        {
          hostname: expect.stringMatching(/^k8s-loop.*\.amazonaws\.com$/),
          ports: [
            { port: 80, protocol: 'TCP' },
            { port: 443, protocol: 'TCP' },
          ],
        },
      ]);
      expect(service.metadata.finalizers).toEqual(['fairlead.dev/a']);
      const { groups } = await observeWorld(world.clients);
      expect(groups.map(({ targets }) => targets.length)).toEqual([3, 3]);
      await loop.delete('web');
      await loop.gone('web');
    }
    expect(await inventory(world)).toEqual(before);
    await world.close();
  });

  test('a restart asks AWS for little, changes nothing there, and writes nothing', async () => {
    const world = await open();
    {
      await using loop = await start(world);
      await loop.createMany(10);
      await loop.idle();
      await loop.stop();
      const writes = loop.writesTo('web-0').length;
      const since = world.proxy.log.mark();
      await loop.start();
      await loop.createServed('later');
      await loop.idle();
      expect(
        since().filter(({ isMutation }) => isMutation),
        'those of the new one',
      ).toHaveLength(6);
      expect(loop.writesTo('web-0')).toHaveLength(writes);
      for (const name of [...Array.from({ length: 10 }, (_, n) => `web-${n}`), 'later']) await loop.delete(name);
      await loop.gone('later');
    }
    await world.close();
  });

  test('pods as targets come and go with the endpoints', async () => {
    const world = await open();
    {
      await using loop = await start(world);
      const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip' };
      await loop.setEndpoints('web', ['10.0.0.11', '10.0.0.12']);
      await loop.createServed('web', { allocateLoadBalancerNodePorts: false }, { annotations });
      const targets = async () =>
        (await observeWorld(world.clients)).groups.flatMap(group =>
          group.targets.map(({ Target }) => `${Target?.Id}:${Target?.Port}`).toSorted(),
        );
      expect(await targets()).toEqual(['10.0.0.11:8080', '10.0.0.12:8080']);
      await loop.setEndpoints('web', ['10.0.0.12', '10.0.0.13']);
      await loop.until('the targets follow', async () => (await targets()).includes('10.0.0.13:8080'));
      await loop.until('the old one is gone', async () => !(await targets()).includes('10.0.0.11:8080'));
      await loop.delete('web');
      await loop.gone('web');
    }
    await world.close();
  });

  test('a wrong annotation is told, and makes nothing', async () => {
    const world = await open();
    const before = await inventory(world);
    {
      await using loop = await start(world);
      const annotations = { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'sideways' };
      await loop.create('web', {}, { annotations });
      const { message } = await loop.told('web', 'LoadBalancerRejected');
      expect(message).toMatch(/aws-load-balancer-scheme.*sideways/);
      expect(conditionOf(await loop.get('web'), 'LoadBalancerServing')?.status).toBe('False');
      expect(await inventory(world)).toEqual(before);
      await loop.annotate('web', { 'service.beta.kubernetes.io/aws-load-balancer-scheme': null });
      await loop.served('web');
      await loop.delete('web');
      await loop.gone('web');
    }
    await world.close();
  });
});
