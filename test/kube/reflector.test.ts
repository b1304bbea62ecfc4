import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { type Change, Store } from '../../src/kube/store.ts';
import { seededRandom } from '../support/sim/random.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';
import { CollectionServer, type Thing } from './collection-server.ts';

interface Rig {
  readonly clock: VirtualClock;
  readonly server: CollectionServer;
  readonly store: Store<Thing>;
  readonly reflector: Reflector<Thing>;
  readonly changes: Change<Thing>[];
  readonly errors: unknown[];
  readonly stop: AbortController;
  readonly held: () => Record<string, string>;
}

function rig(names: readonly string[] = [], pageSize = 500): Rig {
  const clock = new VirtualClock();
  const server = new CollectionServer(clock);
  for (const name of names) server.write(name);
  const changes: Change<Thing>[] = [];
  const errors: unknown[] = [];
  const store = new Store<Thing>({ onChange: change => changes.push(change) });
  const options = { client: server, clock, random: seededRandom(1), path: '/api/v1/things', store, pageSize };
  const reflector = new Reflector<Thing>({ ...options, onError: error => errors.push(error) });
  const held = (): Record<string, string> =>
    Object.fromEntries([...store.values()].map(({ metadata, data }) => [metadata.name, data ?? '']));
  return { clock, server, store, reflector, changes, errors, stop: new AbortController(), held };
}

const never = new AbortController().signal;
const gone = new KubeError(410, 'Expired', 'too old');

describe('listing and watching', () => {
  test('one list, one watch from its version, and changes as they come', async () => {
    const { clock, server, reflector, stop, held } = rig(['a', 'b']);
    void reflector.run(stop.signal);
    await clock.run(100);
    expect(held()).toEqual({ a: '', b: '' });
    expect(server.lists).toEqual([{ limit: '500' }]);
    expect(server.watches).toHaveLength(1);
    expect(server.watches[0]).toMatchObject({ watch: '1', resourceVersion: '12', allowWatchBookmarks: 'true' });
    const seconds = Number(server.watches[0]?.['timeoutSeconds']);
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThanOrEqual(600);
    server.write('c');
    server.delete('a');
    await clock.run(101);
    expect(held()).toEqual({ b: '', c: '' });
  });

  test('a long list comes in pages of one version and is seen as one', async () => {
    const { clock, server, reflector, store, stop } = rig(['a', 'b', 'c', 'd', 'e'], 2);
    server.pageMs = 10;
    void reflector.run(stop.signal);
    await clock.run(25);
    expect(store.size).toBe(0);
    await clock.run(50);
    expect(store.size).toBe(5);
    expect(server.lists).toEqual([{ limit: '2' }, { limit: '2', continue: '15/2' }, { limit: '2', continue: '15/4' }]);
  });

  test('a list that expires between two pages is taken anew from its first page', async () => {
    const { clock, server, reflector, store, stop } = rig(['a', 'b', 'c'], 2);
    let isFirst = true;
    server.refuse = (_, query) => {
      if (query['continue'] === undefined || !isFirst) return;
      isFirst = false;
      throw gone;
    };
    void reflector.run(stop.signal);
    await clock.run(1_000);
    expect(store.size).toBe(3);
    expect(server.lists.map(query => query['continue'])).toEqual([undefined, '13/2', undefined, '13/2']);
  });

  test('a failed list publishes nothing, least of all that everything is gone', async () => {
    const { clock, server, reflector, changes, store, stop } = rig(['a', 'b']);
    void reflector.run(stop.signal);
    await clock.run(100);
    changes.length = 0;
    server.compact();
    server.write('c');
    server.compact();
    server.refuse = what => {
      if (what === 'list') throw new KubeError(500, 'InternalError', 'etcd');
    };
    server.endWatches(new KubeError(0, 'Unreachable', 'reset'));
    await clock.run(60_000);
    expect(store.size).toBe(3);
    expect(changes.every(({ current }) => current !== undefined)).toBe(true);
  });

  test.each([
    ['an HTML page', '<html>'],
    ['null', null],
    ['a list without a version', { items: [] }],
    ['a list without items', { metadata: { resourceVersion: '5' } }],
  ])('%s is no list: what is held stays', async (_, answer) => {
    const { clock, server, reflector, store, stop, errors } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.run(100);
    server.request = () => Promise.resolve(answer as never);
    reflector.refresh(never).catch(() => undefined);
    await clock.run(1_000);
    expect(store.size).toBe(1);
    expect(errors.length).toBeGreaterThan(0);
  });

  test('items null is an empty list', async () => {
    const { clock, server, reflector, stop } = rig();
    server.request = () => Promise.resolve({ metadata: { resourceVersion: '5' }, items: null } as never);
    const run = new AbortController();
    void reflector.run(stop.signal);
    await clock.until(reflector.refresh(run.signal));
    await clock.run(50);
    expect(server.watches).toHaveLength(1);
  });
});

