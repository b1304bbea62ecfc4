import { expect, test } from 'vitest';
import { GceFault } from '../../../../../providers/gcp/client/gce-fault.ts';
import { Throttle } from '../../../../../providers/gcp/client/sending/throttle.ts';
import type { ProviderClock } from '../../../../../src/provider/provider.ts';

const minute = 60_000;
const quota = new GceFault(403, 'rateLimitExceeded', '');

/** A clock that stands where it is put. */
function clockAt(start: number): { clock: ProviderClock; put: (ms: number) => void } {
  let now = start;
  const clock = { now: () => now, monotonic: () => now, after: () => () => undefined };
  return { clock, put: ms => void (now = ms) };
}

test('is closed until the next minute, for the half that was told so', () => {
  const { clock, put } = clockAt(10 * minute + 45_000);
  const throttle = new Throttle(clock);
  throttle.note(quota, true);
  expect([throttle.isClosed(true), throttle.isClosed(false)]).toEqual([true, false]);
  put(11 * minute - 1);
  expect(throttle.isClosed(true)).toBe(true);
  put(11 * minute);
  expect(throttle.isClosed(true)).toBe(false);
});

test('sends nobody back before the next minute, and not all at once', () => {
  const { clock } = clockAt(10 * minute + 45_000);
  const throttle = new Throttle(clock);
  throttle.note(quota, false);
  const waits = Array.from({ length: 50 }, () => throttle.retryAfterMs(false));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(15_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(25_000);
  expect(new Set(waits).size).toBeGreaterThan(45);
});

test('stays closed for a minute at most, when the clock has jumped back', () => {
  const { clock, put } = clockAt(10 * minute);
  const throttle = new Throttle(clock);
  throttle.note(quota, true);
  put(0);
  expect(throttle.retryAfterMs(true)).toBeLessThanOrEqual(minute + 10_000);
});
