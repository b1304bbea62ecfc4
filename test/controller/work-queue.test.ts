import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lane, lanes, WorkQueue, type WorkQueueOptions } from '../../src/controller/work-queue.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

const slowMs = 2_000;

interface Piece {
  readonly key: string;
  readonly startedAt: number;
  end(): void;
}

/** A queue whose work ends when the test says so. Groups are the first letter of the namespace. */
class Bench {
  readonly clock = new VirtualClock();
  readonly queue: WorkQueue;
  /** Keys in the order in which their work has begun. */
  readonly started: string[] = [];
  readonly atWork = new Map<string, Piece>();
  readonly limits = new Map<string, number>();
  limit = 1;
  /** What begins to be worked on ends after so long; undefined: when the test says so. */
  takesMs: ((key: string) => number) | undefined;

  constructor(more: Partial<WorkQueueOptions> = {}) {
    this.queue = new WorkQueue({
      clock: this.clock,
      groupOf: key => key.charAt(0),
      limitOf: group => this.limits.get(group) ?? this.limit,
      work: key => this.#work(key),
      ...more,
    });
  }

  add(lane: Lane, ...keys: readonly string[]): void {
    for (const key of keys) this.queue.add(key, lane);
  }

  async pass(ms = 0): Promise<void> {
    await this.clock.run(this.clock.monotonic() + ms);
  }

  async end(...keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#piece(key).end();
    await this.pass();
  }

  /** Ends what is at work, one after the other, until nothing is. */
  async endAll(): Promise<void> {
    for (let [first] = this.atWork.keys(); first !== undefined; [first] = this.atWork.keys()) await this.end(first);
  }

  #piece(key: string): Piece {
    const piece = this.atWork.get(key);
    if (piece === undefined) throw new Error(`${key} is not at work`);
    return piece;
  }

  /** Has the key, which has left its place, ask for one; tells whether it has got it. */
  resume(key: string): { readonly has: () => boolean } {
    let has = false;
    void this.queue.resume(key).then(() => (has = true));
    return { has: () => has };
  }

  #work(key: string): Promise<void> {
    if (this.atWork.has(key)) throw new Error(`${key} is at work twice`);
    this.started.push(key);
    return new Promise(resolve => {
      const end = (): void => {
        this.atWork.delete(key);
        resolve();
      };
      this.atWork.set(key, { key, startedAt: this.clock.monotonic(), end });
      if (this.takesMs !== undefined) this.clock.after(this.takesMs(key), end);
    });
  }
}

function started(bench: Bench): string {
  return bench.started.join(' ');
}

async function running(...lanesAndKeys: readonly (readonly [Lane, ...string[]])[]): Promise<Bench> {
  const bench = new Bench();
  for (const [lane, ...keys] of lanesAndKeys) bench.add(lane, ...keys);
  bench.queue.start();
  await bench.pass();
  return bench;
}

