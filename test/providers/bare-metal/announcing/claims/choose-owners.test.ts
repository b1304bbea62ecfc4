import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseOwners, type Orphan } from '../../../../../providers/bare-metal/announcing/claims/choose-owners.ts';
import { hashOf } from '../../../../../providers/bare-metal/announcing/claims/hash.ts';

const preferring = (one: Orphan, preferences: Record<string, number>): Orphan => ({
  ...one,
  preferences: new Map(Object.entries(preferences)),
});
const orphan = (address: string, candidates: readonly string[], ...passedOver: readonly string[]): Orphan => ({
  address,
  hash: hashOf(address),
  candidates,
  passedOver: new Set(passedOver),
});
const many = (count: number, candidates: readonly string[]) =>
  Array.from({ length: count }, (_, index) => orphan(`192.0.${index >> 8}.${index & 255}`, candidates));
const counts = (owners: ReadonlyMap<string, string>) =>
  [...owners.values()].reduce<Record<string, number>>((sum, node) => ({ ...sum, [node]: (sum[node] ?? 0) + 1 }), {});

describe('chooseOwners', () => {
  test.each<[string, readonly Orphan[], Record<string, number>, string | undefined]>([
    ['the one with the fewest', [orphan('x', ['a', 'b'])], { a: 2, b: 1 }, 'b'],
    ['an unknown load is none', [orphan('x', ['a', 'b'])], { a: 1 }, 'b'],
    ['not one that was passed over', [orphan('x', ['a', 'b'], 'b')], { a: 2, b: 1 }, 'a'],
    ['the preferred one, however much it has', [preferring(orphan('x', ['a', 'b']), { a: 1 })], { a: 9 }, 'a'],
    [
      'of those preferred alike the one with the fewest',
      [preferring(orphan('x', ['a', 'b', 'c']), { a: 7, b: 7, c: 6 })],
      { a: 2, b: 1 },
      'b',
    ],
    ['the next, where the preferred was passed over', [preferring(orphan('x', ['a', 'b'], 'a'), { a: 1 })], {}, 'b'],
    ['the next, where the preferred does not live', [preferring(orphan('x', ['b']), { a: 1 })], { b: 9 }, 'b'],
    ['nobody, where all were', [orphan('x', ['a'], 'a')], {}, undefined],
    ['nobody, where nobody may', [orphan('x', [])], {}, undefined],
  ])('%s', (_row, orphans, loads, owner) => {
    expect(chooseOwners(orphans, new Map(Object.entries(loads))).get('x')).toBe(owner);
  });

  test('levels out what was uneven', () => {
    expect(counts(chooseOwners(many(90, ['a', 'b', 'c']), new Map([['a', 60]])))).toEqual({ b: 45, c: 45 });
  });

  test('is the same for whoever knows the same, in whatever order', () => {
    const orphans = many(50, ['a', 'b', 'c']);
    fc.assert(
      fc.property(fc.shuffledSubarray(orphans, { minLength: orphans.length }), shuffled => {
        expect(chooseOwners(shuffled, new Map())).toEqual(chooseOwners(orphans, new Map()));
      }),
    );
  });

  test('does not always prefer the same node where loads are equal', () => {
    const firsts = many(40, ['a', 'b', 'c']).map(one => [...chooseOwners([one], new Map()).values()][0]);
    expect(new Set(firsts)).toEqual(new Set(['a', 'b', 'c']));
  });
});