describe('broken watches', () => {
  test('a watch that ends in good order is continued at its last version, without a list', async () => {
    const { clock, server, reflector, stop, held } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.run(100);
    server.write('b');
    for (let minute = 1; minute <= 5; minute += 1) {
      await clock.run(minute * 60_000);
      server.bookmark();
    }
    server.endWatches();
    await clock.run(300_000);
    server.write('c');
    await clock.run(300_500);
    expect(server.lists).toHaveLength(1);
    expect(server.watches.at(-1)).toMatchObject({ resourceVersion: '12' });
    expect(held()).toEqual({ a: '', b: '', c: '' });
  });

  test('a bookmark moves the version on, so that a quiet collection never expires', async () => {
    const { clock, server, reflector, stop } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.run(100);
    server.version = 5_000;
    server.bookmark();
    await clock.run(10_000);
    server.compact();
    server.endWatches();
    await clock.run(11_000);
    expect(server.lists).toHaveLength(1);
    expect(server.watches.at(-1)).toMatchObject({ resourceVersion: '5000' });
  });

  test.each([
    ['as HTTP status', (server: CollectionServer) => server.endWatches(gone)],
    [
      'as ERROR event',
      (server: CollectionServer) =>
        server.send({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'old' } }),
    ],
    [
      'as ERROR event of 504 for a version the server has not reached',
      (server: CollectionServer) =>
        server.send({
          type: 'ERROR',
          object: { code: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
        }),
    ],
  ])('410 %s: a new list, and only the differences are told', async (_, fail) => {
    const { clock, server, reflector, stop, changes, held } = rig(['a', 'b']);
    void reflector.run(stop.signal);
    await clock.run(5_000);
    changes.length = 0;
    server.refuse = what => {
      if (what === 'watch' && server.lists.length === 1) throw gone;
    };
    fail(server);
    server.delete('a');
    server.write('c');
    await clock.run(20_000);
    expect(server.lists).toHaveLength(2);
    expect(held()).toEqual({ b: '', c: '' });
    expect(changes.map(({ key }) => key).toSorted()).toEqual(['ns/a', 'ns/c']);
  });

  test('an ERROR event of another kind: the watch is continued, without a list', async () => {
    const { clock, server, reflector, stop, held } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.run(5_000);
    server.send({ type: 'ERROR', object: { code: 500, message: 'etcd leader changed' } });
    server.write('b');
    await clock.run(10_000);
    expect(server.lists).toHaveLength(1);
    expect(held()).toEqual({ a: '', b: '' });
  });

  test('one bad object is told of and passed over, the others count on', async () => {
    const { clock, server, reflector, stop, held, errors } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.run(100);
    for (const object of [undefined, null, {}, { metadata: { name: 'x' } }, 7]) server.send({ type: 'ADDED', object });
    server.write('b');
    await clock.run(101);
    expect(held()).toEqual({ a: '', b: '' });
    expect(errors).toHaveLength(5);
    expect(server.watches).toHaveLength(1);
  });

  test('back-off: doubling to thirty seconds, never the same moment for all, and anew after progress', async () => {
    const { clock, server, reflector, stop } = rig(['a']);
    let isDown = true;
    server.refuse = () => {
      if (isDown) throw new KubeError(503, 'ServiceUnavailable', 'down');
    };
    void reflector.run(stop.signal);
    await clock.run(300_000);
    const gaps = server.times.slice(1).map((at, n) => at - (server.times[n] ?? 0));
    expect(gaps[0]).toBeLessThan(150);
    expect(Math.max(...gaps)).toBeLessThan(30_100);
    expect(gaps.at(-1)).toBeGreaterThan(14_000);
    expect(new Set(gaps.slice(-4)).size).toBe(4);
    isDown = false;
    await clock.run(340_000);
    server.write('b');
    await clock.run(341_000);
    const before = server.watches.length;
    server.endWatches(new KubeError(0, 'Unreachable', 'reset'));
    await clock.run(341_200);
    expect(server.watches.length).toBe(before + 1);
  });

  test('a server that was away and has forgotten our version is listed at once, without the back-off of its absence', async () => {
    const { clock, server, reflector, stop, held } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.run(1_000);
    let fault: KubeError | undefined = new KubeError(0, 'Unreachable', 'away');
    server.refuse = what => {
      if (fault !== undefined && (what === 'watch' || fault.status === 0)) throw fault;
    };
    server.endWatches(fault);
    await clock.run(300_000);
    fault = gone;
    server.write('b');
    const before = server.watches.length;
    for (let at = 300_000; server.watches.length === before; at += 100) await clock.run(at);
    const answeredAt = clock.monotonic();
    fault = undefined;
    await clock.run(answeredAt + 200);
    expect(held()).toEqual({ a: '', b: '' });
  });

  test('Retry-After is honoured', async () => {
    const { clock, server, reflector, stop } = rig(['a']);
    server.refuse = () => {
      if (server.lists.length === 1) throw new KubeError(429, 'TooManyRequests', 'slow', { retryAfterMs: 7_000 });
    };
    void reflector.run(stop.signal);
    await clock.run(6_900);
    expect(server.lists).toHaveLength(1);
    await clock.run(7_100);
    expect(server.lists).toHaveLength(2);
  });

  test('a server that ends every watch at once is not asked without pause', async () => {
    const { clock, server, reflector, stop } = rig(['a']);
    void reflector.run(stop.signal);
    for (let at = 10; at < 60_000; at += 10) {
      await clock.run(at);
      server.endWatches();
    }
    expect(server.watches.length).toBeLessThan(20);
    expect(server.lists).toHaveLength(1);
  });

  test('a watch that expires at once after every list does not list without pause', async () => {
    const { clock, server, reflector, stop } = rig(['a']);
    server.refuse = what => {
      if (what === 'watch') throw gone;
    };
    void reflector.run(stop.signal);
    await clock.run(60_000);
    expect(server.lists.length).toBeLessThan(15);
  });

  test('silence without a bookmark: first a new watch, then a list, which finds a restored etcd', async () => {
    const { clock, server, reflector, stop, held } = rig(['a', 'b']);
    void reflector.run(stop.signal);
    await clock.run(1_000);
    server.version = 1_000;
    server.write('c');
    await clock.run(2_000);
    server.restore(500, ['a']);
    await clock.run(95_000);
    expect(server.watches).toHaveLength(2);
    expect(server.lists).toHaveLength(1);
    await clock.run(190_000);
    expect(server.lists).toHaveLength(2);
    expect(held()).toEqual({ a: 'restored' });
  });
});

