import { describe, expect, test } from 'vitest';
import { brokenNodes } from './broken-nodes.ts';
import { simulate } from './simulation.ts';

/** `node test/providers/bare-metal/announcing/replay.ts <seed>` tells one of them line by line. */
const batches = Array.from({ length: 20 }, (_, batch) => batch * 25);

test.each(batches)(
  'twenty-five schedules of faults from seed %i: one node answers, soon, and nothing moves without a reason',
  first => {
    const violations = Array.from({ length: 25 }, (_, index) => first + index).flatMap(seed =>
      simulate(seed).map(violation => `seed ${seed}: ${violation}`),
    );
    expect(violations).toEqual([]);
  },
  60_000,
);

test.each([10_000, 10_025, 10_050, 10_075])(
  'the same from seed %i, where nodes are preferred',
  first => {
    const violations = Array.from({ length: 25 }, (_, index) => first + index).flatMap(seed =>
      simulate(seed, { prefers: true }).map(violation => `seed ${seed}: ${violation}`),
    );
    expect(violations).toEqual([]);
  },
  60_000,
);

describe('a node built wrongly is caught', () => {
  test.each(Object.entries(brokenNodes))(
    'one that %s',
    (_name, fault) => {
      let seed = 0;
      while (seed < 200 && simulate(seed, { fault }).length === 0) seed++;
      expect(seed, 'no schedule has shown it').toBeLessThan(200);
    },
    60_000,
  );
});
