import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KubeRequest, patchType, statusOf } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { type Loop, startLoop } from '../support/loop.ts';

/**
 * The rights in deploy/rbac, asked of a real API server. That they suffice, every loop-*.test.ts shows: they all run under them. Without
 * `services/status`: S12 in loop-process.test.ts; with the extra right: loop-node-ports.test.ts.
 */
describe.concurrent('what the shipped role may not do', () => {
  let loop: Loop;
  beforeAll(async () => {
    loop = await startLoop();
    await loop.createServed('web');
  });
  afterAll(() => loop[Symbol.asyncDispose]());

  const merge = { method: 'PATCH', contentType: patchType.merge, body: { metadata: { labels: { a: 'b' } } } } as const;
  const services = (): string => `/api/v1/namespaces/${loop.namespace}/services`;
  const forbidden: readonly { name: string; request: () => KubeRequest }[] = [
    { name: 'change the spec of a Service', request: () => ({ ...merge, path: `${services()}/web` }) },
    { name: 'replace a Service', request: () => ({ method: 'PUT', path: `${services()}/web`, body: {} }) },
    { name: 'replace a status', request: () => ({ method: 'PUT', path: `${services()}/web/status`, body: {} }) },
    { name: 'delete a Service', request: () => ({ method: 'DELETE', path: `${services()}/web` }) },
    { name: 'create a Service', request: () => ({ method: 'POST', path: services(), body: {} }) },
    { name: 'change a node', request: () => ({ ...merge, path: `/api/v1/nodes/${loop.nodeName('n1')}` }) },
    { name: 'read a secret', request: () => ({ method: 'GET', path: `/api/v1/namespaces/${loop.namespace}/secrets` }) },
    { name: 'read endpoints', request: () => ({ method: 'GET', path: loop.slicesPath() }) },
    { name: 'read pods', request: () => ({ method: 'GET', path: '/api/v1/pods' }) },
    { name: 'list namespaces', request: () => ({ method: 'GET', path: '/api/v1/namespaces' }) },
    { name: 'read the Events of others', request: () => ({ method: 'GET', path: '/api/v1/events' }) },
    { name: 'read another’s ConfigMap', request: () => ({ method: 'GET', path: `${home('configmaps')}/other` }) },
    { name: 'list ConfigMaps', request: () => ({ method: 'GET', path: home('configmaps') }) },
    {
      name: 'delete its own ConfigMap',
      request: () => ({ method: 'DELETE', path: `${home('configmaps')}/fairlead-config` }),
    },
    { name: 'take another’s Lease', request: () => ({ ...merge, path: `${leases()}/other` }) },
    { name: 'delete its own Lease', request: () => ({ method: 'DELETE', path: `${leases()}/fairlead` }) },
    {
      name: 'make a Lease elsewhere',
      request: () => ({ method: 'POST', path: leases('default'), body: { metadata: { name: 'fairlead' } } }),
    },
  ];
  const home = (resource: string): string => `/api/v1/namespaces/${loop.namespace}/${resource}`;
  const leases = (namespace = loop.namespace): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

  test.for(forbidden)('$name', async ({ request }) => {
    const status = await loop.role.request(request()).then(() => 'allowed', statusOf);
    expect(status).toBe(403);
  });
});

describe.concurrent('the ConfigMap that shows the configuration in force', () => {
  test('is made at the first leadership, without secrets', async () => {
    await using loop = await startLoop({ instances: { a: { password: 'hunter2' } } });
    const { data } = await published(loop);
    expect(JSON.stringify(data)).toContain('loop.test/a');
    expect(JSON.stringify(data)).not.toContain('hunter2');
  });

  test('is not written again where it is right already', async () => {
    await using loop = await startLoop();
    const before = await published(loop);
    await loop.stop();
    await loop.start();
    await loop.until('it was read', () => reads(loop) === 2);
    await loop.settle();
    expect(await published(loop)).toEqual(before);
    expect(loop.requests.filter(({ method, path }) => method !== 'GET' && path === pathOf(loop))).toEqual([]);
  });

  test('is written where another configuration is in force, or somebody has changed it', async () => {
    await using loop = await startLoop();
    const before = await published(loop);
    await loop.stop();
    await loop.start({ flags: ['--verify-interval=7m'] });
    await loop.until('it shows it', async () => JSON.stringify((await published(loop)).data).includes('7m'));
    await loop.stop();
    const body = { data: { 'by-hand': 'yes' } };
    await loop.admin.request({ method: 'PATCH', path: pathOf(loop), contentType: patchType.merge, body });
    await loop.start();
    await loop.until('it is written', async () => (await published(loop)).data['by-hand'] === undefined);
    expect((await published(loop)).data).toEqual(before.data);
  });
});

interface ConfigMap extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}

function pathOf(loop: Loop): string {
  return `/api/v1/namespaces/${loop.namespace}/configmaps/fairlead-config`;
}

async function published(loop: Loop): Promise<ConfigMap> {
  let found: ConfigMap | undefined;
  await loop.until('there is a ConfigMap', async () => {
    found = await loop.admin.request<ConfigMap>({ method: 'GET', path: pathOf(loop) }).catch(() => undefined);
    return found !== undefined;
  });
  if (found === undefined) throw new Error('no ConfigMap');
  return found;
}

function reads(loop: Loop): number {
  return loop.requests.filter(({ method, path }) => method === 'GET' && path === pathOf(loop)).length;
}
