import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AdaptiveBucket } from '../../../../../providers/aws/client/lanes/adaptive-bucket.ts';

/** Takes whatever it gives until then, and tells it that all of that succeeded. */
function drain(bucket: AdaptiveBucket, from: number, to: number): number {
  let taken = 0;
  for (let now = from; ; ) {
    const wait = bucket.waitMs(now);
    now += wait;
    if (now > to) return taken;
    bucket.take(now);
    bucket.succeeded();
    taken += 1;
  }
}

test('it never gives more than its burst and its rate', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 20_000 }),
      (burst, perSecond, ms) => {
        const taken = drain(new AdaptiveBucket({ burst, perSecond }, 0), 0, ms);
        expect(taken).toBeLessThanOrEqual(burst + (ms / 1_000) * perSecond + 1e-6);
        expect(taken).toBeGreaterThanOrEqual(Math.floor(burst + (ms / 1_000) * perSecond * 0.9) - 1);
      },
    ),
  );
});

test('whatever is throttled, it asks again within a second, and never faster than its limit', () => {
  const step = fc.record({ ms: fc.nat(5_000), throttled: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), steps => {
      const bucket = new AdaptiveBucket({ burst: 20, perSecond: 5 }, 0);
      let now = 0;
      for (const { ms, throttled } of steps) {
        now += ms;
        expect(bucket.waitMs(now)).toBeLessThanOrEqual(1_000);
        expect(bucket.perSecond).toBeLessThanOrEqual(5);
        if (bucket.waitMs(now) > 0) continue;
        bucket.take(now);
        if (throttled) bucket.throttled(now, now + 50);
        else bucket.succeeded();
      }
    }),
  );
});

describe('after throttles', () => {
  test('what succeeded between two of them is the rate', () => {
    const bucket = new AdaptiveBucket({ burst: 100, perSecond: 50 }, 0);
    bucket.take(0);
    bucket.throttled(0, 0);
    for (let second = 1; second <= 10; second++) {
      for (let index = 0; index < 4; index++) {
        bucket.take(second * 1_000);
        bucket.succeeded();
      }
    }
    bucket.throttled(10_000, 10_000);
    expect(bucket.perSecond).toBeCloseTo(4 * 0.95, 1);
  });

  test('those that were on their way when the rate fell change nothing', () => {
    const bucket = new AdaptiveBucket({ burst: 100, perSecond: 50 }, 0);
    for (let index = 0; index < 50; index++) bucket.take(0);
    bucket.throttled(0, 200);
    const once = bucket.perSecond;
    for (let index = 0; index < 49; index++) bucket.throttled(0, 201);
    expect(bucket.perSecond).toBeCloseTo(once, 1);
  });

  test('ten quiet minutes are as if nothing had been', () => {
    const bucket = new AdaptiveBucket({ burst: 100, perSecond: 50 }, 0);
    bucket.take(0);
    bucket.throttled(0, 100);
    expect(bucket.perSecond).toBeLessThan(50);
    bucket.waitMs(700_000);
    expect(bucket.perSecond).toBe(50);
  });
});
