import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type CallOutcome,
  CallTimeout,
  ProviderCalls,
  type ProviderInstance,
  StillBusy,
  type Verb,
} from '../../src/controller/provider-calls.ts';
import { LeadershipLost, Term } from '../../src/kube/leadership.ts';
import type { Call, Deleted, Ensured, LoadBalancer, Provider } from '../../src/provider/provider.ts';
import { ProviderError } from '../../src/provider/provider-error.ts';
import { capabilities, instance, record, without } from '../support/objects.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

const deadlineMs = 30_000;
const ready: Ensured = { state: 'ready', ingress: [{ ip: '192.0.2.1' }] };

function loadBalancer(id: string): LoadBalancer {
  return { id } as LoadBalancer;
}

function ref(id: string): ReturnType<typeof record>['ref'] {
  return { ...record().ref, id };
}

/** A call that a provider has got and has not answered. */
interface Open {
  readonly verb: Verb;
  readonly id: string;
  readonly call: Call;
  answer(value?: unknown): void;
  fail(error: Error): void;
}

let clock: VirtualClock;
let term: Term;
let calls: ProviderCalls;
let open: Open[];
let observed: [string, Verb, CallOutcome, number][];

beforeEach(() => {
  clock = new VirtualClock();
  term = new Term('7', 1_000_000, clock);
  open = [];
  observed = [];
  calls = new ProviderCalls({ clock, deadlineMs, observe: (...what) => void observed.push(what) });
});

/** Answers when the test does, and heeds no signal. */
function waiting(name = 'a'): ProviderInstance {
  const wait =
    (verb: Verb, idOf: (given: unknown) => string) =>
    (given: unknown, call: Call): Promise<never> =>
      new Promise((resolve, reject) => {
        const id = idOf(given);
        const remove = (): void => void (open = open.filter(one => one.call !== call));
        open.push({
          verb,
          id,
          call,
          answer(value = ready) {
            remove();
            resolve(value as never);
          },
          fail(error) {
            remove();
            reject(error);
          },
        });
      });
  const id = (given: unknown): string => (given as { id: string }).id;
  const provider: Provider = {
    contractVersion: 1,
    capabilities,
    needs: () => ({ nodePorts: true }),
    ensureLoadBalancer: wait('ensure', id),
    ensureLoadBalancerDeleted: wait('delete', id),
    restore: wait('restore', () => ''),
    listLoadBalancers: call => wait('list', () => '')(undefined, call),
  };
  return { ...instance(name), provider };
}

function doing(more: Partial<Provider>, name = 'a'): ProviderInstance {
  return { ...instance(name), provider: { ...waiting(name).provider, ...more } };
}

async function pass(ms = 0): Promise<void> {
  await clock.run(clock.monotonic() + ms);
}

function first(): Open {
  const [one] = open;
  if (one === undefined) throw new Error('the provider has not been called');
  return one;
}

/** What became of a promise, without waiting for it. */
function fate(promise: Promise<unknown>): { now: string; error?: unknown } {
  const result: { now: string; error?: unknown } = { now: 'waits' };
  promise.then(
    () => (result.now = 'answered'),
    (error: unknown) => {
      result.error = error;
      result.now = (error as Error).name;
    },
  );
  return result;
}