describe('a key', () => {
  test('waits until the queue is started', async () => {
    const bench = new Bench();
    bench.add(lanes.urgent, 'a/1');
    await bench.pass(60_000);
    expect(bench.started).toEqual([]);
    bench.queue.start();
    await bench.pass();
    expect(bench.started).toEqual(['a/1']);
  });

  test('that is added again before its work begins is worked on once', async () => {
    const bench = await running([lanes.fresh, 'a/1', 'a/2', 'a/2'], [lanes.verify, 'a/2'], [lanes.urgent, 'a/2']);
    expect(bench.queue.depth).toBe(1);
    await bench.endAll();
    expect(started(bench)).toBe('a/2 a/1');
  });

  test('that is added while it is at work is worked on once more, and not at the same time', async () => {
    const bench = await running([lanes.fresh, 'a/1']);
    bench.limit = 5;
    bench.add(lanes.verify, 'a/1', 'a/1');
    await bench.pass(60_000);
    expect(started(bench)).toBe('a/1');
    await bench.endAll();
    expect(started(bench)).toBe('a/1 a/1');
    expect(bench.queue.working + bench.queue.depth).toBe(0);
  });

  test('that is added while it is at work comes back in the highest lane asked for', async () => {
    const bench = await running([lanes.fresh, 'a/1']);
    bench.add(lanes.fresh, 'a/2');
    bench.add(lanes.verify, 'a/1');
    bench.add(lanes.urgent, 'a/1');
    await bench.endAll();
    expect(started(bench)).toBe('a/1 a/1 a/2');
  });

  test('may ask for itself, from within its own work', async () => {
    const bench = new Bench({
      work: key => {
        bench.started.push(key);
        if (bench.started.length < 3) bench.queue.add(key, lanes.fresh);
        return Promise.resolve();
      },
    });
    bench.add(lanes.fresh, 'a/1');
    bench.queue.start();
    await bench.pass();
    expect(started(bench)).toBe('a/1 a/1 a/1');
  });

  test('moves to the group that it belongs to by now', async () => {
    let group = 'x';
    const bench = new Bench({ groupOf: () => group });
    bench.limits.set('x', 0);
    bench.queue.start();
    bench.add(lanes.fresh, 'a/1');
    await bench.pass();
    expect(bench.started).toEqual([]);
    group = 'y';
    bench.add(lanes.fresh, 'a/1');
    await bench.pass();
    expect(started(bench)).toBe('a/1');
    await bench.endAll();
    bench.limits.set('x', 5);
    bench.queue.kick();
    await bench.pass();
    expect(started(bench)).toBe('a/1');
  });
});

describe('an appointment', () => {
  test('adds the key when its time has come', async () => {
    const bench = await running();
    bench.queue.addAfter('a/1', 1_000, lanes.verify);
    await bench.pass(999);
    expect(bench.queue.depth + bench.started.length).toBe(0);
    await bench.pass(1);
    expect(started(bench)).toBe('a/1');
  });

  test('is replaced by the next one of its key, sooner or later', async () => {
    const bench = await running();
    bench.queue.addAfter('a/1', 1_000, lanes.verify);
    bench.queue.addAfter('a/1', 5_000, lanes.verify);
    bench.queue.addAfter('a/2', 5_000, lanes.verify);
    bench.queue.addAfter('a/2', 1_000, lanes.verify);
    await bench.pass(1_000);
    expect(started(bench)).toBe('a/2');
    await bench.endAll();
    await bench.pass(60_000);
    await bench.endAll();
    expect(started(bench)).toBe('a/2 a/1');
  });

  test('can be dropped', async () => {
    const bench = await running();
    bench.queue.addAfter('a/1', 1_000, lanes.verify);
    bench.queue.forget('a/1');
    bench.queue.forget('a/never');
    await bench.pass(60_000);
    expect(bench.started).toEqual([]);
  });
});

