import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Records } from '../../src/controller/records.ts';
import type { ServiceRecord } from '../../src/plan/plan-service.ts';
import { record } from '../support/objects.ts';

function withId(id: string): ServiceRecord {
  return record({ ref: { ...record().ref, id } });
}

describe('the records', () => {
  test('are found by key, and their keys by id', () => {
    const records = new Records();
    const one = withId('fl-1');
    records.set('ns/a', one);
    expect(records.get('ns/a')).toBe(one);
    expect(records.keyOfId('fl-1')).toBe('ns/a');
    expect(records.get('ns/b')).toBeUndefined();
    expect(records.keyOfId('fl-2')).toBeUndefined();
  });

  test('forget the id of the one before under the same name', () => {
    const records = new Records();
    records.set('ns/a', withId('fl-1'));
    records.set('ns/a', withId('fl-2'));
    expect(records.keyOfId('fl-1')).toBeUndefined();
    expect(records.keyOfId('fl-2')).toBe('ns/a');
  });

  test('lead from every id to its key, and from no other, whatever is set and deleted', () => {
    // An id is made of a uid, so it belongs to one key for ever.
    const key = fc.constantFrom('ns/a', 'ns/b');
    const step = fc.record({ key, id: fc.constantFrom('1', '2'), set: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), steps => {
        const records = new Records();
        const model = new Map<string, string>();
        for (const one of steps) {
          const id = `${one.key} ${one.id}`;
          if (one.set) records.set(one.key, withId(id));
          else records.delete(one.key);
          if (one.set) model.set(one.key, id);
          else model.delete(one.key);
        }
        expect([...records.entries()].map(([name, { ref }]) => [name, ref.id])).toEqual([...model]);
        expect([...records.values()].map(({ ref }) => ref.id)).toEqual([...model.values()]);
        for (const name of ['ns/a', 'ns/b']) {
          for (const id of ['1', '2'])
            expect(records.keyOfId(`${name} ${id}`)).toBe(model.get(name) === `${name} ${id}` ? name : undefined);
        }
      }),
    );
  });
});