describe('a call', () => {
  test('passes what it is given and what it gets back', async () => {
    const a = waiting();
    const [balancer, reference] = [loadBalancer('1'), ref('2')];
    const given: unknown[] = [];
    const one = doing({
      ensureLoadBalancer: async value => (given.push(value), ready),
      ensureLoadBalancerDeleted: async value => (given.push(value), { state: 'deleted' }),
      restore: async value => void given.push(value),
      listLoadBalancers: async () => [reference],
    });
    const held = [balancer];
    expect(await calls.ensure(one, balancer, term)).toBe(ready);
    expect(await calls.delete(one, reference, term)).toEqual({ state: 'deleted' });
    expect(await calls.restore(one, held, term)).toBeUndefined();
    expect(await calls.list(one, term)).toEqual([reference]);
    expect(given).toEqual([balancer, reference, held]);
    expect(given.map((value, index) => value === [balancer, reference, held][index])).toEqual([true, true, true]);
    expect(a.provider.needs(balancer)).toEqual({ nodePorts: true });
  });

  test('of what a provider does without answers all the same', async () => {
    const provider = without(waiting().provider, 'restore', 'listLoadBalancers');
    const bare = { ...instance('a'), provider };
    await expect(calls.restore(bare, [], term)).resolves.toBeUndefined();
    await expect(calls.list(bare, term)).resolves.toEqual([]);
  });

  test('carries the epoch, and a sequence that grows with every call of whatever instance and verb', async () => {
    const [a, b] = [waiting('a'), waiting('b')];
    void calls.ensure(a, loadBalancer('1'), term);
    void calls.delete(b, ref('2'), term);
    void calls.restore(a, [], term);
    void calls.list(b, term);
    void calls.ensure(b, loadBalancer('1'), new Term('9', 1_000_000, clock));
    await pass();
    expect(open.map(one => one.call.epoch)).toEqual(['7', '7', '7', '7', '9']);
    const sequence = open.map(one => one.call.sequence);
    expect(sequence).toEqual([...new Set(sequence)].toSorted((x, y) => x - y));
  });

  test('that a provider throws in, before it has returned a promise, rejects', async () => {
    const throwing = doing({
      ensureLoadBalancer() {
        throw new Error('at once');
      },
    });
    await expect(calls.ensure(throwing, loadBalancer('1'), term)).rejects.toThrow('at once');
    await expect(calls.ensure(throwing, loadBalancer('1'), term)).rejects.toThrow('at once');
  });

  test('that a provider answers without a promise is answered', async () => {
    const plain = doing({ ensureLoadBalancer: () => ready as unknown as Promise<Ensured> });
    await expect(calls.ensure(plain, loadBalancer('1'), term)).resolves.toBe(ready);
  });

  test('leaves nothing on the clock once all is closed', async () => {
    await calls.ensure(doing({ ensureLoadBalancer: async () => ready }), loadBalancer('1'), term);
    await expect(
      calls.ensure(doing({ ensureLoadBalancer: async () => Promise.reject(new Error('x')) }), loadBalancer('1'), term),
    ).rejects.toThrow('x');
    term.end();
    calls.close();
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow('no timer');
    expect(clock.monotonic()).toBe(0);
  });
});

describe('two calls', () => {
  test.each<readonly [string, (a: ProviderInstance) => Promise<unknown>, (a: ProviderInstance) => Promise<unknown>]>([
    ['ensures of one id', a => calls.ensure(a, loadBalancer('1'), term), a => calls.ensure(a, loadBalancer('1'), term)],
    [
      'ensure and delete of one id',
      a => calls.ensure(a, loadBalancer('1'), term),
      a => calls.delete(a, ref('1'), term),
    ],
    [
      'delete and ensure of one id',
      a => calls.delete(a, ref('1'), term),
      a => calls.ensure(a, loadBalancer('1'), term),
    ],
    ['restores', a => calls.restore(a, [], term), a => calls.restore(a, [], term)],
    ['lists', a => calls.list(a, term), a => calls.list(a, term)],
  ])('are never out at once: %s', async (_name, one, other) => {
    const a = waiting();
    const earlier = fate(one(a));
    await expect(other(a)).rejects.toThrow(StillBusy);
    expect(open).toHaveLength(1);
    first().answer();
    await pass();
    expect(earlier.now).toBe('answered');
    const later = fate(other(a));
    await pass();
    first().answer();
    await pass();
    expect(later.now).toBe('answered');
  });

  test.each<readonly [string, () => readonly Promise<unknown>[]]>([
    [
      'of different ids',
      () => [calls.ensure(waiting(), loadBalancer('1'), term), calls.ensure(waiting(), loadBalancer('2'), term)],
    ],
    [
      'of different instances',
      () => [calls.ensure(waiting('a'), loadBalancer('1'), term), calls.ensure(waiting('b'), loadBalancer('1'), term)],
    ],
  ])('go together: %s', async (_name, both) => {
    const fates = both().map(fate);
    await pass();
    expect(open).toHaveLength(2);
    for (const one of open) one.answer();
    await pass();
    expect(fates.map(one => one.now)).toEqual(['answered', 'answered']);
  });
});

