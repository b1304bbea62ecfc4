import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { sampleLoadBalancer } from '../../src/provider/conformance/sample.ts';
import type { LoadBalancer } from '../../src/provider/provider.ts';
import { kubeRequest, sharedCluster, uniqueNamespace } from '../support/cluster.ts';
import { startWorld, worldProvider } from '../support/controller-process.ts';
import { silentContext } from '../support/provider-context.ts';
import { startFairlead } from '../support/speaker-process.ts';
import { createProvider } from '../support/world-provider.ts';

/** Balancers made in a world of the test's own; `fairlead destroy` is a process against the real API server. */
const leases = '/apis/coordination.k8s.io/v1/namespaces';
let uid = '';

beforeAll(async () => {
  const { metadata } = (await kubeRequest('GET', '/api/v1/namespaces/kube-system')) as { metadata: { uid: string } };
  uid = metadata.uid;
});

class World {
  readonly url: string;
  readonly namespace: string;
  readonly #stop: () => Promise<void>;

  constructor(url: string, namespace: string, stop: () => Promise<void>) {
    this.url = url;
    this.namespace = namespace;
    this.#stop = stop;
  }

  static async open(): Promise<World> {
    const [server, namespace] = await Promise.all([startWorld(), uniqueNamespace('destroy')]);
    return new World(server.url, namespace, () => server.stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }

  /** As a controller of that cluster would have made it. */
  async make(n: number, cluster: string, service?: LoadBalancer['service']): Promise<LoadBalancer> {
    const provider = createProvider(silentContext({ cluster, config: { url: this.url } }));
    const plain = sampleLoadBalancer(n, cluster, provider.capabilities);
    const wanted = service === undefined ? plain : { ...plain, service };
    const signal = new AbortController().signal;
    await provider.ensureLoadBalancer(wanted, { signal, epoch: '1', sequence: 1, assertLeading: () => undefined });
    return wanted;
  }

  /** Ids of the balancers of which anything is there. */
  async balancers(cluster: string): Promise<readonly string[]> {
    const answer = await fetch(`${this.url}/parts?${new URLSearchParams({ cluster }).toString()}`);
    const { parts } = (await answer.json()) as { readonly parts: readonly { readonly balancer: string }[] };
    return [...new Set(parts.map(one => one.balancer))].toSorted();
  }

  async destroy(...flags: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
    const running = startFairlead([
      'destroy',
      `--kubeconfig=${sharedCluster().kubeconfig}`,
      `--lease-namespace=${this.namespace}`,
      `--provider=edge=${worldProvider},config=${JSON.stringify({ url: this.url })}`,
      ...flags,
    ]);
    return { code: await running.exit, output: running.output() };
  }

  async holdLease(leaseDurationSeconds: number, sinceMs = 0): Promise<void> {
    const at = new Date(Date.now() - sinceMs).toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: 'controller-1', leaseDurationSeconds, acquireTime: at, renewTime: at };
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'fairlead' }, spec };
    await kubeRequest('POST', `${leases}/${this.namespace}/leases`, body);
  }
}

