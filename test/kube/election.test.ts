import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lease } from '../../src/kube/objects.ts';
import { isNewer } from '../../src/kube/objects.ts';
import { seededRandom } from '../support/sim/random.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';
import { Candidate, mayAct } from './candidate.ts';
import { LeaseServer, quick, randomTravel, type Travel } from './lease-server.ts';

interface World {
  readonly clock: VirtualClock;
  readonly server: LeaseServer;
  /** Changed by a test, from then on every request of the candidate fares so. */
  travel: Record<string, Travel>;
  readonly candidate: (identity: string) => Candidate;
}

function world(): World {
  const clock = new VirtualClock();
  const server = new LeaseServer(clock);
  const travel: Record<string, Travel> = {};
  let seed = 1;
  const candidate = (identity: string): Candidate =>
    new Candidate(clock, server, identity, seededRandom(seed++), () => travel[identity] ?? quick);
  return { clock, server, travel, candidate };
}

const cut: Travel = { ...quick, lost: 'request' };

function held(spec: Partial<Lease['spec']> = {}): Lease['spec'] {
  return {
    holderIdentity: 'other',
    leaseDurationSeconds: 15,
    acquireTime: '2030-01-01T00:00:00.000000Z',
    renewTime: '2030-01-01T00:00:00.000000Z',
    leaseTransitions: 3,
    ...spec,
  };
}