describe('the order', () => {
  test('is urgent, fresh, verify; within a lane first come, first served', async () => {
    const bench = await running(
      [lanes.verify, 'a/v1', 'a/v2'],
      [lanes.fresh, 'a/f1', 'a/f2'],
      [lanes.urgent, 'a/u1', 'a/u2'],
    );
    await bench.endAll();
    expect(started(bench)).toBe('a/u1 a/u2 a/f1 a/f2 a/v1 a/v2');
  });

  test('a key that is asked for more urgently moves up, and never down', async () => {
    const bench = await running(
      [lanes.urgent, 'a/0', 'a/u'],
      [lanes.verify, 'a/v1', 'a/v2'],
      [lanes.urgent, 'a/v2'],
      [lanes.verify, 'a/u'],
    );
    await bench.endAll();
    expect(started(bench)).toBe('a/0 a/u a/v2 a/v1');
  });

  test.each([
    ['fresh', lanes.fresh],
    ['verify', lanes.verify],
  ])('leaves no lane to starve: %s gets its turn beside endless work in the two others', async (_name, lane) => {
    const bench = new Bench();
    const others = [lanes.urgent, lanes.fresh, lanes.verify].filter(one => one !== lane);
    bench.add(lane, 'a/waits');
    for (const other of others) for (let index = 0; index < 200; index++) bench.add(other, `a/${other}-${index}`);
    bench.queue.start();
    await bench.pass();
    for (let turn = 0; turn < 30; turn++) await bench.end(...bench.atWork.keys());
    expect(bench.started).toContain('a/waits');
  });

  test('gives most turns to the highest lane', async () => {
    const bench = new Bench();
    for (const lane of [lanes.urgent, lanes.fresh, lanes.verify])
      for (let index = 0; index < 100; index++) bench.add(lane, `a/${lane}-${index}`);
    bench.queue.start();
    await bench.pass();
    for (let turn = 0; turn < 50; turn++) await bench.end(...bench.atWork.keys());
    const [urgent, fresh, verify] = [0, 1, 2].map(
      lane => bench.started.filter(key => key.startsWith(`a/${lane}`)).length,
    );
    expect(urgent).toBeGreaterThan(fresh ?? 0);
    expect(fresh).toBeGreaterThan(verify ?? 0);
  });

  test('takes namespaces in turns, so that a thousand in one do not hold up the single one of another', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `a1/${index}`);
    const bench = await running([lanes.fresh, ...many, 'a2/1', 'a3/1', 'a3/2']);
    for (let turn = 0; turn < 6; turn++) await bench.end(...bench.atWork.keys());
    expect(started(bench)).toBe('a1/0 a2/1 a3/1 a1/1 a3/2 a1/2 a1/3');
  });
});

describe('the limit', () => {
  test('of a group counts what is at work in it', async () => {
    const bench = new Bench();
    bench.limit = 3;
    bench.add(lanes.fresh, 'a1/1', 'a2/1', 'a3/1', 'a4/1', 'a5/1');
    bench.queue.start();
    await bench.pass();
    expect([...bench.atWork.keys()]).toEqual(['a1/1', 'a2/1', 'a3/1']);
    await bench.end('a2/1');
    expect([...bench.atWork.keys()]).toEqual(['a1/1', 'a3/1', 'a4/1']);
  });

  test('of one group is no concern of another', async () => {
    const bench = await running([lanes.urgent, 'a/1', 'a/2', 'a/3', 'b/1']);
    expect([...bench.atWork.keys()]).toEqual(['a/1', 'b/1']);
    await bench.end('b/1');
    bench.add(lanes.verify, 'b/2');
    await bench.pass();
    expect([...bench.atWork.keys()]).toEqual(['a/1', 'b/2']);
  });

  test('of 0 holds a group back until it is lifted', async () => {
    const bench = new Bench();
    bench.limits.set('a', 0);
    bench.add(lanes.urgent, 'a/1', 'b/1');
    bench.queue.start();
    await bench.pass(60_000);
    expect([...bench.atWork.keys()]).toEqual(['b/1']);
    bench.limits.set('a', 1);
    await bench.pass(60_000);
    expect(started(bench)).toBe('b/1');
    bench.queue.kick();
    await bench.pass();
    expect(started(bench)).toBe('b/1 a/1');
  });
});

