import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Kinds } from '../../src/controller/kinds/kinds.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { ResourceKind, ResourceView } from '../../src/provider/provider.ts';
import { sharedCluster, uniqueNamespace } from '../support/cluster.ts';
import { CustomKind } from '../support/custom-kind.ts';
import { LoopClock } from '../support/loop-clock.ts';
import { until } from '../support/loop-until.ts';

/** What providers see of kinds, on a real API server: above all, what a deletion looks like. */
let admin: KubeConnection;
let bareMetal: KubeConnection;
let plain: KubeConnection;
beforeAll(async () => {
  const { kubeconfig, bareMetalKubeconfig, roleKubeconfig } = sharedCluster();
  const all = [kubeconfig, bareMetalKubeconfig, roleKubeconfig];
  [admin, bareMetal, plain] = (await Promise.all(
    all.map(one => connect({ kubeconfig: one, userAgent: 'fairlead-test', clock: systemClock })),
  )) as [KubeConnection, KubeConnection, KubeConnection];
});
afterAll(() => Promise.all([admin, bareMetal, plain].map(connection => connection.close())));

class Rig implements Disposable {
  readonly clock = new LoopClock();
  readonly kinds: Kinds;
  readonly #stop = new AbortController();
  /** How often somebody was told. */
  told = 0;

  constructor(client = admin) {
    const log = { info() {}, warn() {}, debug() {} };
    this.kinds = new Kinds({ client, clock: this.clock, random: Math.random, log, pageSize: 2 });
  }

  view(kind: ResourceKind): ResourceView {
    return this.kinds.view('edge', kind, () => {
      this.told += 1;
    });
  }