describe('refresh', () => {
  test('together with the start: one list between them', async () => {
    const { clock, server, reflector, stop, store } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.until(reflector.refresh(never));
    expect(store.size).toBe(1);
    await clock.run(10_000);
    expect(server.lists).toHaveLength(1);
    expect(server.watches).toHaveLength(1);
  });

  test('while the first list is under way, which nobody waits for: that one is given up', async () => {
    const { clock, server, reflector, stop, store } = rig(['a', 'b', 'c', 'd', 'e', 'f'], 1);
    server.pageMs = 100;
    void reflector.run(stop.signal);
    await clock.run(150);
    const refreshed = reflector.refresh(never);
    server.write('g');
    await clock.until(refreshed);
    expect(store.get('ns/g')).toBeDefined();
    expect(server.lists).toHaveLength(2 + 7);
  });

  test('sees what was written before the call, even while a list is under way that others wait for', async () => {
    const { clock, server, reflector, stop, store } = rig(['a']);
    server.pageMs = 100;
    void reflector.run(stop.signal);
    await clock.run(10);
    const first = reflector.refresh(never);
    await clock.run(20);
    server.write('b');
    const second = reflector.refresh(never);
    await clock.until(first);
    await clock.until(second);
    expect(store.get('ns/b')).toBeDefined();
  });

  test('during a watch: the watch stands still, and goes on from the list', async () => {
    const { clock, server, reflector, stop, held } = rig(['a']);
    void reflector.run(stop.signal);
    await clock.run(1_000);
    server.pageMs = 50;
    const refreshed = reflector.refresh(never);
    await clock.run(1_010);
    server.delete('a');
    server.write('b');
    expect(held()).toEqual({ a: '' });
    await clock.until(refreshed);
    await clock.run(2_000);
    expect(held()).toEqual({ b: '' });
    expect(server.openWatches).toBe(1);
  });

  test('tries until the server answers, without waiting out a long back-off', async () => {
    const { clock, server, reflector, stop } = rig(['a']);
    let isDown = true;
    server.refuse = () => {
      if (isDown) throw new KubeError(0, 'Unreachable', 'down');
    };
    void reflector.run(stop.signal);
    await clock.run(120_000);
    isDown = false;
    const begun = clock.monotonic();
    await clock.until(reflector.refresh(never));
    expect(clock.monotonic() - begun).toBeLessThan(100);
  });

  test('rejects with the reason when its signal aborts; the reflector goes on', async () => {
    const { clock, server, reflector, stop, store } = rig(['a']);
    let isDown = true;
    server.refuse = () => {
      if (isDown) throw new KubeError(0, 'Unreachable', 'down');
    };
    void reflector.run(stop.signal);
    const leadership = new AbortController();
    const refreshed = reflector.refresh(leadership.signal);
    const reason = new Error('the Lease is lost');
    await clock.run(5_000);
    leadership.abort(reason);
    await expect(refreshed).rejects.toBe(reason);
    await expect(reflector.refresh(leadership.signal)).rejects.toBe(reason);
    isDown = false;
    await clock.run(60_000);
    expect(store.size).toBe(1);
    expect(server.openWatches).toBe(1);
  });

  test('the end of the run ends it too, and run resolves', async () => {
    const { clock, server, reflector, stop } = rig(['a']);
    server.refuse = () => {
      throw new KubeError(0, 'Unreachable', 'down');
    };
    const run = reflector.run(stop.signal);
    const refreshed = reflector.refresh(never);
    await clock.run(1_000);
    stop.abort(new Error('over'));
    await expect(refreshed).rejects.toThrow('over');
    await run;
    const asked = server.times.length;
    await clock.run(100_000);
    expect(server.times).toHaveLength(asked);
  });
});

