import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalCluster, startCluster } from '../../deploy/local-cluster/cluster.mjs';
import { sleep, systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { Service } from '../../src/kube/objects.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { Store } from '../../src/kube/store.ts';
import { trimService } from '../../src/kube/trim.ts';

// A cluster of its own: others would not like what is done to its API server.

let cluster: LocalCluster;
let connection: KubeConnection;

beforeAll(async () => {
  cluster = await startCluster();
  connection = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'test', clock: systemClock });
});

afterAll(async () => {
  await connection.close();
  await cluster.stop();
});

const services = '/api/v1/namespaces/default/services';

function create(name: string): Promise<Service> {
  const spec = { ports: [{ port: 80 }] };
  return connection.request<Service>({ method: 'POST', path: services, body: { metadata: { name }, spec } });
}

function remove(name: string): Promise<unknown> {
  return connection.request({ method: 'DELETE', path: `${services}/${name}` });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(systemClock, 10);
}

interface Followed {
  readonly store: Store<Service>;
  readonly reflector: Reflector<Service>;
  readonly errors: { readonly reason?: string }[];
  readonly stop: AbortController;
}

function follow(pageSize = 500): Followed {
  const store = new Store<Service>({ keep: trimService });
  const errors: { readonly reason?: string }[] = [];
  const stop = new AbortController();
  const reflector = new Reflector<Service>({
    client: connection,
    clock: systemClock,
    random: Math.random,
    path: '/api/v1/services',
    store,
    pageSize,
    onError: error => errors.push(error as { reason?: string }),
  });
  void reflector.run(stop.signal);
  return { store, reflector, errors, stop };
}

describe('a reflector', () => {
  test('lists in pages and follows changes', async () => {
    for (let n = 0; n < 5; n += 1) await create(`page-${n}`);
    const { store, stop } = follow(2);
    await until(() => store.size === 6);
    await create('later');
    await until(() => store.get('default/later') !== undefined);
    await remove('later');
    await until(() => store.get('default/later') === undefined);
    expect(store.get('default/page-0')?.metadata).not.toHaveProperty('managedFields');
    stop.abort();
  });

  test('refresh sees what was written right before it', async () => {
    const { store, reflector, stop } = follow();
    for (let n = 0; n < 5; n += 1) {
      await create(`fresh-${n}`);
      await reflector.refresh(stop.signal);
      expect(store.get(`default/fresh-${n}`)).toBeDefined();
    }
    stop.abort();
  });

  test('survives a restart of the API server, and misses nothing that happens right after it', async () => {
    const { store, stop } = follow();
    await until(() => store.get('default/page-0') !== undefined);
    await cluster.stopApiServer('SIGKILL');
    await cluster.startApiServer();
    await remove('page-0');
    await create('after-restart');
    await until(() => store.get('default/after-restart') !== undefined);
    expect(store.get('default/page-0')).toBeUndefined();
    stop.abort();
  });

  test('a version that the API server no longer has is a 410, and ends in a new list', async () => {
    const { metadata } = await create('versions');
    for (let n = 0; n < 3; n += 1) await create(`more-${n}`);
    await cluster.restartApiServer();
    const query = { watch: '1', resourceVersion: String(Number(metadata.resourceVersion) - 100) };
    const old = connection.watch({
      path: '/api/v1/services',
      query,
      idleDeadlineMs: 5_000,
      signal: AbortSignal.timeout(5_000),
    });
    const first = async (): Promise<unknown> => {
      for await (const event of old) return event;
      return undefined;
    };
    const seen = await first().catch((error: unknown) => error);
    expect(seen).toSatisfy(
      (one: { status?: number; object?: { code?: number } }) => one.status === 410 || one.object?.code === 410,
    );
  });
});

describe('an API server that is frozen', () => {
  test('is noticed by requests at their deadline and by watches, and everything goes on when it thaws', async () => {
    const { store, reflector, errors, stop } = follow();
    await reflector.refresh(stop.signal);
    await create('before-freeze');
    await until(() => store.get('default/before-freeze') !== undefined);
    cluster.freezeApiServer();
    const path = services;
    await expect(connection.request({ method: 'GET', path, deadlineMs: 300 })).rejects.toMatchObject({
      reason: 'Timeout',
    });
    const idle = { path, query: { watch: '1' }, idleDeadlineMs: 300, signal: stop.signal };
    await expect(connection.watch(idle)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ reason: 'Timeout' });
    cluster.thawApiServer();
    await create('after-thaw');
    await until(() => store.get('default/after-thaw') !== undefined);
    expect(errors).toEqual([]);
    stop.abort();
  });
});
