import { describe, expect, test } from 'vitest';
import { EndpointWatch } from '../../../src/controller/endpoints/endpoint-watch.ts';
import { type KubeClient, KubeError, type KubeRequest, type WatchRequest } from '../../../src/kube/client.ts';
import type { EndpointSlice, KubeList, WatchEvent } from '../../../src/kube/objects.ts';
import { serviceNameLabel } from '../../../src/kube/trim.ts';
import { CollectionServer, type Thing } from '../../kube/collection-server.ts';
import { seededRandom } from '../../support/sim/random.ts';
import { VirtualClock } from '../../support/sim/virtual-clock.ts';

/** Slices that stand in the collection as `<service> <address>…`. */
class Slices implements KubeClient {
  readonly things: CollectionServer;

  constructor(clock: VirtualClock) {
    this.things = new CollectionServer(clock);
  }

  async request<Answer>(request: KubeRequest): Promise<Answer> {
    const list = await this.things.request<KubeList<Thing>>(request);
    return { ...list, items: list.items.map(sliceOf) } as Answer;
  }

  async *watch<Kind>(request: WatchRequest): AsyncIterable<WatchEvent<Kind>> {
    for await (const event of this.things.watch<Thing>(request))
      yield (event.type === 'ERROR' ? event : { ...event, object: sliceOf(event.object) }) as WatchEvent<Kind>;
  }
}

function sliceOf({ metadata, data = '' }: Thing): EndpointSlice {
  const [service = '', ...addresses] = data.split(' ');
  return {
    metadata: { ...metadata, labels: { [serviceNameLabel]: service } },
    addressType: 'IPv4',
    ports: [{ port: 80 }],
    endpoints: addresses.map(address => ({ addresses: [address] })),
  };
}

function rig() {
  const clock = new VirtualClock();
  const api = new Slices(clock);
  const changed: string[] = [];
  const known: number[] = [];
  const nothing = (): void => undefined;
  const watch = new EndpointWatch({
    client: api,
    clock,
    random: seededRandom(1),
    log: { info: nothing, warn: nothing, debug: nothing },
    pageSize: 500,
    changed: service => changed.push(service),
    known: () => known.push(clock.monotonic()),
  });
  const run = (ms: number): Promise<void> => clock.run(clock.monotonic() + ms);
  const addresses = (service: string): unknown => {
    const found = watch.of(`ns/${service}`);
    return found.state === 'listed' ? found.endpoints.map(({ address }) => address) : found.state;
  };
  return { clock, api, watch, changed, known, run, addresses };
}

const leadership = (): AbortController => new AbortController();

describe('endpoints', () => {
  test('are not asked for until somebody needs them', async () => {
    const { api, watch, run, addresses } = rig();
    watch.begin(leadership().signal);
    await run(60_000);
    expect([addresses('web'), api.things.times]).toEqual(['awaited', []]);
  });

  test('are listed once for all, and told of when they are there', async () => {
    const { api, watch, known, run, addresses } = rig();
    api.things.write('web-1', 'web 10.0.0.1 10.0.0.2');
    watch.begin(leadership().signal);
    for (let times = 0; times < 3; times++) void watch.need();
    expect(addresses('web')).toBe('awaited');
    await run(100);
    expect([addresses('web'), addresses('db')]).toEqual([['10.0.0.1', '10.0.0.2'], []]);
    expect([api.things.lists.length, api.things.watches.length, known.length]).toEqual([1, 1, 1]);
  });

  test('a change concerns the Service of the slice, and both where a slice goes over to another', async () => {
    const { api, watch, changed, run, addresses } = rig();
    api.things.write('web-1', 'web 10.0.0.1');
    watch.begin(leadership().signal);
    void watch.need();
    await run(100);
    changed.length = 0;
    api.things.write('db-1', 'db 10.0.0.9');
    await run(10);
    expect(changed.splice(0)).toEqual(['ns/db']);
    api.things.write('web-1', 'web 10.0.0.1');
    await run(10);
    expect(changed.splice(0)).toEqual([]);
    api.things.write('web-1', 'db 10.0.0.1');
    await run(10);
    expect(changed.splice(0).toSorted()).toEqual(['ns/db', 'ns/web']);
    expect([addresses('web'), addresses('db')]).toEqual([[], ['10.0.0.1', '10.0.0.9']]);
  });

  test('equal endpoints have an equal version, whatever they were in between', async () => {
    const { api, watch, run } = rig();
    const version = (): string => {
      const found = watch.of('ns/web');
      return found.state === 'listed' ? found.version : found.state;
    };
    api.things.write('web-1', 'web 10.0.0.1');
    watch.begin(leadership().signal);
    void watch.need();
    await run(100);
    const before = version();
    api.things.write('web-1', 'web 10.0.0.2');
    await run(10);
    expect(version()).not.toBe(before);
    api.things.delete('web-1');
    api.things.write('web-2', 'web 10.0.0.1');
    await run(10);
    expect(version()).toBe(before);
  });

  test('of an earlier leadership count for nothing until they are listed anew', async () => {
    const { api, watch, run, addresses } = rig();
    api.things.write('web-1', 'web 10.0.0.1');
    const first = leadership();
    watch.begin(first.signal);
    void watch.need();
    await run(100);
    first.abort();
    api.things.pageMs = 1_000;
    watch.begin(leadership().signal);
    await run(500);
    expect(addresses('web')).toBe('awaited');
    await run(1_000);
    expect(addresses('web')).toEqual(['10.0.0.1']);
    expect(api.things.lists).toHaveLength(2);
  });

  test('a refusal is told, stays while nothing is known, and passes when the right is given', async () => {
    const { api, watch, known, run, addresses } = rig();
    api.things.refuse = () => {
      throw new KubeError(403, 'Forbidden', 'endpointslices is forbidden');
    };
    watch.begin(leadership().signal);
    void watch.need();
    await run(5_000);
    expect([watch.of('ns/web'), known.length]).toEqual([
      { state: 'closed', problem: 'endpointslices is forbidden' },
      1,
    ]);
    api.things.refuse = () => undefined;
    await run(60_000);
    expect([addresses('web'), known.length]).toEqual([[], 2]);
  });

  test('a server that does not answer is no refusal', async () => {
    const { api, watch, known, run, addresses } = rig();
    api.things.refuse = () => {
      throw new KubeError(0, 'Unreachable', 'nobody there');
    };
    watch.begin(leadership().signal);
    void watch.need();
    await run(60_000);
    expect([addresses('web'), known.length]).toEqual(['awaited', 0]);
  });

  test('whoever waits is not kept beyond the leadership', async () => {
    const { clock, api, watch, run } = rig();
    api.things.refuse = () => {
      throw new KubeError(0, 'Unreachable', 'nobody there');
    };
    const over = leadership();
    watch.begin(over.signal);
    const waiting = watch.need();
    await run(1_000);
    over.abort();
    await expect(clock.until(waiting)).resolves.toBeUndefined();
  });
});
