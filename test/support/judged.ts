import { expect, test as register } from 'vitest';
import type { TestFunction } from '../../src/provider/conformance.ts';

export interface Judged {
  readonly test: TestFunction;
  /** Registers the test that holds the skipped checks to the expected reasons. */
  readonly settle: () => void;
}

/**
 * The runner's `test` for the conformance kit, where it is known what a world cannot show: those reasons, and no others, may keep a
 * check from being judged.
 */
export function judged(expectedReasons: readonly string[]): Judged {
  const reasons = new Set<string>();
  const skip = (name: string): unknown => reasons.add(/\(([^()]*)\)$/.exec(name)?.[1] ?? name);
  return {
    test: Object.assign((...check: Parameters<TestFunction>) => register(...check), { skip }),
    settle: () =>
      register('what cannot be judged here is known', () => {
        expect([...reasons].toSorted()).toEqual(expectedReasons.toSorted());
      }),
  };
}
