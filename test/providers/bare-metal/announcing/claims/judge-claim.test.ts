import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Claim,
  isOlder,
  judgeClaim,
  judgeOthers,
} from '../../../../../providers/bare-metal/announcing/claims/judge-claim.ts';

const address = '192.0.2.1';
const claim = (node: string, since: number, state: Claim['state'] = 'held'): Claim => ({ node, since, state });
const wanted = { isWanted: true, hasTaker: true };
const claims = fc.record({
  node: fc.constantFrom('a', 'b', 'c'),
  since: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom<Claim['state']>('intended', 'held', 'yielding'),
});

describe('judgeClaim', () => {
  test.each<[string, Claim, readonly Claim[], typeof wanted, string]>([
    ['alone', claim('a', 2), [], wanted, 'keep'],
    ['an older one is held', claim('a', 2), [claim('b', 1)], wanted, 'drop'],
    ['a younger one is held', claim('a', 1), [claim('b', 2)], wanted, 'keep'],
    ['an older one is only intended, and this is held', claim('a', 2), [claim('b', 1, 'intended')], wanted, 'keep'],
    ['this is only intended, and a younger one held', claim('a', 1, 'intended'), [claim('b', 2)], wanted, 'drop'],
    ['two are intended', claim('a', 2, 'intended'), [claim('b', 1, 'intended')], wanted, 'drop'],
    ['an older one is yielding', claim('a', 2), [claim('b', 1, 'yielding')], wanted, 'keep'],
    ['this is yielding, and a younger one held', claim('a', 1, 'yielding'), [claim('b', 2)], wanted, 'drop'],
    [
      'this is yielding, and a younger one intended',
      claim('a', 1, 'yielding'),
      [claim('b', 2, 'intended')],
      { isWanted: false, hasTaker: true },
      'yield',
    ],
    ['not wanted here, and somebody could take it', claim('a', 1), [], { isWanted: false, hasTaker: true }, 'yield'],
    ['not wanted here, and nobody could', claim('a', 1), [], { isWanted: false, hasTaker: false }, 'drop'],
    ['not wanted here, and only intended', claim('a', 1, 'intended'), [], { isWanted: false, hasTaker: true }, 'drop'],
    ['wanted again', claim('a', 1, 'yielding'), [], wanted, 'keep'],
  ])('%s', (_row, own, rivals, here, verdict) => {
    expect(judgeClaim(own, rivals, address, here)).toBe(verdict);
  });

  test('of two that hear each other, never both go on answering, and never both stop', () => {
    fc.assert(
      fc.property(claims, claims, (one, other) => {
        fc.pre(one.node !== other.node && one.state === 'held' && other.state === 'held');
        const verdicts = [judgeClaim(one, [other], address, wanted), judgeClaim(other, [one], address, wanted)];
        expect(verdicts.toSorted()).toEqual(['drop', 'keep']);
      }),
    );
  });
});

test('age is a total order: the same on every node', () => {
  fc.assert(
    fc.property(claims, claims, claims, (a, b, c) => {
      fc.pre(a.node !== b.node && b.node !== c.node && a.node !== c.node);
      expect(isOlder(a, b, address)).toBe(!isOlder(b, a, address));
      const isChain = isOlder(a, b, address) && isOlder(b, c, address);
      expect(!isChain || isOlder(a, c, address)).toBe(true);
    }),
  );
});

test.each<[string, readonly Claim[], string]>([
  ['nobody claims it', [], 'orphan'],
  ['one holds it', [claim('a', 1)], 'settled'],
  ['one is about to', [claim('a', 1, 'intended')], 'settled'],
  ['one gives it away', [claim('a', 1, 'yielding')], 'offered'],
  ['one gives it away, one has taken it', [claim('a', 1, 'yielding'), claim('b', 2)], 'settled'],
])('judgeOthers: %s', (_row, rivals, situation) => {
  expect(judgeOthers(rivals)).toBe(situation);
});