describe('work that takes long', () => {
  test('gives its place to others after two seconds, up to four times the limit', async () => {
    const keys = Array.from({ length: 10 }, (_, index) => `a${index}/1`);
    const bench = await running([lanes.fresh, ...keys]);
    await bench.pass(slowMs - 1);
    expect(bench.atWork.size).toBe(1);
    await bench.pass(1);
    expect(bench.atWork.size).toBe(2);
    await bench.pass(60_000);
    expect(bench.atWork.size).toBe(4);
    await bench.end('a0/1');
    expect([...bench.atWork.keys()]).toEqual(['a1/1', 'a2/1', 'a3/1', 'a4/1']);
    await bench.endAll();
    expect(bench.started).toHaveLength(10);
  });

  test('in one namespace leaves places for the others', async () => {
    const bench = new Bench();
    bench.limit = 2;
    bench.add(lanes.urgent, ...Array.from({ length: 100 }, (_, index) => `a-hangs/${index}`));
    bench.queue.start();
    await bench.pass(600_000);
    expect(bench.atWork.size).toBe(2);
    bench.add(lanes.verify, 'a-fine/1');
    await bench.pass();
    expect([...bench.atWork.keys()]).toContain('a-fine/1');
  });

  test('and has ended counts no more', async () => {
    const bench = await running([lanes.fresh, 'a1/1', 'a2/1']);
    await bench.pass(slowMs);
    await bench.endAll();
    bench.add(lanes.fresh, 'a1/2', 'a2/2', 'a3/2');
    await bench.pass();
    expect(bench.atWork.size).toBe(1);
  });

  test('is told by how long it has been at work', async () => {
    const bench = await running([lanes.fresh, 'a/1', 'b/1']);
    await bench.pass(1_000);
    await bench.end('a/1');
    bench.add(lanes.fresh, 'a/1');
    await bench.pass(500);
    expect(bench.queue.longestWorkingMs).toBe(1_500);
    await bench.endAll();
    expect(bench.queue.longestWorkingMs).toBe(0);
  });
});

describe('work that waits for nothing', () => {
  test('lets the event loop turn after 200 starts', async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    const work = async (key: string): Promise<void> => void done.push(key);
    const queue = new WorkQueue({ clock, groupOf: () => '', limitOf: () => 4, work });
    const doneByTurn: number[] = [];
    const turn = (): void => {
      doneByTurn.push(done.length);
      if (doneByTurn.length < 4) clock.after(0, turn);
    };
    clock.after(0, turn);
    for (let number = 0; number < 500; number++) queue.add(`a/${number}`, lanes.verify);
    queue.start();
    await clock.run(0);
    expect(doneByTurn).toEqual([200, 400, 500, 500]);
  });

  test('leaves no timer behind when the queue stops in the middle', async () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue({ clock, groupOf: () => '', limitOf: () => 4, work: async () => undefined });
    for (let number = 0; number < 500; number++) queue.add(`a/${number}`, lanes.verify);
    queue.start();
    await clock.until(Promise.resolve());
    await queue.stop();
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow('no timer');
  });
});

