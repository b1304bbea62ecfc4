import { describe, expect, test } from 'vitest';
import { type KubeClient, objectPath, patchType } from '../../src/kube/client.ts';
import type { KubeList, KubeObject } from '../../src/kube/objects.ts';
import type { ProviderContext, ResourceKind } from '../../src/provider/provider.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { sharedCluster } from '../support/cluster.ts';
import { type Loop, type LoopOptions, startLoop } from '../support/loop.ts';
import { addressOf, type LoopEvent } from '../support/loop-users.ts';

/** What a provider reports, as it arrives on a real API server, under the rights of the component bare-metal. */
const pools: ResourceKind = { group: 'fairlead.dev', version: 'v1beta1', plural: 'addresspools' };
const path = '/apis/fairlead.dev/v1beta1/addresspools';

interface Pool extends KubeObject {
  readonly status?: object;
}

function start(more: Partial<LoopOptions> = {}): Promise<Loop> {
  const { kubeconfig, bareMetalKubeconfig } = sharedCluster();
  const kubeconfigs = { admin: kubeconfig, role: bareMetalKubeconfig };
  return startLoop({ kubeconfigs, instances: { a: { kinds: [pools] } }, ...more });
}

function contextOf(loop: Loop): ProviderContext {
  const context = loop.world.contexts.get('a');
  if (context === undefined) throw new Error('the instance was not made');
  return context;
}

/** Named after the loop, and of a range of its own: pools belong to the whole cluster. */
async function createPool(loop: Loop): Promise<Pool> {
  const [a = 0, b = 0] = Buffer.from(loop.namespace.slice(-4), 'hex');
  const spec = { addresses: [`10.${a}.${b}.0/24`] };
  const body = { apiVersion: 'fairlead.dev/v1beta1', kind: 'AddressPool', metadata: { name: loop.namespace }, spec };
  const pool = await loop.admin.request<Pool>({ method: 'POST', path, body });
  await loop.until(
    'the pool is seen',
    () => contextView(loop).items?.some(one => one.name === loop.namespace) === true,
  );
  return pool;
}

function contextView(loop: Loop) {
  return contextOf(loop).resources(pools, () => undefined);
}

function getPool(loop: Loop): Promise<Pool> {
  return loop.admin.request({ method: 'GET', path: objectPath(path, loop.namespace) });
}

function report(loop: Loop, status: object, name = loop.namespace): void {
  contextOf(loop).report({ kind: 'status', of: pools, name, status });
}

function statusWrites(loop: Loop): number {
  return loop.requests.filter(one => one.method === 'PATCH' && one.path.startsWith(path)).length;
}

async function hasStatus(loop: Loop, status: object): Promise<void> {
  const wanted = JSON.stringify(status);
  await loop.until(`the status is ${wanted}`, async () => JSON.stringify((await getPool(loop)).status) === wanted);
}

async function deletePool(loop: Loop): Promise<void> {
  await loop.admin.request({ method: 'DELETE', path: objectPath(path, loop.namespace) });
}