const step = fc.record({
  do: fc.constantFrom('write', 'delete', 'bookmark', 'reset', 'end', 'expire', 'compact', 'refresh', 'down', 'up'),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  ms: fc.integer({ min: 0, max: 3_000 }),
});

test('after any history of failures the store ends equal to the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const { clock, server, reflector, stop, held } = rig(['a', 'b'], 2);
      let isDown = false;
      server.refuse = () => {
        if (isDown) throw new KubeError(503, 'ServiceUnavailable', 'down');
      };
      void reflector.run(stop.signal);
      let at = 0;
      for (const { do: what, name, ms } of steps) {
        at += ms;
        await clock.run(at);
        if (what === 'write') server.write(name, String(at));
        if (what === 'delete') server.delete(name);
        if (what === 'bookmark') server.bookmark();
        if (what === 'reset') server.endWatches(new KubeError(0, 'Unreachable', 'reset'));
        if (what === 'end') server.endWatches();
        if (what === 'expire') server.send({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
        if (what === 'compact') server.compact();
        if (what === 'refresh') reflector.refresh(stop.signal).catch(() => undefined);
        if (what === 'down' || what === 'up') isDown = what === 'down';
      }
      isDown = false;
      await clock.run(at + 62_000);
      expect(held()).toEqual(server.state());
      expect(server.openWatches).toBe(1);
      stop.abort();
      await clock.run(at + 62_001);
      expect(server.openWatches).toBe(0);
    }),
    { numRuns: 200 },
  );
});