describe('work that has left its place', () => {
  test('lets the next one begin at once, up to four times the limit', async () => {
    const bench = await running([lanes.fresh, ...Array.from({ length: 10 }, (_, index) => `a/${index}`)]);
    for (const key of ['a/0', 'a/1', 'a/2', 'a/3']) {
      expect([...bench.atWork.keys()].at(-1)).toBe(key);
      bench.queue.leave(key);
      await bench.pass();
    }
    expect(bench.atWork.size).toBe(4);
    await bench.end('a/0');
    expect([...bench.atWork.keys()]).toEqual(['a/1', 'a/2', 'a/3', 'a/4']);
    await bench.endAll();
    expect(bench.started).toHaveLength(10);
  });

  test('goes on before any that has not begun, in the order of asking', async () => {
    const bench = await running([lanes.verify, 'a/1', 'a/2', 'a/3', 'a/4']);
    for (const key of ['a/1', 'a/2']) {
      bench.queue.leave(key);
      await bench.pass();
    }
    bench.add(lanes.urgent, 'a/5');
    const [second, first] = [bench.resume('a/2'), bench.resume('a/1')];
    await bench.pass();
    expect([second.has(), first.has()]).toEqual([false, false]);
    await bench.end('a/3');
    expect([second.has(), first.has()]).toEqual([true, false]);
    await bench.end('a/2');
    expect(first.has()).toBe(true);
    expect(started(bench)).toBe('a/1 a/2 a/3');
    await bench.end('a/1');
    expect(started(bench)).toBe('a/1 a/2 a/3 a/5');
  });

  test('does not go on beyond what one namespace may have', async () => {
    const bench = new Bench();
    bench.limit = 2;
    bench.add(lanes.fresh, 'a1/1', 'a1/2', 'a1/3');
    bench.queue.start();
    await bench.pass();
    bench.queue.leave('a1/1');
    await bench.pass(slowMs);
    expect([...bench.atWork.keys()]).toEqual(['a1/1', 'a1/2', 'a1/3']);
    const again = bench.resume('a1/1');
    await bench.pass(60_000);
    expect(again.has()).toBe(false);
    await bench.end('a1/2');
    expect(again.has()).toBe(true);
  });

  test('goes on at once where there is room, where it never left, and where nothing is known of it', async () => {
    const bench = await running([lanes.fresh, 'a/1']);
    const never = bench.resume('a/1');
    const unknown = bench.resume('a/2');
    bench.queue.leave('a/2');
    await bench.pass();
    expect([never.has(), unknown.has()]).toEqual([true, true]);
    bench.queue.leave('a/1');
    bench.queue.leave('a/1');
    const back = bench.resume('a/1');
    await bench.pass();
    expect(back.has()).toBe(true);
    bench.add(lanes.fresh, 'a/3');
    await bench.pass();
    expect(started(bench)).toBe('a/1');
  });

  test('and has it again, gives it to others when it takes long from then on', async () => {
    const bench = await running([lanes.fresh, 'a1/1', 'a2/1']);
    bench.queue.leave('a1/1');
    await bench.pass(slowMs - 1);
    await bench.end('a2/1');
    bench.resume('a1/1');
    bench.add(lanes.fresh, 'a3/1');
    await bench.pass(slowMs - 1);
    expect(started(bench)).toBe('a1/1 a2/1');
    await bench.pass(1);
    expect(started(bench)).toBe('a1/1 a2/1 a3/1');
  });

  test('is at most 32 at a time, of all groups together: each may have a request under way', async () => {
    const bench = new Bench();
    bench.limit = 20;
    for (const name of ['a', 'b', 'c'])
      bench.add(lanes.fresh, ...Array.from({ length: 60 }, (_, index) => `${name}${index}/1`));
    bench.queue.start();
    await bench.pass();
    for (const key of bench.atWork.keys()) bench.queue.leave(key);
    await bench.pass();
    expect(bench.atWork.size).toBe(60 + 32);
    await bench.end('a0/1');
    bench.queue.leave('c19/1');
    await bench.pass();
    expect(bench.atWork.size).toBe(60 + 32);
    await bench.endAll();
    expect(bench.started).toHaveLength(180);
  });

  test('does not hold up the end: it goes on without a place when the queue stops', async () => {
    const bench = await running([lanes.fresh, 'a/1', 'a/2']);
    bench.queue.leave('a/1');
    await bench.pass();
    const before = bench.resume('a/1');
    await bench.pass();
    expect(before.has()).toBe(false);
    let stopped = false;
    void bench.queue.stop().then(() => (stopped = true));
    const after = bench.resume('a/1');
    await bench.pass();
    expect([before.has(), after.has(), stopped]).toEqual([true, true, false]);
    await bench.endAll();
    expect(stopped).toBe(true);
  });

  test('and has ended counts no more', async () => {
    const bench = await running([lanes.fresh, 'a/1', 'a/2']);
    bench.queue.leave('a/1');
    await bench.pass();
    await bench.endAll();
    bench.add(lanes.fresh, 'a/1', 'a/2', 'a/3');
    await bench.pass();
    expect(bench.atWork.size).toBe(1);
  });
});