describe.concurrent('the status of a configuration object', () => {
  test('is written whole, and what stands there already is not written again', async () => {
    await using loop = await start();
    await createPool(loop);
    report(loop, { total: '256', used: '1', holders: [{ address: '198.18.0.1', services: ['a/b'] }] });
    await loop.until('it is written', async () => (await getPool(loop)).status !== undefined);
    report(loop, { total: '256', used: '0' });
    await hasStatus(loop, { total: '256', used: '0' });
    const writes = statusWrites(loop);
    report(loop, { used: '0', total: '256' });
    report(loop, { total: '256', used: '2' });
    await hasStatus(loop, { total: '256', used: '2' });
    expect(statusWrites(loop)).toBe(writes + 1);
    await deletePool(loop);
  });

  test('of many reports at once the last one is written', async () => {
    await using loop = await start();
    await createPool(loop);
    for (let used = 0; used <= 1_000; used++) report(loop, { used: String(used) });
    await hasStatus(loop, { used: '1000' });
    expect(statusWrites(loop)).toBe(1);
    await deletePool(loop);
  });

  test('is put right where somebody has changed it by hand, once it is reported again', async () => {
    await using loop = await start();
    await createPool(loop);
    report(loop, { used: '1' });
    await hasStatus(loop, { used: '1' });
    const one = `${objectPath(path, loop.namespace)}/status`;
    const body = { status: { used: '7' } };
    await loop.admin.request({ method: 'PATCH', path: one, contentType: patchType.merge, body });
    await loop.until('it is seen', () =>
      JSON.stringify(contextView(loop).items?.find(item => item.name === loop.namespace) ?? {}).includes('"used":"7"'),
    );
    report(loop, { used: '1' });
    await hasStatus(loop, { used: '1' });
    expect(statusWrites(loop)).toBe(2);
    await deletePool(loop);
  });

  test('what the API server leaves out is not written for ever', async () => {
    await using loop = await start();
    await createPool(loop);
    const status = { used: '1', unknownToTheSchema: true };
    report(loop, status);
    await hasStatus(loop, { used: '1' });
    report(loop, { ...status });
    report(loop, { ...status });
    await loop.settle();
    expect(statusWrites(loop)).toBe(1);
    await deletePool(loop);
  });

  test('of an object that is gone, made anew or not of its kind harms nothing', async () => {
    await using loop = await start();
    await createPool(loop);
    report(loop, { used: '1' }, 'nobody');
    report(loop, { used: 7 });
    await loop.until('the refusal is told', () => loop.log.some(line => line.msg === 'a status cannot be written'));
    await deletePool(loop);
    report(loop, { used: '2' });
    await createPool(loop);
    report(loop, { used: '3' });
    await hasStatus(loop, { used: '3' });
    expect(addressOf(await loop.createServed('web'))).toBeDefined();
    await deletePool(loop);
  });

  test('that may not be written is told once', async () => {
    await using loop = await start({
      between: client => ({
        watch: request => client.watch(request),
        // As where the role was forgotten: this client's Services go through, and its statuses by a path that is not allowed.
        request: <Answer>(request: Parameters<KubeClient['request']>[0]) =>
          client.request<Answer>(
            request.path.endsWith(`${loop.namespace}/status`)
              ? { ...request, path: '/apis/fairlead.dev/v1beta1/speakers/nobody/status' }
              : request,
          ),
      }),
      started: false,
    });
    await loop.start();
    await createPool(loop);
    const told = () => loop.log.filter(line => line.msg === 'a status cannot be written');
    report(loop, { used: '1' });
    await loop.until('it is told', () => told().length > 0);
    report(loop, { used: '2' });
    await loop.until('it was tried again', () => statusWrites(loop) === 2);
    await loop.settle();
    expect(told()).toHaveLength(1);
    await deletePool(loop);
  });

  test('that is reported while another leads is written at the next leadership, after restore', async () => {
    await using loop = await start();
    await createPool(loop);
    await loop.stop();
    report(loop, { used: '1' });
    expect((await getPool(loop)).status).toBeUndefined();
    await loop.start();
    report(loop, { used: '2' });
    await hasStatus(loop, { used: '2' });
    await deletePool(loop);
  });
});