describe('gaining the Lease', () => {
  test('an absent Lease is created at once, with two requests', async () => {
    const { clock, server, candidate } = world();
    const a = candidate('a');
    await clock.run(50);
    expect(a.isLeading).toBe(true);
    expect(a.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(server.lease?.spec.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(a.current?.epoch).toBe(server.writes[0]?.lease?.metadata.resourceVersion);
  });

  test.each([
    ['an empty holder', held({ holderIdentity: '' })],
    ['a null holder', held({ holderIdentity: null })],
    ['a bare spec', {}],
  ])('a Lease with %s is taken at once', async (_, spec) => {
    const { clock, server, candidate } = world();
    server.put(spec);
    const a = candidate('a');
    await clock.run(50);
    expect(a.isLeading).toBe(true);
    expect(server.lease?.spec.leaseTransitions).toBe((spec.leaseTransitions ?? 0) + 1);
  });

  test('what others have put on the Lease stays', async () => {
    const { clock, server, candidate } = world();
    const strategy = { strategy: 'OldestEmulationVersion' };
    server.put({ ...held({ holderIdentity: '' }), ...strategy });
    server.edit(lease => ({ ...lease, metadata: { ...lease.metadata, labels: { team: 'net' } } }));
    candidate('a');
    await clock.run(50);
    expect(server.lease).toMatchObject({
      metadata: { labels: { team: 'net' } },
      spec: { strategy: 'OldestEmulationVersion' },
    });
  });

  test('another holder is waited for its whole duration, on our own clock, whatever its times say', async () => {
    const { clock, server, candidate } = world();
    server.put(held({ renewTime: '1999-01-01T00:00:00.000000Z', leaseDurationSeconds: 20 }));
    const a = candidate('a');
    await clock.run(20_000);
    expect(a.leaderships).toHaveLength(0);
    await clock.run(20_100);
    expect(a.isLeading).toBe(true);
  });

  test('every renewal of the holder begins the wait anew, other edits do not', async () => {
    const { clock, server, candidate } = world();
    server.put(held());
    const a = candidate('a');
    await clock.run(10_000);
    server.edit(lease => ({ ...lease, spec: { ...lease.spec, renewTime: '2030-01-01T00:00:10.000000Z' } }));
    await clock.run(20_000);
    server.edit(lease => ({ ...lease, metadata: { ...lease.metadata, labels: { edited: 'yes' } } }));
    await clock.run(24_999);
    expect(a.leaderships).toHaveLength(0);
    await clock.run(26_000);
    expect(a.isLeading).toBe(true);
  });

  test('a jump of the wall clock changes nothing', async () => {
    const { clock, server, candidate } = world();
    server.put(held());
    const waiting = candidate('a');
    clock.jumpWall(3_600_000);
    await clock.run(14_900);
    expect(waiting.leaderships).toHaveLength(0);
    await clock.run(16_000);
    clock.jumpWall(-7_200_000);
    await clock.run(60_000);
    expect(waiting.leaderships).toHaveLength(1);
    expect(waiting.isLeading).toBe(true);
  });

  test('a process that was restarted under its old name waits like anybody else: the old one may still run', async () => {
    const { clock, server, candidate } = world();
    server.put(held({ holderIdentity: 'a' }));
    const a = candidate('a');
    await clock.run(14_900);
    expect(a.leaderships).toHaveLength(0);
    await clock.run(16_000);
    expect(a.isLeading).toBe(true);
  });

  test('a write that landed without an answer is recognised and written anew', async () => {
    const { clock, server, travel, candidate } = world();
    travel['a'] = { ...quick, lost: 'answer' };
    const a = candidate('a');
    await clock.run(3_000);
    travel['a'] = quick;
    await clock.run(12_000);
    expect(a.isLeading).toBe(true);
    expect(a.current?.epoch).toBe(server.writes.find(({ at }) => at > 3_000)?.lease?.metadata.resourceVersion);
  });

  test('of two that find a free Lease one leads', async () => {
    const { clock, candidate } = world();
    const both = [candidate('a'), candidate('b')];
    await clock.run(5_000);
    expect(both.filter(one => one.isLeading)).toHaveLength(1);
    expect(new Set(both.map(one => one.states.at(-1)))).toEqual(new Set(['leading', 'waiting']));
  });

  test('a server that cannot be asked is asked again, at a bounded rate', async () => {
    const { clock, travel, candidate } = world();
    travel['a'] = { ...quick, refusal: 500 };
    const a = candidate('a');
    await clock.run(60_000);
    expect(a.states).toEqual(['waiting']);
    expect(a.requests.length).toBeGreaterThan(30);
    expect(a.requests.length).toBeLessThan(80);
    travel['a'] = quick;
    await clock.run(63_000);
    expect(a.isLeading).toBe(true);
  });
});

describe('holding the Lease', () => {
  test('it is renewed every two seconds, in one epoch', async () => {
    const { clock, server, candidate } = world();
    const a = candidate('a');
    await clock.run(100_000);
    expect(a.leaderships).toHaveLength(1);
    expect(server.writes.length).toBeGreaterThanOrEqual(49);
    expect(server.writes.length).toBeLessThanOrEqual(52);
    expect(a.isLeading).toBe(true);
  });

  test('a renewal whose answer was lost is found again, without loss of the leadership', async () => {
    const { clock, travel, candidate } = world();
    const a = candidate('a');
    await clock.run(3_000);
    travel['a'] = { ...quick, lost: 'answer' };
    await clock.run(6_000);
    travel['a'] = quick;
    await clock.run(60_000);
    expect(a.leaderships).toHaveLength(1);
    expect(a.isLeading).toBe(true);
  });

  test('somebody editing the Lease changes nothing', async () => {
    const { clock, server, candidate } = world();
    const a = candidate('a');
    for (let at = 1_000; at < 60_000; at += 1_700) {
      await clock.run(at);
      server.edit(lease => ({ ...lease, metadata: { ...lease.metadata, labels: { at: String(at) } } }));
    }
    expect(a.leaderships).toHaveLength(1);
    expect(a.isLeading).toBe(true);
  });

  test('assertLeading throws past the deadline although no timer has run', async () => {
    const { clock, candidate } = world();
    const a = candidate('a');
    await clock.run(1_000);
    const leadership = a.current;
    a.clock.pause();
    await clock.run(9_900);
    expect(leadership && mayAct(leadership)).toBe(true);
    await clock.run(12_000);
    expect(leadership && mayAct(leadership)).toBe(false);
    expect(leadership?.signal.aborted).toBe(true);
  });

  test.each(['as-due', 'reversed'] as const)(
    'a process stopped past its Lease and continued (%s) does not go on with the old epoch',
    async order => {
      const { clock, server, candidate } = world();
      const a = candidate('a');
      await clock.run(2_003);
      a.clock.pause();
      await clock.run(11_000);
      a.clock.resume(order);
      const old = a.leaderships[0];
      expect(old && mayAct(old)).toBe(false);
      await clock.run(30_000);
      expect(a.leaderships).toHaveLength(2);
      expect(a.isLeading).toBe(true);
      expect(isNewer(a.current?.epoch ?? '', old?.epoch ?? '')).toBe(true);
      expect(server.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0 });
    },
  );
});

describe('losing the Lease', () => {
  test('a server that cannot be reached: suspended at the deadline, then regained with a new epoch', async () => {
    const { clock, travel, candidate } = world();
    const a = candidate('a');
    await clock.run(2_100);
    travel['a'] = cut;
    await clock.run(11_900);
    expect(a.current?.signal.aborted).toBe(false);
    await clock.run(12_200);
    expect(a.current?.signal.aborted).toBe(true);
    expect(a.states).toEqual(['waiting', 'leading', 'suspended']);
    await clock.run(100_000);
    travel['a'] = quick;
    await clock.run(106_000);
    expect(a.isLeading).toBe(true);
    expect(a.leaderships).toHaveLength(2);
    expect(isNewer(a.current?.epoch ?? '', a.leaderships[0]?.epoch ?? '')).toBe(true);
  });

  test('the next leadership begins only when the earlier lead has returned', async () => {
    const { clock, travel, candidate } = world();
    const a = candidate('a');
    a.returnsAfterMs = 6_000;
    await clock.run(2_100);
    travel['a'] = cut;
    await clock.run(12_200);
    travel['a'] = quick;
    await clock.run(17_900);
    expect(a.leaderships).toHaveLength(1);
    await clock.run(21_000);
    expect(a.leaderships).toHaveLength(2);
  });

  test('a lead that never returns holds up the next one for ten seconds', async () => {
    const { clock, travel, candidate } = world();
    const a = candidate('a');
    a.returnsAfterMs = 1_000_000;
    await clock.run(2_100);
    travel['a'] = cut;
    await clock.run(13_000);
    travel['a'] = quick;
    await clock.run(21_900);
    expect(a.leaderships).toHaveLength(1);
    await clock.run(24_000);
    expect(a.leaderships).toHaveLength(2);
  });

  test('another has it: replaced, and the signal aborts', async () => {
    const { clock, server, candidate } = world();
    const a = candidate('a');
    await clock.run(3_000);
    server.edit(lease => ({ ...lease, spec: held({ holderIdentity: 'b' }) }));
    await clock.run(6_000);
    expect(a.outcome).toBe('replaced');
    expect(a.isLeading).toBe(false);
    expect(server.lease?.spec.holderIdentity).toBe('b');
  });

  test.each([
    ['after a moment', 0],
    ['at once, while a last renewal is out', undefined],
  ])('another took it while we were cut off, lead returns %s: replaced', async (_, returnsAfterMs) => {
    const { clock, travel, candidate } = world();
    const a = candidate('a');
    a.returnsAfterMs = returnsAfterMs;
    await clock.run(1_000);
    const b = candidate('b');
    await clock.run(3_000);
    travel['a'] = cut;
    await clock.run(30_000);
    expect(b.isLeading).toBe(true);
    travel['a'] = quick;
    await clock.run(36_000);
    expect(a.outcome).toBe('replaced');
    expect(b.isLeading).toBe(true);
  });

  test.each([
    ['deleted', () => undefined],
    ['emptied by hand', (lease: Lease) => ({ ...lease, spec: { ...lease.spec, holderIdentity: '' } })],
  ] as const)('a Lease %s under the leader: a new epoch', async (_, change) => {
    const { clock, server, candidate } = world();
    const a = candidate('a');
    await clock.run(3_000);
    server.edit(change);
    await clock.run(10_000);
    expect(a.leaderships).toHaveLength(2);
    expect(a.isLeading).toBe(true);
    expect(isNewer(a.current?.epoch ?? '', a.leaderships[0]?.epoch ?? '')).toBe(true);
  });

  test('a waiting candidate does not trust the absence of a Lease whose holder it has seen', async () => {
    const { clock, server, candidate } = world();
    server.put(held());
    const a = candidate('a');
    await clock.run(5_000);
    server.edit(() => undefined);
    await clock.run(19_900);
    expect(a.leaderships).toHaveLength(0);
    await clock.run(21_500);
    expect(a.isLeading).toBe(true);
  });
});

describe('ending', () => {
  test('a killed leader is replaced within the duration and one second', async () => {
    for (let diesAt = 20_000; diesAt < 22_000; diesAt += 130) {
      const { clock, candidate } = world();
      const a = candidate('a');
      await clock.run(1_000);
      const b = candidate('b');
      await clock.run(diesAt);
      a.clock.pause();
      await clock.run(diesAt + 16_000);
      expect(b.isLeading).toBe(true);
    }
  });

  test('SIGTERM hands over without waiting for expiry, after lead has returned, and renews until then', async () => {
    const { clock, server, candidate } = world();
    const a = candidate('a');
    a.returnsAfterMs = 25_000;
    await clock.run(1_000);
    const b = candidate('b');
    await clock.run(5_000);
    a.stop.abort();
    await clock.run(29_900);
    expect(a.current?.signal.aborted).toBe(false);
    expect(a.isLeading).toBe(true);
    expect(b.isLeading).toBe(false);
    await clock.run(31_000);
    expect(a.outcome).toBe('stopped');
    expect(a.isLeading).toBe(false);
    expect(b.isLeading).toBe(true);
    expect(server.lease?.spec.leaseTransitions).toBe(1);
  });

  test('what is released: no holder, one second, transitions kept', async () => {
    const { clock, server, candidate } = world();
    server.put(held({ holderIdentity: '' }));
    const a = candidate('a');
    await clock.run(1_000);
    a.stop.abort();
    await clock.run(2_000);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 4 });
    expect(a.states.at(-1)).toBe('stopped');
  });

  test('SIGTERM while waiting ends at once and touches nothing', async () => {
    const { clock, server, candidate } = world();
    server.put(held());
    const a = candidate('a');
    await clock.run(3_000);
    a.stop.abort();
    await clock.run(3_001);
    expect(a.outcome).toBe('stopped');
    expect(server.writes).toHaveLength(1);
  });

  test('SIGTERM during the first write still gives the Lease back', async () => {
    const { clock, server, travel, candidate } = world();
    travel['a'] = { thereMs: 100, backMs: 100, lost: 'none' };
    const a = candidate('a');
    await clock.run(350);
    a.stop.abort();
    await clock.run(2_000);
    expect(a.outcome).toBe('stopped');
    expect(server.lease?.spec.holderIdentity).toBe('');
  });

  test('a failing lead gives the Lease back and rejects with its error', async () => {
    const { clock, server } = world();
    const fault = new Error('fault');
    const { runElection } = await import('../../src/kube/election.ts');
    const options = { clock, random: seededRandom(1), namespace: 'ns', name: 'lease', identity: 'a' };
    const ended = runElection(
      { ...options, client: server.client(clock, () => quick), lead: () => Promise.reject(fault) },
      new AbortController().signal,
    );
    await expect(clock.until(ended)).rejects.toBe(fault);
    expect(server.lease?.spec.holderIdentity).toBe('');
  });
});

