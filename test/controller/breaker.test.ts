import { describe, expect, test } from 'vitest';
import { Breaker } from '../../src/controller/breaker.ts';

function breaker(): {
  readonly breaker: Breaker;
  readonly changes: readonly boolean[];
  readonly fail: (count: number, from?: number) => void;
} {
  const changes: boolean[] = [];
  const one = new Breaker(open => changes.push(open));
  return {
    breaker: one,
    changes,
    fail(count, from = 0) {
      for (let index = from; index < from + count; index++) one.record(`ns/${index}`, false);
    },
  };
}

describe('a breaker', () => {
  test('opens at the tenth Service in a row that fails', () => {
    const { breaker: one, changes, fail } = breaker();
    fail(9);
    expect(one.isOpen).toBe(false);
    fail(1, 9);
    expect(one.isOpen).toBe(true);
    expect(changes).toEqual([true]);
  });

  test('does not open for one Service that fails again and again', () => {
    const { breaker: one, changes } = breaker();
    for (let times = 0; times < 100; times++) one.record('ns/1', false);
    expect(one.isOpen).toBe(false);
    expect(changes).toEqual([]);
  });

  test('counts from the last success on', () => {
    const { breaker: one, fail } = breaker();
    fail(9);
    one.record('ns/x', true);
    fail(9);
    expect(one.isOpen).toBe(false);
    fail(1, 9);
    expect(one.isOpen).toBe(true);
  });

  test('closes at the first success, of whomever, and tells each change once', () => {
    const { breaker: one, changes, fail } = breaker();
    fail(500);
    expect(changes).toEqual([true]);
    one.record('ns/x', true);
    one.record('ns/x', true);
    expect(one.isOpen).toBe(false);
    expect(changes).toEqual([true, false]);
    fail(10);
    expect(changes).toEqual([true, false, true]);
  });
});
