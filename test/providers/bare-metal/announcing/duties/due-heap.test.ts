import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from '../../../../../providers/bare-metal/announcing/duties/due-heap.ts';

test('gives keys in the order of their times, each once, at the time set last', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    at: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const heap = new DueHeap();
      const model = new Map<string, number>();
      for (const { key, at } of steps) {
        if (at === undefined) {
          heap.delete(key);
          model.delete(key);
        } else {
          heap.set(key, at);
          model.set(key, at);
        }
        expect(heap.next).toBe(Math.min(Number.POSITIVE_INFINITY, ...model.values()));
      }
      const taken: number[] = [];
      for (let key = heap.take(25); key !== undefined; key = heap.take(25)) {
        taken.push(model.get(key) ?? -1);
        model.delete(key);
      }
      expect(taken).toEqual(taken.toSorted((a, b) => a - b));
      expect([...model.values()].every(at => at > 25)).toBe(true);
    }),
  );
});