/** One seeded run: candidates come, are stopped, paused, cut off and told to end. Returns what must never have been seen. */
async function chaos(seed: number, candidates: number): Promise<string[]> {
  const random = seededRandom(seed);
  const clock = new VirtualClock();
  const server = new LeaseServer(clock);
  const faults = random() * 0.5;
  const wrong: string[] = [];
  let isCalm = false;
  const all: Candidate[] = [];
  const start = (): void => {
    const travel = (): Travel => (isCalm ? quick : randomTravel(random, faults));
    const one = new Candidate(
      clock,
      server,
      `c${all.length}`,
      seededRandom(random() * 1e9),
      travel,
      (random() - 0.5) * 1e8,
    );
    one.returnsAfterMs = random() < 0.8 ? random() * 3_000 : 20_000;
    all.push(one);
  };
  for (let n = 0; n < candidates; n += 1) start();
  const paused = new Set<Candidate>();
  for (let at = 0; at < 120_000; at += 100) {
    await clock.run(at);
    const leading = all.filter(one => one.isLeading);
    if (leading.length > 1) wrong.push(`at ${at} ms ${leading.length} lead`);
    const one = all[Math.floor(random() * all.length)];
    const dice = random();
    if (one === undefined || dice > 0.02) continue;
    if (paused.has(one)) {
      paused.delete(one);
      one.clock.resume(random() < 0.5 ? 'as-due' : 'reversed');
    } else if (dice < 0.012) {
      paused.add(one);
      one.clock.pause();
    } else if (dice < 0.015) {
      one.stop.abort();
      start();
    } else clock.jumpWall((random() - 0.5) * 1e7);
  }
  for (const one of paused) one.clock.resume();
  isCalm = true;
  start();
  await clock.run(240_000);
  const leading = all.filter(one => one.isLeading);
  if (leading.length !== 1) wrong.push(`${leading.length} lead after the calm`);
  const epochs = all.flatMap(one => one.leaderships.map(({ epoch }) => epoch));
  if (new Set(epochs).size !== epochs.length) wrong.push('an epoch was given twice');
  for (const { leaderships } of all) {
    const grows = leaderships.every(({ epoch }, n) => n === 0 || isNewer(epoch, leaderships[n - 1]?.epoch ?? ''));
    if (!grows) wrong.push('an epoch did not grow');
  }
  for (const one of all)
    if (one.error !== undefined) wrong.push(`${one.identity} failed: ${(one.error as Error).message}`);
  return wrong;
}

describe('whatever happens', () => {
  test.each([2, 3])(
    'of %i candidates two never lead at once, and when it is calm one does',
    async candidates => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async seed => {
          expect(await chaos(seed, candidates)).toEqual([]);
        }),
        { numRuns: 60 },
      );
      // Virtual time, but much of it: a busy machine needs more than the default.
    },
    60_000,
  );
});
