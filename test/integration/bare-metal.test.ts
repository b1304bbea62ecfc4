import { describe, expect, test } from 'vitest';
import { objectPath } from '../../src/kube/client.ts';
import type { KubeList, KubeObject } from '../../src/kube/objects.ts';
import { sharedCluster } from '../support/cluster.ts';
import { type Loop, startLoop } from '../support/loop.ts';
import { until } from '../support/loop-until.ts';
import { addressOf, conditionOf, type LoopEvent, stateOf } from '../support/loop-users.ts';

/** Addresses of pools for real Services, under the rights of the component bare-metal. */
function instances(pools: readonly unknown[], kinds: readonly string[] = []) {
  return { a: { real: { module: 'bare-metal', config: { pools, kinds } } } };
}

function start(pools: readonly unknown[], kinds?: readonly string[]): Promise<Loop> {
  const { kubeconfig, bareMetalKubeconfig } = sharedCluster();
  const kubeconfigs = { admin: kubeconfig, role: bareMetalKubeconfig };
  return startLoop({ kubeconfigs, instances: instances(pools, kinds) });
}

const sharing = (key: string) => ({ annotations: { 'metallb.io/allow-shared-ip': key } });

describe.concurrent('a Service', () => {
  test('has an address in one write, with the mark of the instance beside it, and a restart writes nothing', async () => {
    await using loop = await start(['198.19.0.0/30']);
    const service = await loop.createServed('web');
    expect(service.status?.loadBalancer?.ingress).toEqual([{ ip: '198.19.0.0', ipMode: 'VIP' }]);
    expect(stateOf(service, 'fairlead.dev/a')).toBe('True Serving');
    expect(service.metadata.finalizers ?? []).toEqual([]);
    expect(loop.writesTo('web')).toHaveLength(1);
    await loop.stop();
    const before = loop.writesTo('web').length;
    await loop.start();
    await loop.createServed('later');
    await loop.idle();
    expect(loop.writesTo('web')).toHaveLength(before);
    expect(addressOf(await loop.get('later'))).toBe('198.19.0.1');
  });

  test('that finds the pool exhausted is told so, and has the address that is freed without any touch', async () => {
    await using loop = await start([{ name: 'small', addresses: ['198.19.1.1'] }]);
    await loop.createServed('first');
    await loop.create('second');
    const told = await loop.told('second', 'SyncLoadBalancerFailed');
    expect(told.message).toContain('no free IPv4 address: pool small is exhausted; widen it, or delete Services');
    expect(conditionOf(await loop.get('second'), 'LoadBalancerServing')?.status).toBe('False');
    await loop.delete('first');
    expect(addressOf(await loop.served('second'))).toBe('198.19.1.1');
  });

  test('shares its address by MetalLB’s annotation, under policy Local with equal selectors only', async () => {
    await using loop = await start(['198.19.2.0/29']);
    const local = (app: string, port: number) => ({
      externalTrafficPolicy: 'Local',
      selector: { app },
      ports: [{ port }],
    });
    const first = await loop.createServed('one', local('a', 80), sharing('k'));
    const beside = await loop.createServed('two', local('a', 81), sharing('k'));
    const apart = await loop.createServed('three', local('b', 82), sharing('k'));
    expect(addressOf(beside)).toBe(addressOf(first));
    expect(addressOf(apart)).not.toBe(addressOf(first));
  });

  test('that cannot share with an older one any more loses the address, is told, and waits for another', async () => {
    await using loop = await start(['198.19.5.0/32']);
    const old = await loop.createServed('old', { ports: [{ port: 80 }] }, sharing('k'));
    // Ages are told in whole seconds, and of two of one second the UID decides.
    await until('the next second', () => Date.now() > Date.parse(old.metadata.creationTimestamp ?? '') + 1_000);
    const young = await loop.createServed('young', { ports: [{ port: 81 }] }, sharing('k'));
    expect(addressOf(young)).toBe('198.19.5.0');
    await loop.annotate('old', sharing('l').annotations);
    const without = await loop.when('young', service => addressOf(service) === undefined, 'has no address');
    expect(conditionOf(without, 'fairlead.dev/a')).toBeUndefined();
    expect(conditionOf(without, 'LoadBalancerServing')?.status).toBe('False');
    await loop.told('young', 'AddressGivenUp');
    await loop.stop();
    await loop.start();
    await loop.delete('old');
    expect(stateOf(await loop.served('young'), 'fairlead.dev/a')).toBe('True Serving');
  });

  test('that asks for what cannot be is told what to do, and other Services go on', async () => {
    await using loop = await start(['198.19.3.0/29']);
    await loop.create('bad', { loadBalancerIP: '9.9.9.9' });
    const told = await loop.told('bad', 'LoadBalancerRejected');
    expect(told.message).toBe('the requested address 9.9.9.9 is in no address pool: request another, or none');
    expect(addressOf(await loop.createServed('good'))).toBe('198.19.3.0');
    await loop.patchSpec('bad', { loadBalancerIP: '198.19.3.5' });
    expect(addressOf(await loop.served('bad'))).toBe('198.19.3.5');
  });

  test('is moved by a restart with other pools only where those no longer have its address, and is told', async () => {
    await using loop = await start(['198.19.4.0/30']);
    await loop.createServed('stays', { loadBalancerIP: '198.19.4.2' });
    await loop.createServed(
      'moves',
      { loadBalancerIP: '' },
      { annotations: { 'fairlead.dev/load-balancer-ips': '198.19.4.1' } },
    );
    await loop.annotate('moves', { 'fairlead.dev/load-balancer-ips': null });
    await loop.stop();
    await loop.start({ instances: instances([{ name: 'renamed', addresses: ['198.19.4.2-198.19.4.3'] }]) });
    await loop.when('moves', service => addressOf(service) === '198.19.4.3', 'has the other address');
    await loop.told('moves', 'AddressMoved');
    expect(addressOf(await loop.get('stays'))).toBe('198.19.4.2');
  });
});

