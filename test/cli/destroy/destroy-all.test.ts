import { describe, expect, test } from 'vitest';
import { type DestroyDeps, destroyAll } from '../../../src/cli/destroy/destroy-all.ts';
import type { Doomed } from '../../../src/cli/destroy/doomed.ts';
import { ProviderCalls } from '../../../src/controller/provider-calls.ts';
import type { Deleted } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { instance } from '../../support/objects.ts';
import { VirtualClock } from '../../support/sim/virtual-clock.ts';

type Answer = () => Deleted | Promise<Deleted>;

const deleted: Answer = () => ({ state: 'deleted' });
const pending =
  (reason: string, retryAfterMs: number): Answer =>
  () => ({ state: 'pending', reason, retryAfterMs });
const failing =
  (error: Error): Answer =>
  () => {
    throw error;
  };

/** Balancers that answer one after the other as they are told, and the last answer for ever. */
function rig(script: Readonly<Record<string, readonly Answer[]>>, more: Partial<DestroyDeps> = {}) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const said: string[] = [];
  const lead = new AbortController();
  const stop = new AbortController();
  let atOnce = 0;
  let mostAtOnce = 0;
  const turns = new Map<string, number>();
  const provider = {
    contractVersion: 1,
    async ensureLoadBalancerDeleted({ id }: { readonly id: string }) {
      asked.push(id);
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      const answers = script[id] ?? [];
      const turn = turns.get(id) ?? 0;
      turns.set(id, turn + 1);
      try {
        await new Promise<void>(resolve => void clock.after(10, resolve));
        return await (answers[Math.min(turn, answers.length - 1)] ?? deleted)();
      } finally {
        atOnce--;
      }
    },
  };
  const owner = { ...instance('a'), provider } as unknown as Doomed['instance'];
  const all = Object.keys(script).map(id => ({
    instance: owner,
    ref: { id, cluster: 'c', service: { namespace: 'default', name: `web-${id}`, uid: id } },
  }));
  const deps: DestroyDeps = {
    calls: new ProviderCalls({ clock, deadlineMs: 60_000, observe: () => undefined }),
    leading: { epoch: '1', signal: lead.signal, assertLeading: () => lead.signal.throwIfAborted() },
    clock,
    random: () => 0.5,
    concurrency: 2,
    timeoutMs: 600_000,
    say: line => said.push(line),
    ...more,
  };
  const run = async (): Promise<Readonly<Record<string, string>>> => {
    const left = await clock.until(destroyAll(all, deps, stop.signal));
    return Object.fromEntries(left.map(({ doomed, why }) => [doomed.ref.id, why]));
  };
  return { clock, asked, said, lead, stop, run, most: () => mostAtOnce };
}

describe('all balancers are deleted', () => {
  test('so many at a time, each told of when it is gone', async () => {
    const { run, most, said } = rig({ a: [deleted], b: [deleted], c: [deleted], d: [deleted], e: [deleted] });
    expect(await run()).toEqual({});
    expect(most()).toBe(2);
    expect(said.toSorted()[0]).toBe('default/web-a (a) of provider a: deleted');
    expect(said).toHaveLength(5);
  });

  test('what is still going is asked for again after the time that the provider names, and told of once', async () => {
    const { run, asked, said, clock } = rig({ a: [pending('draining', 30_000), pending('draining', 30_000), deleted] });
    expect(await run()).toEqual({});
    expect(asked).toHaveLength(3);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(60_000);
    expect(said.filter(line => line.includes('waits: draining'))).toHaveLength(1);
  });

  test('a failure that may pass is tried again, a throttle after the time that it names', async () => {
    const throttled = failing(new ProviderError('throttled', 'slow down', { retryAfterMs: 5_000 }));
    const { run, clock } = rig({ a: [failing(new Error('reset')), throttled, deleted] });
    expect(await run()).toEqual({});
    expect(clock.monotonic()).toBeGreaterThan(5_800);
  });

  test('what is refused is left with the provider’s own words, and stops no other', async () => {
    const refused = failing(new ProviderError('rejected', 'deletion protection is on: turn it off'));
    const { run, asked } = rig({ a: [refused], b: [deleted], c: [deleted] });
    expect(await run()).toEqual({ a: 'deletion protection is on: turn it off' });
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  test('what is not gone in time is left, with the last word on it', async () => {
    const { run } = rig({ a: [pending('an interface is in use', 1_000)], b: [deleted] }, { timeoutMs: 30_000 });
    expect(await run()).toEqual({ a: 'the time for it is over; last: an interface is in use' });
  });

  test('once the Lease is lost nothing more is begun', async () => {
    const { run, asked, lead, clock } = rig({ a: [deleted], b: [deleted], c: [deleted], d: [deleted] });
    clock.after(15, () => lead.abort(new Error('the Lease is lost')));
    const left = await run();
    expect(asked).toEqual(['a', 'b', 'c', 'd']);
    expect(Object.keys(left)).toEqual(['c', 'd']);
  });

  test('a stop leaves what was not begun', async () => {
    const { run, asked, stop, clock } = rig({ a: [deleted], b: [deleted], c: [deleted], d: [deleted] });
    clock.after(5, () => stop.abort(new Error('told to stop')));
    expect(await run()).toEqual({
      c: 'told to stop; last: it was not begun',
      d: 'told to stop; last: it was not begun',
    });
    expect(asked).toEqual(['a', 'b']);
  });
});
