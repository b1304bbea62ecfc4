import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { LogicalClock } from '../../../src/provider/adapter/logical-clock.ts';
import { Sweep } from '../../../src/provider/adapter/sweep.ts';
import type { Call } from '../../../src/provider/provider.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function callWith(signal = new AbortController().signal): Call {
  return { signal, epoch: '1', sequence: 1, assertLeading: () => undefined };
}

/** Looks that end when the test says so. */
function stage() {
  const clock = new VirtualClock();
  const time = new LogicalClock();
  const looks: PromiseWithResolvers<string>[] = [];
  const sweep = new Sweep(clock, time, () => {
    const look = Promise.withResolvers<string>();
    looks.push(look);
    return look.promise;
  });
  return { clock, time, looks, sweep };
}

describe('a look at everything', () => {
  test('is shared by all who ask for it, and kept', async () => {
    const { looks, sweep } = stage();
    const both = Promise.all([sweep.get(callWith()), sweep.get(callWith())]);
    looks[0]?.resolve('seen');
    expect((await both).map(({ found }) => found)).toEqual(['seen', 'seen']);
    expect((await sweep.get(callWith())).found).toBe('seen');
    expect(looks).toHaveLength(1);
  });

  test('that began before a change says nothing of it: who needs more waits, and then looks', async () => {
    const { looks, sweep, time } = stage();
    const early = sweep.get(callWith());
    const change = time.next();
    const late = sweep.get(callWith(), { after: change });
    looks[0]?.resolve('before');
    expect((await early).found).toBe('before');
    await setImmediate();
    looks[1]?.resolve('after');
    expect((await late).found).toBe('after');
  });

  test('that is too old is made anew', async () => {
    const { clock, looks, sweep } = stage();
    const first = sweep.get(callWith());
    looks[0]?.resolve('old');
    await first;
    void clock.after(1_000, () => undefined);
    await clock.run();
    expect((await sweep.get(callWith(), { maxAgeMs: 1_000 })).found).toBe('old');
    const again = sweep.get(callWith(), { maxAgeMs: 999 });
    looks[1]?.resolve('new');
    expect((await again).found).toBe('new');
  });

  test('that fails is an error for who began it, and never an empty one: the next one looks', async () => {
    const { looks, sweep } = stage();
    const first = sweep.get(callWith());
    const second = sweep.get(callWith());
    looks[0]?.reject(new Error('refused'));
    await expect(first).rejects.toThrow('refused');
    await setImmediate();
    expect(sweep.latest).toBeUndefined();
    looks[1]?.resolve('seen');
    expect((await second).found).toBe('seen');
  });

  test('holds nobody whose call is over', async () => {
    const { looks, sweep } = stage();
    const first = sweep.get(callWith());
    const abort = new AbortController();
    const second = sweep.get(callWith(abort.signal));
    abort.abort(new Error('leadership was lost'));
    await expect(second).rejects.toThrow('leadership was lost');
    looks[0]?.resolve('seen');
    expect((await first).found).toBe('seen');
  });

  test('of another leadership counts no more, even if it ends only now', async () => {
    const { looks, sweep } = stage();
    const old = sweep.get(callWith());
    sweep.reset();
    const young = sweep.get(callWith());
    looks[0]?.resolve('old');
    await old;
    expect(sweep.latest).toBeUndefined();
    looks[1]?.resolve('young');
    expect((await young).found).toBe('young');
    expect(sweep.latest?.found).toBe('young');
  });
});
