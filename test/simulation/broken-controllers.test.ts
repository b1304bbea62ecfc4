import { expect, test } from 'vitest';
import { brokenControllers } from './broken-controllers.ts';
import { simulate } from './simulation.ts';

const mostSeeds = 1_000;

test.each(brokenControllers)(
  'a controller that $name is noticed within 1,000 schedules',
  { timeout: 120_000 },
  async ({ broken, noticedAs }) => {
    let seed = 0;
    let noticed: string | undefined;
    for (; seed < mostSeeds && noticed === undefined; seed++) {
      const { violations } = await simulate(seed, { broken: broken() });
      noticed = violations.find(one => noticedAs.test(one));
    }
    expect(noticed, `not noticed in ${seed} schedules`).toBeDefined();
  },
);