const poolsPath = '/apis/fairlead.dev/v1beta1/addresspools';

interface Pool extends KubeObject {
  readonly status?: {
    readonly total?: string;
    readonly used?: string;
    readonly holders?: readonly object[];
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  };
}

/** Of a range of its own, and for its own namespace: pools belong to the whole cluster, which other tests use too. */
async function createPool(loop: Loop, suffix: string, range: string): Promise<void> {
  const spec = { addresses: [range], allocateTo: { priority: 1, namespaces: [loop.namespace] } };
  const metadata = { name: `${loop.namespace}-${suffix}` };
  await loop.admin.request({
    method: 'POST',
    path: poolsPath,
    body: { apiVersion: 'fairlead.dev/v1beta1', kind: 'AddressPool', metadata, spec },
  });
}

async function whenPool(loop: Loop, suffix: string, holds: (pool: Pool) => boolean): Promise<Pool> {
  let last: Pool | undefined;
  const read = async () => {
    last = await loop.admin.request<Pool>({
      method: 'GET',
      path: objectPath(poolsPath, `${loop.namespace}-${suffix}`),
    });
    return holds(last);
  };
  await loop.until(`the pool: ${String(holds)}`, read, () => JSON.stringify(last));
  if (last === undefined) throw new Error('it was never read');
  return last;
}

function rangeOf(loop: Loop, more = ''): string {
  const [a = 0, b = 0] = Buffer.from(loop.namespace.slice(-4), 'hex');
  return `172.${16 + (a % 16)}.${b}.${more}`;
}

test('an AddressPool serves who has waited for it, tells its numbers, and an overlapping one is refused by name', async () => {
  await using loop = await start([], ['AddressPool']);
  await loop.create('web', {}, { annotations: { 'fairlead.dev/address-pool': `${loop.namespace}-one` } });
  await createPool(loop, 'one', rangeOf(loop, '0/29'));
  try {
    expect(addressOf(await loop.served('web'))).toBe(rangeOf(loop, '0'));
    const pool = await whenPool(loop, 'one', ({ status }) => status?.used === '1');
    expect(pool.status).toMatchObject({
      total: '8',
      available: '7',
      holders: [{ address: rangeOf(loop, '0'), services: [`${loop.namespace}/web`] }],
      conditions: [{ type: 'Accepted', status: 'True' }],
    });
    await createPool(loop, 'two', rangeOf(loop, '4/30'));
    const refused = await whenPool(loop, 'two', ({ status }) => status?.conditions?.[0]?.status === 'False');
    expect(refused.status?.conditions?.[0]?.message).toContain(
      `${rangeOf(loop, '4/30')} of AddressPool ${loop.namespace}-two overlaps with ${rangeOf(loop, '0/29')} of AddressPool ${loop.namespace}-one`,
    );
    await loop.until('an Event says so', async () => {
      const { items } = await loop.admin.request<KubeList<LoopEvent>>({
        method: 'GET',
        path: '/api/v1/namespaces/default/events',
      });
      return items.some(one => one.reason === 'PoolRefused' && one.involvedObject.name === `${loop.namespace}-two`);
    });
    expect(addressOf(await loop.get('web'))).toBe(rangeOf(loop, '0'));
  } finally {
    for (const suffix of ['one', 'two']) {
      const path = objectPath(poolsPath, `${loop.namespace}-${suffix}`);
      await loop.admin.request({ method: 'DELETE', path }).catch(() => undefined);
    }
  }
});