describe.concurrent('Events and gauges', () => {
  test('an Event about a pool, and one about a Service', async () => {
    await using loop = await start();
    const { metadata } = await createPool(loop);
    const { metadata: service } = await loop.createServed('web');
    const event = {
      kind: 'event',
      type: 'Warning',
      reason: 'AddressOccupied',
      message: 'by 02:00:00:00:00:01',
    } as const;
    const apiVersion = 'fairlead.dev/v1beta1';
    const about = { apiVersion, kind: 'AddressPool', namespace: '', name: metadata.name, uid: metadata.uid };
    contextOf(loop).report({ ...event, about });
    const { namespace = '', name, uid } = service;
    contextOf(loop).report({ ...event, about: { apiVersion: 'v1', kind: 'Service', namespace, name, uid } });
    expect(await loop.told('web', 'AddressOccupied')).toMatchObject({ type: 'Warning', message: event.message });
    await loop.until('the pool has its Event', async () => {
      const { items } = await loop.admin.request<KubeList<LoopEvent>>({
        method: 'GET',
        path: '/api/v1/namespaces/default/events',
      });
      return items.some(({ involvedObject, reason }) => involvedObject.uid === metadata.uid && reason === event.reason);
    });
    await deletePool(loop);
  });

  test('gauges are on the page for Prometheus, under the instance’s name', async () => {
    const gauges = { pool_addresses: { help: 'Addresses.', labels: ['pool'] } };
    const metrics = createMetrics();
    await using loop = await start({ instances: { a: { capabilities: { gauges } } }, gauges: metrics.gauges });
    const set = (pool: string, value: number | undefined) =>
      contextOf(loop).report({ kind: 'gauge', gauge: 'pool_addresses', labels: { pool }, value });
    set('one', 256);
    set('two', 7);
    set('two', undefined);
    const { text } = await metrics.scrape();
    expect(text).toContain('fairlead_pool_addresses{provider="a",pool="one"} 256');
    expect(text).not.toContain('pool="two"');
  });

  test('a report that makes no sense is dropped and logged', async () => {
    await using loop = await start();
    contextOf(loop).report({ kind: 'gauge', gauge: 'nothing', labels: {}, value: 1 });
    await loop.until('it is logged', () => loop.log.some(line => line.msg === 'a report of a provider was dropped'));
    expect((await loop.createServed('web')).status).toBeDefined();
  });
});

describe.concurrent('before an instance is restored', () => {
  test('its kinds have been listed, and another instance does not wait for them', async () => {
    const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
    await using loop = await start({
      instances: { a: { kinds: [pools] }, b: {} },
      between: client => ({
        watch: request => client.watch(request),
        request: async <Answer>(request: Parameters<KubeClient['request']>[0]) => {
          if (request.path === path) await allowed;
          return client.request<Answer>(request);
        },
      }),
    });
    const restored = () => loop.world.calls.filter(call => call.verb === 'restore').map(call => call.instance);
    await loop.createServed('other', { loadBalancerClass: 'loop.test/b' });
    expect(restored()).toEqual(['b']);
    allow();
    await loop.until('both are restored', () => restored().length === 2);
    expect(contextView(loop).items).toBeDefined();
    await loop.createServed('web');
  });

  test('a kind that does not exist is known not to', async () => {
    // MetalLB's: the role allows it, and nobody has installed it here.
    const nothing = { group: 'metallb.io', version: 'v1beta1', plural: 'ipaddresspools', namespace: 'metallb-system' };
    await using loop = await start({ instances: { a: { kinds: [nothing] } } });
    await loop.createServed('web');
    const view = contextOf(loop).resources(nothing, () => undefined);
    expect(view.items).toBeUndefined();
    expect(view.problem).toBe('ipaddresspools.metallb.io (v1beta1) is not known to the API server');
  });

  test('nodes are those of the loop itself: they are watched once', async () => {
    const watched: string[] = [];
    const nodes = { group: '', version: 'v1', plural: 'nodes' };
    await using loop = await start({
      instances: { a: { kinds: [nodes] } },
      between: client => ({
        request: request => client.request(request),
        watch(request) {
          watched.push(request.path);
          return client.watch(request);
        },
      }),
    });
    await loop.createNode('n2');
    const view = contextOf(loop).resources(nodes, () => undefined);
    await loop.until('the node is seen', () => view.items?.some(one => one.name === loop.nodeName('n2')) === true);
    expect(view.items?.find(one => one.name === loop.nodeName('n2'))?.status).toMatchObject({
      addresses: [{ type: 'InternalIP' }],
    });
    expect(watched.filter(one => one === '/api/v1/nodes')).toHaveLength(1);
  });
});
