import { describe, expect, test } from 'vitest';
import { Process } from '../support/sim/process.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

describe('virtual time', () => {
  test('timers run by time, and those of one instant in the order in which they were set', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.after(20, () => ran.push('b'));
    clock.after(10, () => ran.push('a'));
    clock.after(20, () => ran.push('c'));
    clock.after(15, () => ran.push('cancelled'))();
    clock.after(21, () => ran.push('too late'));
    await clock.run(20);
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(clock.monotonic()).toBe(20);
  });

  test('no time passes while a promise has something left to do', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.after(1, () => {
      let chain = Promise.resolve();
      for (let link = 0; link < 1_000; link++) chain = chain.then(() => undefined);
      void chain.then(() => seen.push(clock.monotonic()));
    });
    clock.after(2, () => seen.push(clock.monotonic()));
    await clock.run(10);
    expect(seen).toEqual([1, 2]);
  });

  test('the wall clock jumps alone', async () => {
    const clock = new VirtualClock();
    const before = clock.now();
    clock.jumpWall(-60_000);
    await clock.run(1_000);
    expect([clock.now() - before, clock.monotonic()]).toEqual([-59_000, 1_000]);
  });
});

describe('a process', () => {
  test('that is stopped does nothing, and then all of it late', async () => {
    const clock = new VirtualClock();
    const process = new Process('one', clock);
    const ran: string[] = [];
    process.after(10, () => ran.push(`timer at ${clock.monotonic()}`));
    clock.after(20, () => process.deliver(() => ran.push(`answer at ${clock.monotonic()}`)));
    process.pause();
    await clock.run(50);
    expect(ran).toEqual([]);
    process.resume();
    await clock.run(60);
    expect(ran).toEqual(['timer at 50', 'answer at 50']);
  });

  test('can drop a timer that was held while it was stopped', async () => {
    const clock = new VirtualClock();
    const process = new Process('one', clock);
    const ran: string[] = [];
    process.after(10, () => cancel());
    const cancel = process.after(10, () => ran.push('cancelled'));
    process.pause();
    await clock.run(50);
    process.resume();
    await clock.run(60);
    expect(ran).toEqual([]);
  });

  test('that is dead does nothing any more', async () => {
    const clock = new VirtualClock();
    const process = new Process('one', clock);
    const ran: string[] = [];
    process.after(10, () => ran.push('timer'));
    process.pause();
    await clock.run(20);
    process.kill();
    process.resume();
    process.deliver(() => ran.push('answer'));
    process.after(10, () => ran.push('later'));
    await clock.run(60);
    expect(ran).toEqual([]);
  });
});