describe('the deadline', () => {
  test('ends the wait, and tells the provider', async () => {
    const result = fate(calls.ensure(waiting(), loadBalancer('1'), term));
    await pass(deadlineMs - 1);
    expect(result.now).toBe('waits');
    expect(first().call.signal.aborted).toBe(false);
    await pass(1);
    expect(result).toMatchObject({ now: 'CallTimeout' });
    expect((result.error as Error).message).toContain('30 s');
    expect(first().call.signal.reason).toBe(result.error);
    expect(() => first().call.assertLeading()).toThrow(CallTimeout);
  });

  test('does not open the id to another call, as long as the provider ignores it', async () => {
    const a = waiting();
    fate(calls.ensure(a, loadBalancer('1'), term));
    await pass(10 * deadlineMs);
    const busy = fate(calls.delete(a, ref('1'), term));
    await pass();
    expect(busy.now).toBe('StillBusy');
    expect(open).toHaveLength(1);
    const opens = fate((busy.error as StillBusy).returned);
    await pass();
    expect(opens.now).toBe('waits');
    first().fail(new Error('too late for anybody to hear'));
    await pass();
    expect(opens.now).toBe('answered');
    fate(calls.delete(a, ref('1'), term));
    await pass();
    expect(open).toMatchObject([{ verb: 'delete', id: '1' }]);
  });

  test('also holds under another leadership: one that hangs outlives it', async () => {
    const a = waiting();
    fate(calls.ensure(a, loadBalancer('1'), term));
    await pass(deadlineMs);
    await expect(calls.ensure(a, loadBalancer('1'), new Term('8', 1_000_000, clock))).rejects.toThrow(StillBusy);
  });
});

describe('lost leadership', () => {
  test('ends every call at once, and tells the provider', async () => {
    const results = [fate(calls.ensure(waiting('a'), loadBalancer('1'), term)), fate(calls.list(waiting('b'), term))];
    await pass();
    term.end();
    await pass();
    expect(results.map(one => one.now)).toEqual(['LeadershipLost', 'LeadershipLost']);
    expect(open.map(one => one.call.signal.aborted)).toEqual([true, true]);
    for (const one of open) expect(() => one.call.assertLeading()).toThrow(LeadershipLost);
  });

  test('by the clock alone lets no further request of a call go out', async () => {
    const short = new Term('7', 5_000, { ...stopped(), monotonic: () => clock.monotonic() });
    fate(calls.ensure(waiting(), loadBalancer('1'), short));
    await pass(4_999);
    expect(() => first().call.assertLeading()).not.toThrow();
    await pass(1);
    expect(() => first().call.assertLeading()).toThrow(LeadershipLost);
  });

  test.each(['its time is over', 'it was ended'])('keeps a call from beginning: %s', async how => {
    const short = new Term('7', 5_000, { ...stopped(), monotonic: () => clock.monotonic() });
    if (how === 'it was ended') short.end();
    else await pass(5_000);
    await expect(calls.ensure(waiting(), loadBalancer('1'), short)).rejects.toThrow(LeadershipLost);
    expect(open).toEqual([]);
  });

  test('keeps a call from beginning where only the signal says so: the grace of a shutdown is over', async () => {
    const over = {
      epoch: '7',
      signal: AbortSignal.abort(new Error('the grace is over')),
      assertLeading: () => undefined,
    };
    await expect(calls.delete(waiting(), ref('1'), over)).rejects.toThrow('the grace is over');
    expect(open).toEqual([]);
  });

  /** A process that was stopped: no timer of its own runs. */
  function stopped(): { now(): number; monotonic(): number; after(): () => void } {
    return { now: () => 0, monotonic: () => 0, after: () => () => undefined };
  }
});

test('what is out can be waited for, also when nobody waits for its answer any more', async () => {
  await calls.returned();
  fate(calls.ensure(waiting('a'), loadBalancer('1'), term));
  fate(calls.restore(waiting('b'), [], term));
  await pass(deadlineMs);
  const returned = fate(calls.returned());
  first().answer();
  await pass();
  expect(returned.now).toBe('waits');
  first().fail(new Error('x'));
  await pass();
  expect(returned.now).toBe('answered');
});

