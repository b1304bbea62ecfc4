import { describe, expect, test } from 'vitest';
import { Coverage } from '../support/sim/coverage.ts';
import { simulate } from './simulation.ts';

/** Schedules of one run; `SIMULATION_SEEDS` asks for more of them, `SIMULATION_FIRST` for others. */
const seeds = Number(process.env['SIMULATION_SEEDS'] ?? '2000');
const first = Number(process.env['SIMULATION_FIRST'] ?? '0');
const chunk = 250;

describe('the real controller in a world where everything fails', () => {
  const coverage = new Coverage();

  const starts = Array.from({ length: Math.ceil(seeds / chunk) }, (_, index) => first + index * chunk);
  test.each(starts)('keeps every promise in the schedules from seed %i on', { timeout: 300_000 }, async start => {
    const broken: string[] = [];
    for (let seed = start; seed < Math.min(start + chunk, first + seeds); seed++) {
      const { violations, coverage: met } = await simulate(seed);
      coverage.add(met);
      if (violations.length > 0) broken.push(`node test/simulation/replay.ts ${seed}\n  ${violations.join('\n  ')}`);
    }
    expect(broken.join('\n')).toBe('');
  });

  test('and every step has met every fault', () => {
    console.log(`step × fault, in ${seeds} schedules:\n${coverage.toString()}`);
    expect(coverage.empty()).toEqual([]);
  });
});

test('a seed is the whole of a schedule: the same one tells the same story', async () => {
  const stories = [1, 2].map(() => [] as string[]);
  for (const story of stories) await simulate(7, { log: line => story.push(line) });
  const [one = [], other] = stories;
  expect(one.length).toBeGreaterThan(50);
  expect(other).toEqual(one);
});
