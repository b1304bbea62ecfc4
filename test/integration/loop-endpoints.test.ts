import { describe, expect, test } from 'vitest';
import { KubeError, statusOf } from '../../src/kube/client.ts';
import { type Loop, startLoop } from '../support/loop.ts';
import { applyComponentRole } from '../support/loop-role.ts';
import { conditionOf, stateOf } from '../support/loop-users.ts';

const pods = { annotations: { 'cloud.example/targets': 'pods' } };

describe.concurrent('a provider that sends to pods', () => {
  test('is given the endpoints of the Service from the first ensure on, and their changes, without an Event or a write', async () => {
    await using loop = await startLoopWithRight();
    await loop.setEndpoints('web', ['10.9.0.2', '10.9.0.1']);
    await loop.createServed('web', {}, pods);
    expect(loop.world.ensures('web').map(({ endpoints }) => endpoints)).toMatchObject([
      [
        { address: '10.9.0.1', port: 8080, listener: '', ready: true },
        { address: '10.9.0.2', port: 8080, listener: '', ready: true },
      ],
    ]);
    // Events are told behind everything else.
    await loop.told('web', 'EnsuredLoadBalancer');
    await loop.settle();
    const before = await loop.get('web');
    const events = await loop.events('web');
    await loop.setEndpoints('web', ['10.9.0.3']);
    await loop.until('the new pod is known', () => addressesOf(loop, 'web').join() === '10.9.0.3');
    await loop.setEndpoints('web', undefined);
    await loop.until('no pod is left', () => addressesOf(loop, 'web').length === 0);
    await loop.settle();
    expect(await loop.get('web')).toEqual(before);
    expect(await loop.events('web')).toEqual(events);
  });

  test('a change concerns only the Services that were given endpoints', async () => {
    await using loop = await startLoopWithRight();
    await loop.createServed('web', {}, pods);
    await loop.createServed('nodes');
    await loop.setEndpoints('nodes', ['10.9.0.1']);
    await loop.setEndpoints('web', ['10.9.0.2']);
    await loop.until('the pod is known', () => addressesOf(loop, 'web').length === 1);
    await loop.settle();
    expect(loop.world.ensures('nodes')).toHaveLength(1);
    expect(loop.world.balancerOf('nodes')?.loadBalancer.endpoints).toBeUndefined();
  });

  test('where nobody needs endpoints, nobody asks the API server for them', async () => {
    await using loop = await startLoop();
    await loop.createServed('web');
    await loop.settle();
    expect(loop.requests.filter(({ path }) => path.includes('endpointslices'))).toEqual([]);
  });

  test('a Service that begins to need them is served without a moment with none', async () => {
    await using loop = await startLoopWithRight();
    await loop.setEndpoints('web', ['10.9.0.1']);
    await loop.createServed('web');
    await loop.annotate('web', pods.annotations);
    await loop.until('it is given them', () => loop.world.ensures('web').length > 1);
    expect(addressesOf(loop, 'web')).toEqual(['10.9.0.1']);
  });

  test('after a restart nothing is asked of the provider before they are listed anew', async () => {
    await using loop = await startLoopWithRight();
    await loop.setEndpoints('web', ['10.9.0.1']);
    await loop.createServed('web', {}, pods);
    await loop.stop();
    await loop.setEndpoints('web', ['10.9.0.2']);
    await loop.start();
    await loop.until('it is ensured again', () => loop.world.ensures('web').length > 1);
    expect(addressesOf(loop, 'web')).toEqual(['10.9.0.2']);
  });

  test('without the right it says which, others are served, and it goes on once the right is given', async () => {
    await using loop = await startLoop();
    await loop.create('web', {}, pods);
    const { message } = await loop.told('web', 'LoadBalancerRejected');
    expect(message).toContain('deploy/kustomize/components/endpoints');
    await loop.createServed('nodes');
    const refused = await loop.when('web', service => conditionOf(service, 'LoadBalancerServing') !== undefined);
    expect(stateOf(refused, 'LoadBalancerServing')).toBe('False EndpointsNotReadable');
    await giveRight(loop);
    expect(stateOf(await loop.served('web'), 'LoadBalancerServing')).toBe('True Serving');
  });

  test('an API server that gives no list keeps nobody waiting who needs none', async () => {
    await using loop = await startLoop({
      between: client => ({
        ...client,
        watch: request => client.watch(request),
        request: async request => {
          if (request.path.includes('endpointslices')) throw new KubeError(0, 'Unreachable', 'nobody there');
          return client.request(request);
        },
      }),
    });
    await loop.create('web', {}, pods);
    await loop.createServed('nodes');
    await loop.settle();
    expect(loop.world.ensures('web')).toEqual([]);
  });
});

async function startLoopWithRight(): Promise<Loop> {
  const loop = await startLoop({ started: false });
  await giveRight(loop);
  await loop.start();
  return loop;
}

async function giveRight(loop: Loop): Promise<void> {
  await applyComponentRole(loop.admin, loop.namespace, 'endpoints');
  await loop.until('the right is in force', async () => {
    const read = loop.role.request({ method: 'GET', path: loop.slicesPath() });
    return (await read.then(() => 200, statusOf)) === 200;
  });
}

function addressesOf(loop: Loop, service: string): readonly string[] {
  return (loop.world.balancerOf(service)?.loadBalancer.endpoints ?? []).map(({ address }) => address);
}
