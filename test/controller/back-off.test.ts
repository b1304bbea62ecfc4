import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BackOff, jittered, notBefore } from '../../src/controller/back-off.ts';

const middle = (): number => 0.5;

describe('waiting times', () => {
  // Reference row R1.
  test('double from 5 s to 300 s and stay there', () => {
    const backOff = new BackOff(middle);
    const times = Array.from({ length: 9 }, () => backOff.next('a') / 1_000);
    expect(times).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test('stay bounded after any number of failures', () => {
    const backOff = new BackOff(middle);
    for (let failures = 0; failures < 5_000; failures++) backOff.next('a');
    expect(backOff.next('a')).toBe(300_000);
  });

  test('are counted for each key, and begin again after a success', () => {
    const backOff = new BackOff(middle, 1, 100);
    expect([backOff.next('a'), backOff.next('a'), backOff.next('b')]).toEqual([1, 2, 1]);
    backOff.forget('a');
    backOff.forget('never');
    expect([backOff.next('a'), backOff.next('b')]).toEqual([1, 2]);
  });

  test('lie within 20 % of it, by chance', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(10), (chance, failures) => {
        const backOff = new BackOff(() => chance);
        for (let index = 0; index < failures; index++) backOff.next('a');
        const full = Math.min(5_000 * 2 ** failures, 300_000);
        const ms = backOff.next('a');
        expect(ms).toBeGreaterThanOrEqual(full * 0.8);
        expect(ms).toBeLessThanOrEqual(full * 1.2);
      }),
    );
    expect([jittered(100, () => 0), jittered(100, middle)]).toEqual([80, 100]);
  });

  test('that somebody has asked for are never shorter', () => {
    expect([notBefore(100, () => 0), Math.round(notBefore(100, middle))]).toEqual([100, 110]);
  });
});
