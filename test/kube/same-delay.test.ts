import { describe, expect, test } from 'vitest';
import { SameDelay } from '../../src/kube/same-delay.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

function stage() {
  const clock = new VirtualClock();
  return { clock, delay: new SameDelay(clock, 100), ran: [] as string[] };
}

describe('appointments with one delay', () => {
  test('each runs at its own time, in order', async () => {
    const { clock, delay, ran } = stage();
    delay.after(() => ran.push(`first at ${clock.monotonic()}`));
    await clock.run(clock.monotonic() + 30);
    delay.after(() => ran.push(`second at ${clock.monotonic()}`));
    await clock.run(clock.monotonic() + 200);
    expect(ran).toEqual(['first at 100', 'second at 130']);
  });

  test('a cancelled one does not run, and does not keep the next from its time', async () => {
    const { clock, delay, ran } = stage();
    const cancel = delay.after(() => ran.push('cancelled'));
    await clock.run(clock.monotonic() + 50);
    delay.after(() => ran.push(`kept at ${clock.monotonic()}`));
    cancel();
    await clock.run(clock.monotonic() + 200);
    expect(ran).toEqual(['kept at 150']);
  });

  test('one that is made while another runs gets its whole delay', async () => {
    const { clock, delay, ran } = stage();
    delay.after(() => delay.after(() => ran.push(`at ${clock.monotonic()}`)));
    await clock.run(clock.monotonic() + 300);
    expect(ran).toEqual(['at 200']);
  });

  test('after the close nothing runs, and no timer is left', async () => {
    const { clock, delay, ran } = stage();
    delay.after(() => ran.push('too late'));
    delay.close();
    await clock.run(clock.monotonic() + 300);
    expect(ran).toEqual([]);
  });
});