describe.concurrent('fairlead destroy', () => {
  test('lists and deletes what is this cluster’s, and nothing else; then there is nothing to do', async () => {
    await using world = await World.open();
    const mine = await Promise.all([1, 2, 3].map(n => world.make(n, uid)));
    const another = await world.make(4, 'another-cluster');
    const done = await world.destroy('--yes');
    for (const { id, service } of mine) {
      expect(done.output).toContain(`conformance/${service.name} (${id}) of provider edge\n`);
      expect(done.output).toContain(`conformance/${service.name} (${id}) of provider edge: deleted\n`);
    }
    expect(done.output).toContain('3 balancers deleted: nothing is left of this cluster\n');
    expect(done.code).toBe(0);
    expect(await world.balancers(uid)).toEqual([]);
    expect(await world.balancers('another-cluster')).toEqual([another.id]);
    const again = await world.destroy('--yes');
    expect(again.code).toBe(0);
    expect(again.output).toContain('0 balancers deleted');
  });

  test('holds the Lease while it works, and gives it up again', async () => {
    await using world = await World.open();
    await world.make(1, uid);
    await world.destroy('--yes');
    const lease = (await kubeRequest('GET', `${leases}/${world.namespace}/leases/fairlead`)) as {
      spec: { holderIdentity?: string; leaseTransitions?: number; acquireTime?: string };
    };
    expect(lease.spec.acquireTime).toBeDefined();
    expect(lease.spec.holderIdentity ?? '').toBe('');
  });

  test('refuses while a controller holds the Lease; what would go is shown all the same', async () => {
    await using world = await World.open();
    const { id } = await world.make(1, uid);
    await world.holdLease(3_600);
    const refused = await world.destroy('--yes');
    expect(refused).toEqual({
      code: 2,
      output: `fairlead: controller-1 holds the Lease ${world.namespace}/fairlead: stop the controller first\n`,
    });
    const shown = await world.destroy('--dry-run');
    expect(shown.code).toBe(0);
    expect(shown.output).toContain(`(${id}) of provider edge\n1 balancers would be deleted; nothing was changed\n`);
    expect(await world.balancers(uid)).toEqual([id]);
  });

  test('takes a Lease that a dead controller has left behind, once it has run out', async () => {
    await using world = await World.open();
    await world.make(1, uid);
    await world.holdLease(1, 60_000);
    const done = await world.destroy('--yes');
    expect(done.output).toContain('controller-1 has left the Lease behind: it runs out in 1 s at most\n');
    expect(done.code).toBe(0);
    expect(await world.balancers(uid)).toEqual([]);
  });

  test('asks first, and where nobody can be asked it changes nothing', async () => {
    await using world = await World.open();
    const { id } = await world.make(1, uid);
    const unasked = await world.destroy();
    expect(unasked.code).toBe(2);
    expect(unasked.output).toContain('pass --yes');
    expect(await world.balancers(uid)).toEqual([id]);
  });

  test('under a name given by hand it deletes only what belongs to a Service that is here', async () => {
    await using world = await World.open();
    const name = `prod-${randomBytes(4).toString('hex')}`;
    const spec = { type: 'LoadBalancer', loadBalancerClass: 'example.com/nobody', ports: [{ port: 80 }] };
    const path = `/api/v1/namespaces/${world.namespace}/services`;
    const made = (await kubeRequest('POST', path, { metadata: { name: 'web' }, spec })) as {
      metadata: { uid: string };
    };
    const service = { namespace: world.namespace, name: 'web', uid: made.metadata.uid, labels: {} };
    await world.make(1, name, service);
    const stranger = await world.make(2, name);
    const done = await world.destroy('--yes', `--cluster-id=${name}`);
    expect(done.code).toBe(1);
    expect(done.output).toContain(`(${stranger.id}) of provider edge: left alone`);
    expect(await world.balancers(name)).toEqual([stranger.id]);
  });

  test('without an API server nothing is deleted, whatever name is given', async () => {
    await using world = await World.open();
    const { id } = await world.make(1, 'prod');
    const refused = await world.destroy('--yes', '--cluster-id=prod', '--kubeconfig=/nowhere/config');
    expect(refused.code).toBe(2);
    expect(await world.balancers('prod')).toEqual([id]);
  });

  test('a provider that only knows what is published is told of it first', async () => {
    await using world = await World.open();
    const instance = `m-${randomBytes(4).toString('hex')}`;
    const path = `/api/v1/namespaces/${world.namespace}/services`;
    const spec = { type: 'LoadBalancer', loadBalancerClass: 'example.com/nobody', ports: [{ port: 80 }] };
    await kubeRequest('POST', path, { metadata: { name: 'web', finalizers: [`fairlead.dev/${instance}`] }, spec });
    const web = (await kubeRequest('GET', `${path}/web`)) as object;
    const status = { loadBalancer: { ingress: [{ ip: '198.51.100.7' }] } };
    await kubeRequest('PUT', `${path}/web/status`, { ...web, status });
    const done = await world.destroy('--dry-run', `--provider=${instance}=in-memory,config={"keepsOutside":true}`);
    expect(done.output).toContain(`${world.namespace}/web (`);
    expect(done.output).toContain(`of provider ${instance}\n`);
  });

  test('a provider that keeps nothing outside has nothing to lose; with none there is nothing to ask', async () => {
    const namespace = await uniqueNamespace('destroy');
    const flags = [`--kubeconfig=${sharedCluster().kubeconfig}`, `--lease-namespace=${namespace}`, '--yes'];
    const inside = startFairlead(['destroy', ...flags, '--provider=in-memory']);
    expect(await inside.exit).toBe(0);
    expect(inside.output()).toContain('provider in-memory keeps nothing outside');
    const none = startFairlead(['destroy', ...flags]);
    expect(await none.exit).toBe(2);
    expect(none.output()).toContain('no provider is named');
  });
});
