import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffByKey } from '../../src/provider/diff.ts';

interface Entry {
  readonly key: string;
  readonly value: number;
}

const rules = {
  desiredKey: (one: Entry) => one.key,
  observedKey: (one: Entry) => one.key,
  same: (one: Entry, other: Entry) => one.value === other.value,
};

const entry: fc.Arbitrary<Entry> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', '__proto__', ''),
  value: fc.integer({ min: 0, max: 2 }),
});
const observedList = fc.array(entry, { maxLength: 8 });
const desiredList = fc.uniqueArray(entry, { maxLength: 6, selector: one => one.key });

/** Carries a diff out: what an adapter does with it. */
function apply(observed: readonly Entry[], desired: readonly Entry[]): readonly Entry[] {
  const { create, update, remove } = diffByKey(desired, observed, rules);
  const kept = observed.filter(one => !remove.includes(one));
  return [...kept.map(one => update.find(pair => pair.observed === one)?.desired ?? one), ...create];
}

const sorted = (list: readonly Entry[]) => list.map(one => `${one.key}=${one.value}`).toSorted();

describe('diffByKey', () => {
  test('carried out, makes observed equal to desired, from any starting point', () => {
    fc.assert(
      fc.property(desiredList, observedList, (desired, observed) => {
        expect(sorted(apply(observed, desired))).toEqual(sorted(desired));
      }),
    );
  });

  test('has nothing to do the second time', () => {
    fc.assert(
      fc.property(desiredList, desired => {
        expect(diffByKey(desired, desired, rules)).toEqual({ create: [], update: [], remove: [] });
      }),
    );
  });

  test('touches nothing that is the same already', () => {
    fc.assert(
      fc.property(desiredList, observedList, (desired, observed) => {
        const { update } = diffByKey(desired, observed, rules);
        expect(update.filter(pair => rules.same(pair.desired, pair.observed))).toEqual([]);
      }),
    );
  });

  test('keeps the order of its inputs', () => {
    fc.assert(
      fc.property(desiredList, observedList, (desired, observed) => {
        const { create, remove } = diffByKey(desired, observed, rules);
        expect(create).toEqual(desired.filter(one => create.includes(one)));
        expect(remove.map(one => observed.indexOf(one))).toEqual(
          remove.map(one => observed.indexOf(one)).toSorted((a, b) => a - b),
        );
      }),
    );
  });

  test('a second observed entry under one key is removed, the first stays', () => {
    const [first, second] = [
      { key: 'a', value: 1 },
      { key: 'a', value: 1 },
    ];
    const { create, update, remove } = diffByKey([{ key: 'a', value: 1 }], [first, second], rules);
    expect({ create, update }).toEqual({ create: [], update: [] });
    expect(remove).toHaveLength(1);
    expect(remove[0]).toBe(second);
  });

  test('two desired entries under one key are a fault of the caller', () => {
    expect(() =>
      diffByKey(
        [
          { key: 'a', value: 1 },
          { key: 'a', value: 2 },
        ],
        [],
        rules,
      ),
    ).toThrow('two desired entries under one key: a');
  });
});