describe('stopping', () => {
  test('waits for what is at work, and begins nothing more', async () => {
    const bench = new Bench();
    bench.limit = 2;
    bench.add(lanes.urgent, 'a1/1', 'a2/1', 'a3/1');
    bench.queue.start();
    await bench.pass();
    let hasStopped = false;
    void bench.queue.stop().then(() => (hasStopped = true));
    bench.add(lanes.urgent, 'a1/1', 'a4/1');
    await bench.pass(60_000);
    await bench.end('a1/1');
    expect(hasStopped).toBe(false);
    await bench.end('a2/1');
    expect(hasStopped).toBe(true);
    await bench.pass(60_000);
    expect(started(bench)).toBe('a1/1 a2/1');
  });

  test('is at once when nothing is at work', async () => {
    const bench = await running();
    await expect(bench.queue.stop()).resolves.toBeUndefined();
  });

  test('leaves nothing on the clock, not even what ends afterwards', async () => {
    const clock = new CountingClock();
    const bench = new Bench({ clock });
    bench.queue.addAfter('a/later', 600_000, lanes.verify);
    bench.add(lanes.fresh, 'a/1');
    bench.queue.start();
    await bench.pass();
    const stopped = bench.queue.stop();
    bench.queue.addAfter('a/1', 600_000, lanes.verify);
    await bench.end('a/1');
    await stopped;
    bench.queue.addAfter('a/2', 600_000, lanes.verify);
    expect(clock.waiting).toBe(0);
  });
});

test('what is observed is when keys were due, when their work began and when it ended', async () => {
  const told: string[] = [];
  const observe = {
    added: () => told.push('added'),
    waited: (ms: number) => told.push(`waited ${ms}`),
    worked: (ms: number) => told.push(`worked ${ms}`),
  };
  const bench = new Bench({ observe });
  bench.add(lanes.fresh, 'a/1');
  bench.queue.start();
  await bench.pass(300);
  bench.add(lanes.fresh, 'a/2');
  await bench.pass(200);
  await bench.end('a/1');
  await bench.pass(50);
  await bench.end('a/2');
  expect(told).toEqual(['added', 'waited 0', 'added', 'worked 500', 'waited 200', 'worked 50']);
});

/** One thing that happens to a queue. */
type Event =
  | { readonly do: 'add'; readonly key: string; readonly lane: Lane }
  | { readonly do: 'later'; readonly key: string; readonly ms: number; readonly lane: Lane }
  | { readonly do: 'forget'; readonly key: string }
  | { readonly do: 'limit'; readonly group: string; readonly limit: number }
  | { readonly do: 'regroup'; readonly key: string; readonly group: string }
  | { readonly do: 'pass'; readonly ms: number };

const key = fc.constantFrom('n/1', 'n/2', 'n/3', 'm/1', 'm/2', 'o/1');
const group = fc.constantFrom('a', 'b');
const lane = fc.constantFrom<Lane>(0, 1, 2);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('add' as const), key, lane }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('later' as const), key, lane, ms: fc.integer({ min: 0, max: 5_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('limit' as const), group, limit: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('regroup' as const), key, group }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 3_000 }) }) },
);
const booleans = fc.infiniteStream(fc.boolean());
const durations = fc.infiniteStream(fc.constantFrom(0, 0, 1, 100, 1_999, 2_000, 2_001, 9_000));

/** What a queue has to be true to, kept by hand. */
class Model {
  readonly groups = new Map<string, string>();
  readonly limits = new Map<string, number>();
  /** Keys that were asked for since their work last began. */
  readonly owed = new Set<string>();
  readonly atWork = new Map<string, { readonly group: string; readonly since: number; readonly left?: true }>();
  readonly faults: string[] = [];

  groupOf(one: string): string {
    return this.groups.get(one) ?? 'a';
  }

  limitOf(one: string): number {
    return this.limits.get(one) ?? 2;
  }

