import { describe, expect, test } from 'vitest';
import { Kinds } from '../../../src/controller/kinds/kinds.ts';
import { type KubeClient, KubeError, type KubeRequest, type WatchRequest } from '../../../src/kube/client.ts';
import type { ResourceView } from '../../../src/provider/provider.ts';
import { CollectionServer } from '../../kube/collection-server.ts';
import { seededRandom } from '../../support/sim/random.ts';
import { VirtualClock } from '../../support/sim/virtual-clock.ts';

/** What takes too long, or happens too fast, for a real API server: kinds.test.ts in test/integration has the rest. */
const kind = { group: 'x.example.com', version: 'v1', plural: 'things', namespace: 'ns' };
const never = new AbortController().signal;

class Api implements KubeClient {
  readonly things: CollectionServer;
  definition: () => object = () => ({ metadata: { name: 'things', uid: 'u1', resourceVersion: '1' } });
  readonly looks: number[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.things = new CollectionServer(clock);
  }

  async request<Answer>(request: KubeRequest): Promise<Answer> {
    if (request.path.endsWith('/things')) return this.things.request(request);
    if (request.path === '/api/v1/namespaces/ns') throw new KubeError(403, 'Forbidden', 'no');
    this.looks.push(this.#clock.monotonic());
    return this.definition() as Answer;
  }

  watch<Kind>(request: WatchRequest) {
    return this.things.watch<Kind>(request);
  }
}

function rig(...names: readonly string[]) {
  const clock = new VirtualClock();
  const api = new Api(clock);
  for (const name of names) api.things.write(name);
  const logged: string[] = [];
  const log = { info() {}, debug() {}, warn: (_: object, message: string) => void logged.push(message) };
  const kinds = new Kinds({ client: api, clock, random: seededRandom(1), log });
  const told: number[] = [];
  const view = kinds.view('edge', kind, () => told.push(clock.monotonic()));
  const refresh = async (): Promise<void> => {
    kinds.refresh(never);
    await clock.until(kinds.ready('edge', never));
  };
  return { clock, api, kinds, view, told, logged, refresh };
}

const names = ({ items }: ResourceView) => items?.map(item => item.name);
const leaving = () => ({ metadata: { name: 'things', uid: 'u1', resourceVersion: '2', deletionTimestamp: 'now' } });

describe('a kind', () => {
  test('changes of one moment are told together, and the view is the same array until then', async () => {
    const { clock, api, view, told, refresh } = rig('a');
    await refresh();
    expect(view.items).toBe(view.items);
    told.length = 0;
    await clock.run(clock.monotonic() + 1_000);
    for (const name of ['b', 'c', 'd']) api.things.write(name);
    await clock.run(clock.monotonic() + 100);
    expect(names(view)).toEqual(['a', 'b', 'c', 'd']);
    expect(told.length).toBeLessThanOrEqual(2);
  });

  test('objects that are deleted together are judged by one look', async () => {
    const { clock, api, view, refresh } = rig('a', 'b', 'c', 'd');
    await refresh();
    await clock.run(clock.monotonic() + 100);
    const before = api.looks.length;
    for (const name of ['a', 'b', 'c']) api.things.delete(name);
    await clock.run(clock.monotonic() + 900);
    expect(names(view)).toEqual(['a', 'b', 'c', 'd']);
    await clock.run(clock.monotonic() + 500);
    expect(names(view)).toEqual(['d']);
    expect(api.looks.length).toBe(before + 1);
  });

  test('an object that goes while a look is under way is not judged by that look', async () => {
    const { clock, api, view, refresh } = rig('a', 'b');
    await refresh();
    await clock.run(clock.monotonic() + 100);
    // Everything that the deletion of the kind brings comes between the look and its answer.
    api.definition = () => {
      api.definition = leaving;
      api.things.delete('b');
      return { metadata: { name: 'things', uid: 'u1', resourceVersion: '1' } };
    };
    const request = api.request.bind(api);
    api.request = async <Answer>(one: KubeRequest): Promise<Answer> => {
      const answer = await request<Answer>(one);
      if (one.path.includes('customresourcedefinitions')) await new Promise<void>(done => clock.after(50, done));
      return answer;
    };
    api.things.delete('a');
    await clock.run(clock.monotonic() + 20_000);
    expect(names(view)).toEqual(['a', 'b']);
    expect(view.problem).toContain('is being deleted');
  });

  test('one that is leaving is looked at every 30 s, and comes back unharmed from a false alarm', async () => {
    const { clock, api, view, refresh, logged } = rig('a', 'b');
    await refresh();
    await clock.run(clock.monotonic() + 100);
    const right = api.definition;
    api.definition = leaving;
    api.things.delete('a');
    await clock.run(clock.monotonic() + 300_000);
    expect(names(view)).toEqual(['a', 'b']);
    expect(api.looks.length).toBeLessThan(15);
    expect(logged.filter(line => line.includes('is being deleted'))).toHaveLength(1);
    api.definition = right;
    await clock.run(clock.monotonic() + 31_000);
    expect(names(view)).toEqual(['b']);
    expect(view.problem).toBeUndefined();
  });

  test('one that cannot be looked at stays as it was until it can', async () => {
    const { clock, api, view, refresh } = rig('a', 'b');
    await refresh();
    await clock.run(clock.monotonic() + 100);
    const right = api.definition;
    api.definition = () => {
      throw new KubeError(500, 'InternalError', 'etcd');
    };
    api.things.delete('a');
    await clock.run(clock.monotonic() + 60_000);
    expect(names(view)).toEqual(['a', 'b']);
    expect(view.problem).toContain('cannot be looked at');
    api.definition = right;
    await clock.run(clock.monotonic() + 3_000);
    expect(names(view)).toEqual(['b']);
  });

  test('whose lists fail for other reasons keeps an instance waiting for 30 s, and no longer', async () => {
    const { clock, api, view, refresh, logged } = rig('a');
    api.things.refuse = () => {
      throw new KubeError(500, 'InternalError', 'conversion webhook failed');
    };
    await refresh();
    expect(clock.monotonic()).toBe(30_000);
    expect(view.items).toBeUndefined();
    expect(view.problem).toContain('conversion webhook failed');
    expect(logged).toHaveLength(1);
    api.things.refuse = () => undefined;
    await clock.run(clock.monotonic() + 31_000);
    expect(names(view)).toEqual(['a']);
    expect(view.problem).toBeUndefined();
  });

  test('whose lists are refused after they were not keeps what it had', async () => {
    const { clock, api, view, refresh } = rig('a');
    await refresh();
    api.things.refuse = () => {
      throw new KubeError(403, 'Forbidden', 'no');
    };
    api.things.endWatches();
    await refresh();
    await clock.run(clock.monotonic() + 60_000);
    expect(names(view)).toEqual(['a']);
    expect(view.problem).toContain('may not be listed in namespace ns');
    expect(view.problem).toContain('stays in force');
  });

  test('that was absent for a while is another one, also where nobody told of its objects’ deletion or may look at its definition', async () => {
    const { clock, api, view, refresh } = rig('a', 'b');
    await refresh();
    const request = api.request.bind(api);
    api.request = async <Answer>(one: KubeRequest): Promise<Answer> => {
      if (one.path.includes('customresourcedefinitions')) throw new KubeError(403, 'Forbidden', 'no');
      return request<Answer>(one);
    };
    api.definition = () => ({ resources: [{ name: 'things', verbs: ['create'] }] });
    api.things.refuse = () => {
      throw new KubeError(404, 'NotFound', 'no');
    };
    api.things.endWatches();
    for (const name of ['a', 'b']) api.things.delete(name);
    await refresh();
    await clock.run(clock.monotonic() + 5_000);
    expect(view.problem).toContain('is not known to the API server');
    api.things.refuse = () => undefined;
    await clock.run(clock.monotonic() + 120_000);
    expect(names(view)).toEqual(['a', 'b']);
    expect(view.problem).toContain('nobody has filled it yet');
    api.things.write('c');
    await clock.run(clock.monotonic() + 12_000);
    expect(names(view)).toEqual(['c']);
    expect(view.problem).toBeUndefined();
  });

  test('an absent one is asked for less and less often, at most every 15 s in the end', async () => {
    const { clock, api, view, refresh } = rig();
    api.things.refuse = () => {
      throw new KubeError(404, 'NotFound', 'no');
    };
    await refresh();
    expect(clock.monotonic()).toBeLessThan(100);
    await clock.run(600_000);
    const late = api.things.times.filter(time => time > 60_000);
    expect(late.length).toBeLessThanOrEqual(540 / 15);
    expect(view.problem).toContain('is not known to the API server');
    api.things.refuse = () => undefined;
    await clock.run(clock.monotonic() + 31_000);
    expect(names(view)).toEqual([]);
  });

  test('is watched once, whoever asks for it, and a listener that throws harms no other', async () => {
    const { clock, api, kinds, view, told, refresh, logged } = rig('a');
    const other = kinds.view('spare', { ...kind }, () => {
      throw new Error('mine is broken');
    });
    kinds.view('third', kind, () => told.push(-1));
    await refresh();
    await clock.run(clock.monotonic() + 100);
    expect(other).toBe(view);
    expect(api.things.openWatches).toBe(1);
    expect(told).toContain(-1);
    expect(logged).toContain('fault in a provider');
  });

  test('a refresh that is given up keeps nobody', async () => {
    const { clock, api, kinds, view } = rig('a');
    api.things.pageMs = 5_000;
    const stop = new AbortController();
    kinds.refresh(stop.signal);
    const ready = kinds.ready('edge', stop.signal);
    await clock.run(10);
    stop.abort();
    await clock.until(ready);
    expect(clock.monotonic()).toBe(10);
    expect(view.items).toBeUndefined();
  });
});
