import { expect, test } from 'vitest';
import { LeadershipLost, Term } from '../../src/kube/leadership.ts';
import { VirtualClock } from '../support/sim/virtual-clock.ts';

test('it holds until its deadline and not a moment longer, and the signal aborts by itself', async () => {
  const clock = new VirtualClock();
  const term = new Term('7', 10_000, clock);
  await clock.run(9_999);
  term.assertLeading();
  expect(term.signal.aborted).toBe(false);
  await clock.run(10_000);
  expect(term.signal.aborted).toBe(true);
  expect(term.signal.reason).toBeInstanceOf(LeadershipLost);
  expect(() => term.assertLeading()).toThrow(LeadershipLost);
});

test('renewals move the deadline', async () => {
  const clock = new VirtualClock();
  const term = new Term('7', 10_000, clock);
  await clock.run(9_000);
  expect(term.extend(19_000)).toBe(true);
  await clock.run(18_999);
  term.assertLeading();
  await clock.run(19_000);
  expect(term.signal.aborted).toBe(true);
});

test('a renewal that comes too late brings nothing back', async () => {
  const clock = new VirtualClock();
  let now = 0;
  // No timer ever runs, as in a process that was stopped.
  const term = new Term('7', 10_000, { now: () => 0, monotonic: () => now, after: clock.after.bind(clock) });
  now = 10_000;
  expect(term.extend(19_000)).toBe(false);
  expect(term.signal.aborted).toBe(true);
  expect(() => term.assertLeading()).toThrow(LeadershipLost);
});

test('what was ended stays ended', () => {
  const term = new Term('7', 10_000, new VirtualClock());
  term.end();
  expect(term.extend(20_000)).toBe(false);
  expect(term.leftMs).toBe(0);
  expect(() => term.assertLeading()).toThrow(LeadershipLost);
});

test('whoever finds the end first aborts the signal', () => {
  let now = 0;
  const term = new Term('7', 10_000, { now: () => 0, monotonic: () => now, after: () => () => undefined });
  now = 10_001;
  expect(() => term.assertLeading()).toThrow(LeadershipLost);
  expect(term.signal.aborted).toBe(true);
});
