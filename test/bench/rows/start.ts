import { type Figure, ms } from '../figure.ts';
import type { Row } from '../row.ts';
import { clear, createServices, freeLease, newNames } from '../stage/services.ts';
import type { Side, Stage } from '../stage/stage.ts';
import { median, spread } from '../statistics.ts';

/** One Service waits, nobody holds the Lease. */
export const start: Row = {
  name: 'start',
  measure: bench =>
    bench.onStage(async stage => {
      // Not counted: it fills Node's compile cache.
      await runOf(stage, 'fairlead');
      await runOf(stage, 'bare loop');
      const taken = await bench.repeat(async turn => {
        const pair = [await runOf(stage, 'fairlead'), await runOf(stage, 'bare loop')] as const;
        bench.say(`start ${turn}: ${ms(pair[0])}, bare loop ${ms(pair[1])}`);
        return pair;
      });
      return [figureOf(taken)];
    }),
};

async function runOf(stage: Stage, side: Side): Promise<number> {
  const names = newNames(1);
  await createServices(stage.api, names);
  await freeLease(stage.api);
  await stage.quiet();
  const watch = await stage.watch();
  const process = stage.start(side);
  try {
    return (await watch.untilAddresses(names, 60_000)) - process.spawnedAt;
  } finally {
    watch.close();
    await process.stop();
    await clear(stage.api);
  }
}

function figureOf(taken: readonly (readonly [number, number])[]): Figure {
  const fairlead = taken.map(([one]) => one);
  const [least, most] = spread(fairlead);
  return {
    figure: 'start to the first address, election on, Lease free',
    measured: ms(median(fairlead)),
    must: '< 500 ms',
    reached: median(fairlead) < 500,
    detail: `${ms(least)}–${ms(most)}; bare loop ${ms(median(taken.map(([, bare]) => bare)))}`,
  };
}
