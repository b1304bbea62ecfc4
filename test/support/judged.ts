import { expect, test } from 'vitest';
import type { TestFunction } from '../../src/provider/conformance.ts';

/**
 * The runner's `test` for the conformance kit, where it is known what a world cannot show: those reasons, and no others, may keep a
 * check from being judged. `settle` registers the test that holds them to that.
 */
export function judged(expectedReasons: readonly string[]): { readonly test: TestFunction; settle(): void } {
  const reasons = new Set<string>();
  const register: TestFunction = Object.assign((name: string, run: () => Promise<void>) => test(name, run), {
    skip: (name: string) => reasons.add(/\(([^()]*)\)$/.exec(name)?.[1] ?? name),
  });
  return {
    test: register,
    settle() {
      test('what cannot be judged here is known', () => {
        expect([...reasons].toSorted()).toEqual(expectedReasons.toSorted());
      });
    },
  };
}
