import { beforeEach, describe, expect, test } from 'vitest';
import { type OrphanOptions, OrphanSweep, type OrphanSweepDeps } from '../../src/controller/orphan-sweep.ts';
import { ProviderCalls } from '../../src/controller/provider-calls.ts';
import { KubeError } from '../../src/kube/client.ts';
import { Term } from '../../src/kube/leadership.ts';
import { idOf } from '../../src/plan/load-balancer.ts';
import type { LoadBalancerRef, Provider } from '../../src/provider/provider.ts';
import { capabilities, instance, without } from '../support/objects.ts';
import { ScriptedClient } from '../support/scripted-client.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

const cluster = '8d1f5a4e-7c0b-4b53-9a53-0f6f0b7f1c2d';
const hour = 3_600_000;
const never = new AbortController().signal;

function uidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

function ref(number: number, more: Partial<LoadBalancerRef> = {}): LoadBalancerRef {
  const uid = uidOf(number);
  return { id: idOf(uid), cluster, service: { namespace: 'default', name: `s${number}`, uid }, ...more };
}

let clock: VirtualClock;
let client: ScriptedClient;
let leading: Term;
/** What exists outside. */
let outside: Map<string, LoadBalancerRef>;
let known: Set<string>;
let counts: [string, number][];
let logged: string[];
/** Ids whose delete fails. */
let stuck: Set<string>;

beforeEach(() => {
  clock = new VirtualClock();
  client = new ScriptedClient(clock);
  leading = new Term('1', 1e12, clock);
  outside = new Map();
  known = new Set();
  counts = [];
  logged = [];
  stuck = new Set();
});

function exists(...refs: readonly LoadBalancerRef[]): void {
  for (const one of refs) outside.set(one.id, one);
}

function many(count: number, from = 0): readonly LoadBalancerRef[] {
  return Array.from({ length: count }, (_, index) => ref(from + index));
}

const provider: Provider = {
  contractVersion: 1,
  capabilities,
  needs: () => ({ nodePorts: true }),
  ensureLoadBalancer: () => Promise.reject(new Error('the sweep ensures nothing')),
  async ensureLoadBalancerDeleted({ id }) {
    if (stuck.has(id)) throw new Error(`cannot delete ${id}`);
    outside.delete(id);
    return { state: 'deleted' };
  },
  listLoadBalancers: async () => [...outside.values()],
};

function sweeper(mode: OrphanOptions['mode'] = 'delete', more: Partial<OrphanSweepDeps> = {}): OrphanSweep {
  return new OrphanSweep({
    client,
    clock,
    random: () => 0.5,
    calls: new ProviderCalls({ clock, deadlineMs: 30_000, observe: () => undefined }),
    instances: [{ ...instance('a'), provider }],
    cluster,
    options: { mode, intervalMs: 600_000, graceMs: hour },
    log: { warn: (fields, message) => void logged.push(`${message} ${JSON.stringify(fields['id'])}`) },
    observe: (...count) => void counts.push(count),
    isKnown: ({ service }) => known.has(service.uid),
    ...more,
  });
}

/** Sweeps, waits for the grace, and sweeps again. */
async function twice(sweep: OrphanSweep): Promise<void> {
  await sweep.sweep(leading, never);
  await clock.run(clock.monotonic() + hour);
  await sweep.sweep(leading, never);
}

describe('a balancer whose Service is gone', () => {
  test('is deleted after the grace', async () => {
    exists(ref(1));
    const sweep = sweeper();
    await sweep.sweep(leading, never);
    await clock.run(hour - 1);
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(1);
    await clock.run(hour);
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(0);
    expect(counts).toEqual([
      ['a', 1],
      ['a', 1],
      ['a', 1],
    ]);
  });

  test('is only reported by default', async () => {
    exists(ref(1));
    await twice(sweeper('report'));
    expect(outside.size).toBe(1);
    expect(logged).toEqual([expect.stringContaining(ref(1).id), expect.stringContaining(ref(1).id)]);
    expect(counts).toEqual([
      ['a', 1],
      ['a', 1],
    ]);
  });

  test.each(['prod', 'kubernetes', '', '8d1f5a4e', `${cluster}x`])(
    'is only reported under the cluster id %j, which a hand has given',
    async id => {
      exists(ref(1, { cluster: id }));
      await twice(sweeper('delete', { cluster: id }));
      expect(outside.size).toBe(1);
      expect(counts).toEqual([
        ['a', 1],
        ['a', 1],
      ]);
    },
  );

  test('begins its grace anew when its Service has been seen in between', async () => {
    exists(ref(1));
    const sweep = sweeper();
    await sweep.sweep(leading, never);
    await clock.run(hour / 2);
    known.add(uidOf(1));
    await sweep.sweep(leading, never);
    known.delete(uidOf(1));
    await clock.run(hour);
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(1);
    await clock.run(2 * hour);
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(0);
  });

  test('that cannot be deleted keeps no other from it', async () => {
    exists(ref(1), ref(2), ref(3));
    stuck.add(ref(1).id);
    await twice(sweeper());
    expect([...outside.keys()]).toEqual([ref(1).id]);
  });
});

