import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Appointments } from '../../src/controller/appointments.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

function rig() {
  const clock = new VirtualClock();
  const kept: (readonly [string, number])[] = [];
  const appointments = new Appointments<number>(clock, (key, item) => kept.push([key, item]));
  return { clock, kept, appointments, pass: (ms: number) => clock.run(clock.monotonic() + ms) };
}

function sorted(keys: readonly string[]): string {
  return keys.toSorted((a, b) => a.localeCompare(b)).join();
}

describe('appointments', () => {
  test('come at their time, each once', async () => {
    const { kept, appointments, pass } = rig();
    appointments.set('late', 20, 1);
    appointments.set('soon', 10, 2);
    await pass(9);
    expect(kept).toEqual([]);
    await pass(1);
    expect(kept).toEqual([['soon', 2]]);
    await pass(60_000);
    expect(kept).toEqual([
      ['soon', 2],
      ['late', 1],
    ]);
  });

  test('replace the earlier one of the same key, be it sooner or later', async () => {
    const { kept, appointments, pass } = rig();
    appointments.set('a', 10, 1);
    appointments.set('a', 20, 2);
    appointments.set('b', 20, 3);
    appointments.set('b', 5, 4);
    await pass(10);
    expect(kept).toEqual([['b', 4]]);
    await pass(10);
    expect(kept).toEqual([
      ['b', 4],
      ['a', 2],
    ]);
  });

  test('can be made while others are kept', async () => {
    const clock = new VirtualClock();
    const kept: string[] = [];
    const appointments: Appointments<number> = new Appointments(clock, (key, left) => {
      kept.push(`${key}${left}`);
      if (left > 0) appointments.set(key, 5, left - 1);
    });
    appointments.set('a', 5, 2);
    await clock.run(clock.monotonic() + 60);
    expect(kept).toEqual(['a2', 'a1', 'a0']);
  });

  test('leave no timer behind when they are cleared', async () => {
    const { clock, kept, appointments, pass } = rig();
    appointments.set('a', 10, 1);
    appointments.clear();
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow('no timer');
    await pass(20);
    expect(kept).toEqual([]);
  });

  test('are as many and as late as a list of them says, whatever is made, replaced and dropped', async () => {
    const keys = fc.integer({ min: 0, max: 30 });
    const act = fc.oneof(
      fc.record({ does: fc.constant('set'), key: keys, ms: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ does: fc.constant('delete'), key: keys, ms: fc.constant(0) }),
      fc.record({ does: fc.constant('pass'), key: fc.constant(0), ms: fc.integer({ min: 0, max: 20 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 200 }), async acts => {
        const { clock, kept, appointments, pass } = rig();
        const open = new Map<number, number>();
        const expected: string[] = [];
        for (const { does, key, ms } of [...acts, { does: 'pass', key: 0, ms: 100 }]) {
          if (does === 'set') {
            appointments.set(`${key}`, ms, key);
            open.set(key, clock.monotonic() + ms);
          } else if (does === 'delete') {
            appointments.delete(`${key}`);
            open.delete(key);
          } else {
            await pass(ms);
            const due = [...open].filter(([, at]) => at <= clock.monotonic());
            for (const [one] of due) open.delete(one);
            expected.push(sorted(due.map(([one]) => `${one}`)));
            kept.push(['pass', 0]);
          }
        }
        const rounds = kept
          .map(([name]) => name)
          .join()
          .split('pass')
          .slice(0, -1);
        expect(rounds.map(round => sorted(round.split(',').filter(Boolean)))).toEqual(expected);
        expect(open.size).toBe(0);
      }),
    );
  });
});
