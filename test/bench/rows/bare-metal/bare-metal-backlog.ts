import { pause } from '../../deadline.ts';
import type { Figure } from '../../figure.ts';
import type { Bench, Row } from '../../row.ts';
import { clear, createServices, newNames } from '../../stage/services.ts';
import type { Side, Stage } from '../../stage/stage.ts';
import { listed, readWrites, total, type WriteCounts, writesSince } from '../../stage/write-counts.ts';
import { speedFigure } from '../speed-figure.ts';

interface Run {
  /** From the spawn of the process to the last address. */
  readonly perSecond: number;
  /** All but Events. */
  readonly writes: WriteCounts;
}

interface Pair {
  readonly fairlead: Run;
  readonly bare: Run;
}

const counts = [1_000, 5_000] as const;
/** A second write would come by then; so does the ConfigMap, which the run that is not counted has to write, since it is written once. */
const afterMs = 3_000;

/** Services wait, the process starts, and each gets an address of a /16 pool. */
export const bareMetalBacklog: Row = {
  name: 'bare-metal-backlog',
  async measure(bench) {
    const figures: Figure[] = [];
    for (const count of counts) figures.push(...(await measureOf(bench, count)));
    return figures;
  },
};

async function measureOf(bench: Bench, count: number): Promise<readonly Figure[]> {
  const services = bench.many(count);
  const pairs = await bench.onStage(async stage => {
    await stage.applyKinds();
    // Not counted: it warms the API server and fills Node's compile cache.
    await pairOf(stage, 100);
    return bench.repeat(async turn => {
      const pair = await pairOf(stage, services);
      const [own, bare] = [pair.fairlead, pair.bare].map(({ perSecond }) => `${perSecond.toFixed(0)}/s`);
      bench.say(
        `${services} Services, pair ${turn}: ${own}; bare loop ${bare}; writes: ${listed(pair.fairlead.writes)}`,
      );
      return pair;
    });
  });
  return [
    speedFigure(`${count.toLocaleString('en')} Services to addresses of a /16 pool, to the bare loop`, pairs),
    writes(count, services, pairs),
  ];
}

async function pairOf(stage: Stage, count: number): Promise<Pair> {
  const fairlead = await runOf(stage, 'fairlead', count);
  return { fairlead, bare: await runOf(stage, 'bare loop', count) };
}

async function runOf(stage: Stage, side: Side, count: number): Promise<Run> {
  const names = newNames(count);
  await createServices(stage.api, names);
  await stage.quiet();
  const [before, watch] = [await readWrites(stage.api), await stage.watch()];
  const process = stage.start(side, { bareMetal: true });
  try {
    const last = await watch.untilAddresses(names, 30_000 + 60 * count);
    await pause(afterMs);
    const written = new Map(
      [...writesSince(before, await readWrites(stage.api))].filter(([name]) => name !== 'events'),
    );
    return { perSecond: (1_000 * count) / (last - process.spawnedAt), writes: written };
  } finally {
    watch.close();
    await process.stop();
    await clear(stage.api);
    await stage.quiet();
  }
}

function writes(count: number, services: number, pairs: readonly Pair[]): Figure {
  const each = pairs.map(({ fairlead }) => total(fairlead.writes) / services);
  const first = pairs[0]?.fairlead.writes ?? new Map<string, number>();
  return {
    figure: `${count.toLocaleString('en')} Services: writes of each`,
    measured: Math.max(...each).toFixed(3),
    must: '1',
    reached: each.every(one => one === 1),
    detail: `most of ${pairs.length}; ${listed(first)}; Events and Leases left out`,
  };
}