describe('a balancer stays', () => {
  const rows: readonly (readonly [string, () => void, boolean])[] = [
    ['whose Service is in the store', () => void known.add(uidOf(1)), false],
    ['whose Service answers a live GET', () => create(1), false],
    ['of another cluster', () => exists(ref(1, { cluster: '11111111-2222-3333-4444-555555555555' })), false],
    [
      'without the name of its Service',
      () => exists(ref(1, { service: { namespace: 'default', name: '', uid: uidOf(1) } })),
      true,
    ],
    [
      'without the namespace of its Service',
      () => exists(ref(1, { service: { namespace: '', name: 's1', uid: uidOf(1) } })),
      true,
    ],
    ['with an id that is not its uid’s', () => exists({ ...ref(2), id: ref(1).id }), true],
    [
      'with a uid that is none',
      () => exists(ref(1, { service: { namespace: 'default', name: 's1', uid: 'x' } })),
      true,
    ],
  ];

  test.each(rows)('%s', async (_name, given, reported) => {
    exists(ref(1));
    given();
    await twice(sweeper());
    expect(outside.has(ref(1).id)).toBe(true);
    expect(counts.at(-1)).toEqual(['a', reported ? 1 : 0]);
  });

  test('whose Service cannot be asked for now', async () => {
    exists(ref(1));
    const sweep = sweeper();
    await sweep.sweep(leading, never);
    await clock.run(2 * hour);
    for (const status of [0, 401, 403, 429, 500, 503]) {
      client.next(() => {
        throw new KubeError(status, 'x', 'x');
      });
      await sweep.sweep(leading, never);
      expect(outside.size).toBe(1);
    }
    expect(logged.filter(line => line.includes('failed'))).toHaveLength(6);
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(0);
  });

  test('where the provider cannot list: an error is no empty list', async () => {
    exists(ref(1));
    const sweep = sweeper();
    await sweep.sweep(leading, never);
    await clock.run(2 * hour);
    const failing = {
      ...instance('a'),
      provider: { ...provider, listLoadBalancers: () => Promise.reject(new Error('x')) },
    };
    await sweeper('delete', { instances: [failing] }).sweep(leading, never);
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(0);
  });

  test('of another uid goes, although a Service of its name is there', async () => {
    exists(ref(1));
    client.create('s1');
    await twice(sweeper());
    expect(outside.size).toBe(0);
  });

  /** A Service with the very uid: the in-process server makes its own, so the ref is made to fit. */
  function create(number: number): void {
    const { uid } = client.create(`s${number}`).metadata;
    outside.clear();
    const { service } = ref(number);
    outside.set(ref(number).id, { ...ref(number), id: ref(number).id, service: { ...service, uid } });
  }
});

describe('one sweep deletes at most', () => {
  test.each([
    [5, 5],
    [6, 5],
    [100, 5],
    [139, 6],
    [200, 10],
  ])('of %i balancers %i', async (count, most) => {
    exists(...many(count));
    await twice(sweeper());
    expect(outside.size).toBe(count - most);
  });

  test('by the balancers of this cluster, not by those of others', async () => {
    exists(...many(10));
    exists(...many(400, 1_000).map(one => ({ ...one, cluster: '11111111-2222-3333-4444-555555555555' })));
    await twice(sweeper());
    expect(outside.size).toBe(405);
  });

  test('so many that the next one goes on', async () => {
    exists(...many(12));
    const sweep = sweeper();
    await twice(sweep);
    await sweep.sweep(leading, never);
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(0);
  });
});

describe('the sweeps', () => {
  test('come at intervals, and end with the signal', async () => {
    exists(ref(1));
    const abort = new AbortController();
    const running = sweeper('report').run(leading, abort.signal);
    await clock.run(599_999);
    expect(counts).toEqual([]);
    await clock.run(600_000);
    expect(counts).toHaveLength(1);
    await clock.run(6_000_000);
    expect(counts).toHaveLength(10);
    abort.abort();
    await running;
    await clock.run(12_000_000);
    expect(counts).toHaveLength(10);
  });

  test('are none when turned off', async () => {
    exists(ref(1));
    await sweeper('off').run(leading, never);
    expect(counts).toEqual([]);
  });

  test('begin nothing more once told to stop', async () => {
    exists(...many(5));
    const abort = new AbortController();
    const stopping = { ...instance('a'), provider: { ...provider, ensureLoadBalancerDeleted: stopAfterFirst } };
    const sweep = sweeper('delete', { instances: [stopping] });
    await sweep.sweep(leading, abort.signal);
    await clock.run(hour);
    await sweep.sweep(leading, abort.signal);
    expect(outside.size).toBe(4);

    async function stopAfterFirst({ id }: LoadBalancerRef): Promise<{ state: 'deleted' }> {
      outside.delete(id);
      abort.abort();
      return { state: 'deleted' };
    }
  });

  test('delete nothing once the Lease is lost', async () => {
    exists(ref(1));
    const sweep = sweeper();
    await sweep.sweep(leading, never);
    await clock.run(hour);
    leading.end();
    await sweep.sweep(leading, never);
    expect(outside.size).toBe(1);
  });

  test('of one instance that fails harm no other, and one that cannot list is left out', async () => {
    exists(ref(1));
    const failing = {
      ...instance('x'),
      provider: { ...provider, listLoadBalancers: () => Promise.reject(new Error('x')) },
    };
    const unable = without(provider, 'listLoadBalancers');
    await twice(
      sweeper('delete', {
        instances: [failing, { ...instance('y'), provider: unable }, { ...instance('a'), provider }],
      }),
    );
    expect(outside.size).toBe(0);
    expect(counts.map(([name]) => name)).toEqual(['a', 'a']);
  });
});