describe('what is observed', () => {
  const pending: Ensured = { state: 'pending', reason: 'x', retryAfterMs: 1, ingress: [] };
  const rows: readonly (readonly [string, () => Promise<Ensured>, CallOutcome])[] = [
    ['an answer', async () => ready, 'ok'],
    ['a "not yet"', async () => pending, 'pending'],
    ['unsupported', () => Promise.reject(new ProviderError('unsupported', 'x')), 'unsupported'],
    ['rejected', () => Promise.reject(new ProviderError('rejected', 'x')), 'rejected'],
    ['throttled', () => Promise.reject(new ProviderError('throttled', 'x')), 'throttled'],
    [
      'an error of another copy of the class',
      () => Promise.reject(Object.assign(new Error('x'), { name: 'ProviderError', code: 'throttled' })),
      'throttled',
    ],
    ['any other error', () => Promise.reject(new Error('x')), 'error'],
    ['a code of another library', () => Promise.reject(Object.assign(new Error('x'), { code: 'rejected' })), 'error'],
    ['no answer', () => new Promise(() => undefined), 'timeout'],
  ];

  test.each(rows)('of %s: %#', async (_name, answer, outcome) => {
    const slow = async (): Promise<Ensured> => {
      await new Promise<void>(resolve => void clock.after(250, resolve));
      return answer();
    };
    fate(calls.ensure(doing({ ensureLoadBalancer: slow }, 'x'), loadBalancer('1'), term));
    await pass(deadlineMs);
    expect(observed).toEqual([['x', 'ensure', outcome, outcome === 'timeout' ? deadlineMs : 250]]);
  });
});

test('whatever the provider and the callers do, no id has two calls out', async () => {
  const answer = fc.record({ afterMs: fc.integer({ min: 0, max: 90_000 }), heeds: fc.boolean(), fails: fc.boolean() });
  const asked = fc.record({
    id: fc.constantFrom('1', '2'),
    verb: fc.constantFrom('ensure', 'delete'),
    atMs: fc.nat(120_000),
    lose: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { maxLength: 20 }), fc.infiniteStream(answer), async (asks, answers) => {
      const time = new VirtualClock();
      const bench = new ProviderCalls({ clock: time, deadlineMs, observe: () => undefined });
      const out = new Map<string, number>();
      const terms = [new Term('1', 1e9, time)];
      let most = 0;
      const act = async (id: string, call: Call): Promise<Ensured & Deleted> => {
        const { afterMs, heeds, fails } = answers.next().value ?? { afterMs: 0, heeds: false, fails: false };
        out.set(id, (out.get(id) ?? 0) + 1);
        most = Math.max(most, out.get(id) ?? 0);
        await new Promise<void>(resolve => {
          time.after(afterMs, resolve);
          if (heeds) call.signal.addEventListener('abort', () => resolve());
        });
        out.set(id, (out.get(id) ?? 0) - 1);
        if (fails) throw new Error('failed');
        return ready as unknown as Ensured & Deleted;
      };
      const one = doing({
        ensureLoadBalancer: ({ id }, call) => act(id, call),
        ensureLoadBalancerDeleted: ({ id }, call) => act(id, call),
      });
      const settled: Promise<unknown>[] = [];
      for (const { id, verb, atMs, lose } of asks) {
        time.after(atMs, () => {
          const leading = terms.at(-1) as Term;
          if (lose) {
            leading.end();
            terms.push(new Term(String(terms.length + 1), 1e9, time));
          } else {
            const answered: Promise<unknown> =
              verb === 'ensure' ? bench.ensure(one, loadBalancer(id), leading) : bench.delete(one, ref(id), leading);
            settled.push(answered.catch(() => undefined));
          }
        });
      }
      await time.run(1_000_000);
      await Promise.all([...settled, bench.returned()]);
      expect(most).toBeLessThanOrEqual(1);
      expect([...out.values()].every(count => count === 0)).toBe(true);
      for (const left of terms) left.end();
    }),
    { numRuns: 200 },
  );
});