  async refresh(): Promise<void> {
    this.kinds.refresh(this.#stop.signal);
    await this.kinds.ready('edge', this.#stop.signal);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.kinds.close();
  }
}

function names({ items }: ResourceView): readonly string[] | undefined {
  return items?.map(item => item.name);
}

async function definedWith(...pools: readonly string[]): Promise<CustomKind> {
  const custom = new CustomKind(admin);
  await custom.define();
  for (const pool of pools) await custom.create(pool, { addresses: ['198.18.0.0/24'] });
  return custom;
}

describe.concurrent('what is seen of a kind', () => {
  test('its objects, frozen, with spec, status and labels, and their changes', async () => {
    const custom = await definedWith('a', 'b', 'c');
    using rig = new Rig();
    const view = rig.view(custom.kind);
    expect(view.items).toBeUndefined();
    await rig.refresh();
    expect(names(view)).toEqual(['a', 'b', 'c']);
    expect(view.problem).toBeUndefined();
    expect(view.items?.[0]).toMatchObject({ generation: 1, namespace: '', spec: { addresses: ['198.18.0.0/24'] } });
    expect(Object.isFrozen(view.items?.[0]?.spec)).toBe(true);
    const before = rig.told;
    await custom.patch('b', { spec: { addresses: ['198.18.1.0/24'] }, metadata: { labels: { a: 'b' } } });
    await until('the change is seen', () => view.items?.[1]?.generation === 2);
    await until('somebody was told', () => rig.told > before);
    expect(view.items?.[1]).toMatchObject({ labels: { a: 'b' }, spec: { addresses: ['198.18.1.0/24'] } });
  });

  test('a change of annotations is no news', async () => {
    const custom = await definedWith('a');
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    const before = rig.told;
    await custom.patch('a', { metadata: { annotations: { a: 'b' } } });
    await custom.create('b');
    await until('a later change is seen', () => names(view)?.length === 2);
    await until('it is told', () => rig.told > before);
    expect(rig.told).toBe(before + 1);
  });

  test('one namespace only, where the kind says so', async () => {
    const [here, there] = [await uniqueNamespace(), await uniqueNamespace()];
    const custom = new CustomKind(admin, here);
    await custom.define();
    await custom.create('a');
    using rig = new Rig();
    const [mine, other] = [rig.view(custom.kind), rig.view({ ...custom.kind, namespace: there })];
    await rig.refresh();
    expect([names(mine), names(other)]).toEqual([['a'], []]);
  });
});

describe.concurrent('what a deletion looks like', () => {
  test('an object that somebody deletes is gone from the view soon', async () => {
    const custom = await definedWith('a', 'b');
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    await custom.delete('a');
    await until('it is seen', () => names(view)?.length === 1);
    expect(view.problem).toBeUndefined();
  });

  test('the last object that somebody deletes too', async () => {
    const custom = await definedWith('a');
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    await custom.delete('a');
    await until('it is seen', () => names(view)?.length === 0);
    expect(view.problem).toBeUndefined();
  });

  test('deleting the whole kind leaves the view as it was, with the reason', async () => {
    const custom = await definedWith('a', 'b', 'c');
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    const before = view.items;
    await custom.undefine();
    await custom.isGone();
    await until('the problem is told', () => view.problem !== undefined);
    await until('it is known to be gone for good', () => {
      rig.clock.jump(10_000);
      return view.problem?.includes('not known to the API server') === true;
    });
    expect(view.items).toEqual(before);
    expect(view.problem).toContain('what was last known stays in force');
  });

  test('a kind that is made anew and is empty changes nothing; once it is filled, it counts', async () => {
    const custom = await definedWith('a', 'b');
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    await custom.undefine();
    await custom.isGone();
    await custom.define();
    rig.clock.jump(30_000);
    await until('it is known to be empty', () => {
      rig.clock.jump(10_000);
      return view.problem?.includes('nobody has filled it yet') === true;
    });
    expect(names(view)).toEqual(['a', 'b']);
    await custom.create('c');
    await until('it is seen', () => rig.kinds.find(custom.kind, 'c') !== undefined);
    expect(names(view)).toEqual(['a', 'b']);
    rig.clock.jump(10_000);
    await until('it counts', () => names(view)?.join() === 'c');
    expect(view.problem).toBeUndefined();
  });

  test('deleting the namespace leaves the view as it was', async () => {
    const namespace = await uniqueNamespace();
    const custom = new CustomKind(admin, namespace);
    await custom.define();
    await custom.create('a');
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    await admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    // No controller-manager runs here that would do it.
    await custom.delete('a');
    await until(
      'the problem is told',
      () => view.problem?.includes(`namespace ${namespace} is being deleted`) === true,
    );
    expect(names(view)).toEqual(['a']);
  });

  test('who starts while the kind is being deleted takes nothing for all', async () => {
    const custom = await definedWith('a', 'b');
    // A finalizer keeps the kind in the middle of its deletion.
    await custom.patch('a', { metadata: { finalizers: ['example.com/stay'] } });
    await custom.undefine();
    await until('one of the two is gone', async () => (await custom.get('b').catch(() => undefined)) === undefined);
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    expect(view.items).toBeUndefined();
    expect(view.problem).toContain('is being deleted');
    await custom.patch('a', { metadata: { finalizers: null } });
  });

  test('without the right to read definitions, discovery tells the two apart', async () => {
    const custom = await definedWith('a', 'b');
    const blind: Pick<KubeConnection, 'request' | 'watch'> = {
      request: request => (request.path.includes('customresourcedefinitions') ? plain : admin).request(request),
      watch: request => admin.watch(request),
    };
    using rig = new Rig(blind as KubeConnection);
    const view = rig.view(custom.kind);
    await rig.refresh();
    await custom.delete('a');
    await until('it is seen', () => names(view)?.join() === 'b');
    await custom.undefine();
    await until('the problem is told', () => view.problem !== undefined);
    await custom.isGone();
    rig.clock.jump(60_000);
    await until('it is known to be gone', () => view.problem?.includes('not known to the API server') === true);
    expect(names(view)).toEqual(['b']);
  });
});

describe.concurrent('what cannot be read', () => {
  test('a kind that does not exist keeps nobody waiting, and is found when it comes', async () => {
    const custom = new CustomKind(admin);
    using rig = new Rig();
    const view = rig.view(custom.kind);
    await rig.refresh();
    expect(view.items).toBeUndefined();
    expect(view.problem).toBe(`${custom.name} (v1beta1) is not known to the API server`);
    await custom.define();
    await custom.create('a');
    await until('it is seen', () => {
      rig.clock.jump(10_000);
      return names(view)?.join() === 'a';
    });
    expect(view.problem).toBeUndefined();
  });

  test('a forbidden kind keeps nobody waiting, and says which rights are missing', async () => {
    const custom = await definedWith('a');
    using rig = new Rig(plain);
    const view = rig.view(custom.kind);
    await rig.refresh();
    expect(view.items).toBeUndefined();
    expect(view.problem).toContain('give fairlead’s ServiceAccount the rights get, list and watch');
  });

  test('the component’s rights suffice for every kind of ours', async () => {
    using rig = new Rig(bareMetal);
    const own = ['addresspools', 'speakers'].map(plural =>
      rig.view({ group: 'fairlead.dev', version: 'v1beta1', plural }),
    );
    const core = ['nodes', 'namespaces'].map(plural => rig.view({ group: '', version: 'v1', plural }));
    await rig.refresh();
    expect([...own, ...core].map(view => view.problem)).toEqual([undefined, undefined, undefined, undefined]);
    expect(core.map(view => names(view))).toEqual([expect.any(Array), expect.arrayContaining(['kube-system'])]);
  });
});
