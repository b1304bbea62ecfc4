import { describe, expect, test } from 'vitest';
import { HolderWatch, isHeld, microTime, releasedSpec, takenSpec } from '../../src/kube/lease-record.ts';

test('a MicroTime has six digits after the second', () => {
  expect(microTime(Date.UTC(2030, 0, 2, 3, 4, 5, 6), () => 0.0079)).toBe('2030-01-02T03:04:05.006007Z');
});

describe('the record', () => {
  const before = {
    holderIdentity: 'b',
    leaseDurationSeconds: 30,
    leaseTransitions: 4,
    acquireTime: 'x',
    renewTime: 'y',
  };

  test('of a Lease taken from another counts the change', () => {
    expect(takenSpec(before, 'a', 15_000, 'now')).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 5,
      acquireTime: 'now',
      renewTime: 'now',
    });
  });

  test('of a Lease taken again by its holder does not', () => {
    expect(takenSpec(before, 'b', 15_000, 'now').leaseTransitions).toBe(4);
  });

  test('of the first one begins at none', () => {
    expect(takenSpec(undefined, 'a', 1_500, 'now')).toMatchObject({ leaseTransitions: 0, leaseDurationSeconds: 2 });
  });

  test('of a hand-over has no holder', () => {
    expect(isHeld(before)).toBe(true);
    expect(isHeld(releasedSpec(before, 'now'))).toBe(false);
  });
});

describe('the end of another holder’s time', () => {
  const spec = { holderIdentity: 'b', leaseDurationSeconds: 20, renewTime: '1' };

  test('counts from the moment at which the record was first seen', () => {
    const holder = new HolderWatch();
    expect(holder.expiryOf(spec, 100, 15_000)).toBe(20_100);
    expect(holder.expiryOf({ ...spec }, 9_000, 15_000)).toBe(20_100);
    expect(holder.expiryOf({ ...spec, renewTime: '2' }, 9_000, 15_000)).toBe(29_000);
  });

  test.each([undefined, null, 0])('is ours where the record names %s as its duration', leaseDurationSeconds => {
    const holder = new HolderWatch();
    const bare = { holderIdentity: 'b', ...(leaseDurationSeconds !== undefined && { leaseDurationSeconds }) };
    expect(holder.expiryOf(bare, 100, 15_000)).toBe(15_100);
  });

  test('has come where there never was one', () => {
    expect(new HolderWatch().expiryOfAbsent(100, 15_000)).toBe(100);
  });

  test('counts from the disappearance of its Lease', () => {
    const holder = new HolderWatch();
    holder.expiryOf(spec, 100, 15_000);
    expect(holder.expiryOfAbsent(5_000, 15_000)).toBe(20_000);
    expect(holder.expiryOfAbsent(6_000, 15_000)).toBe(20_000);
    holder.forget();
    expect(holder.expiryOfAbsent(7_000, 15_000)).toBe(7_000);
  });
});