  began(one: string, now: number, budget: string): void {
    if (this.atWork.has(one)) this.faults.push(`${one} is at work twice`);
    if (!this.owed.delete(one)) this.faults.push(`${one} begins unasked`);
    if (!this.#hasRoom(budget, one, now)) this.faults.push(`${one} begins beyond the limits of ${budget}`);
    this.atWork.set(one, { group: budget, since: now });
  }

  left(one: string): void {
    const work = this.atWork.get(one);
    if (work !== undefined) this.atWork.set(one, { ...work, left: true });
  }

  resumed(one: string, now: number): void {
    const budget = this.atWork.get(one)?.group ?? '';
    this.atWork.delete(one);
    if (!this.#hasRoom(budget, one, now)) this.faults.push(`${one} goes on beyond the limits of ${budget}`);
    this.atWork.set(one, { group: budget, since: now });
  }

  #hasRoom(name: string, one: string, now: number): boolean {
    const inGroup = [...this.atWork].filter(([, work]) => work.group === name);
    const placed = inGroup.filter(([, work]) => work.left === undefined);
    const quick = placed.filter(([, work]) => now - work.since < slowMs);
    const inNamespace = placed.filter(([other]) => other.split('/')[0] === one.split('/')[0]);
    const limit = this.limitOf(name);
    return quick.length < limit && inGroup.length < 4 * limit && inNamespace.length < limit;
  }
}

describe('whatever happens in whatever order', () => {
  test('no key is at work twice, none is lost, none begins unasked or beyond its limits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), durations, booleans, async (events, takes, leaves) => {
        const clock = new VirtualClock();
        const model = new Model();
        // The group by which a waiting key was last added: it may have moved on since.
        const addedTo = new Map<string, string>();
        const queue: WorkQueue = new WorkQueue({
          clock,
          groupOf(one) {
            addedTo.set(one, model.groupOf(one));
            return model.groupOf(one);
          },
          limitOf: one => model.limitOf(one),
          async work(one) {
            model.began(one, clock.monotonic(), addedTo.get(one) ?? '');
            await spend();
            if (leaves.next().value === true) {
              model.left(one);
              queue.leave(one);
              await spend();
              await queue.resume(one);
              model.resumed(one, clock.monotonic());
              await spend();
            }
            model.atWork.delete(one);
          },
        });
        const spend = (): Promise<void> => new Promise(resolve => void clock.after(takes.next().value ?? 0, resolve));
        const ask = (one: string, of: Lane): void => {
          model.owed.add(one);
          queue.add(one, of);
        };
        const appointments = new Map<string, () => void>();
        queue.start();
        for (const [index, one] of events.entries()) {
          switch (one.do) {
            case 'add':
              ask(one.key, one.lane);
              break;
            case 'later': {
              // At an instant of its own: of two things at one instant the model could not tell which the queue saw first.
              // There are fewer events than 64.
              const ms = one.ms + index / 64;
              appointments.get(one.key)?.();
              appointments.set(
                one.key,
                clock.after(ms, () => model.owed.add(one.key)),
              );
              queue.addAfter(one.key, ms, one.lane);
              break;
            }
            case 'forget':
              appointments.get(one.key)?.();
              queue.forget(one.key);
              break;
            case 'limit':
              model.limits.set(one.group, one.limit);
              queue.kick();
              break;
            case 'regroup':
              model.groups.set(one.key, one.group);
              break;
            case 'pass':
              await clock.run(clock.monotonic() + one.ms);
          }
        }
        for (const name of ['a', 'b']) model.limits.set(name, Math.max(1, model.limitOf(name)));
        queue.kick();
        await clock.run(clock.monotonic() + 1_000_000);
        expect(model.faults).toEqual([]);
        expect([...model.owed]).toEqual([]);
        expect(queue.depth + queue.working).toBe(0);
        await queue.stop();
      }),
      { numRuns: 500 },
    );
  });
});

/** Counts what is set and has neither run nor been cancelled. */
class CountingClock implements Clock {
  readonly #clock = new VirtualClock();
  readonly #set = new Set<object>();

  get waiting(): number {
    return this.#set.size;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  after(ms: number, run: () => void): () => void {
    const timer = {};
    this.#set.add(timer);
    const cancel = this.#clock.after(ms, () => {
      this.#set.delete(timer);
      run();
    });
    return () => {
      this.#set.delete(timer);
      cancel();
    };
  }
}
