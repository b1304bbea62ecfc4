import { type Figure, times } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import { clear, createServices, newNames } from '../stage/services.ts';
import type { Side, Stage } from '../stage/stage.ts';
import { median } from '../statistics.ts';
import { speedFigure } from './speed-figure.ts';

/** From the spawn of the process to the last address. */
interface Run {
  readonly perSecond: number;
  /** CPU of the process for each Service, its start included. */
  readonly cpuMs: number;
}

interface Pair {
  readonly fairlead: Run;
  readonly bare: Run;
}

const counts = [1_000, 2_500, 5_000] as const;

/** Services wait, the process starts. */
export const backlog: Row = { name: 'backlog', measure: bench => measure(bench, false) };

/** The same with a provider that needs the finalizer: two PATCHes a Service, on both sides. */
export const finalizer: Row = { name: 'finalizer', measure: bench => measure(bench, true) };

async function measure(bench: Bench, needsFinalizer: boolean): Promise<readonly Figure[]> {
  const runs = new Map<number, readonly Pair[]>();
  for (const count of counts) {
    const pairs = await bench.onStage(async stage => {
      // Not counted: it warms the API server and fills Node's compile cache.
      await pairOf(stage, 100, needsFinalizer);
      return bench.repeat(async turn => {
        const pair = await pairOf(stage, bench.many(count), needsFinalizer);
        bench.say(
          `${bench.many(count)} Services, pair ${turn}: ${textOf(pair.fairlead)}; bare loop ${textOf(pair.bare)}`,
        );
        return pair;
      });
    });
    runs.set(count, pairs);
  }
  return [
    ...[...runs].map(([count, pairs]) =>
      speedFigure(`${count.toLocaleString('en')} Services to addresses, to the bare loop`, pairs),
    ),
    ...cpu(runs),
  ];
}

async function pairOf(stage: Stage, count: number, needsFinalizer: boolean): Promise<Pair> {
  const fairlead = await runOf(stage, 'fairlead', count, needsFinalizer);
  return { fairlead, bare: await runOf(stage, 'bare loop', count, needsFinalizer) };
}

async function runOf(stage: Stage, side: Side, count: number, needsFinalizer: boolean): Promise<Run> {
  const names = newNames(count);
  await createServices(stage.api, names);
  await stage.quiet();
  const watch = await stage.watch();
  const process = stage.start(side, { finalizer: needsFinalizer });
  try {
    const last = await watch.untilAddresses(names, 30_000 + 60 * count);
    return { perSecond: (1_000 * count) / (last - process.spawnedAt), cpuMs: process.cpuMs() / count };
  } finally {
    watch.close();
    await process.stop();
    await clear(stage.api);
    await stage.quiet();
  }
}

function cpu(runs: ReadonlyMap<number, readonly Pair[]>): readonly Figure[] {
  const cpuOf = (count: number, of: (pair: Pair) => Run): number =>
    median((runs.get(count) ?? []).map(pair => of(pair).cpuMs));
  const [few, , many] = counts;
  const growth = cpuOf(many, pair => pair.fairlead) / cpuOf(few, pair => pair.fairlead);
  const ratios = (runs.get(many) ?? []).map(({ fairlead, bare }) => fairlead.cpuMs / bare.cpuMs);
  const each = counts.map(count => cpuOf(count, pair => pair.fairlead).toFixed(2)).join(', ');
  return [
    {
      figure: 'CPU per Service, at 5,000 to that at 1,000',
      measured: times(growth),
      must: '≤ 1.10×',
      reached: growth <= 1.1,
      detail: `${each} ms at 1,000, 2,500, 5,000, start included`,
    },
    {
      figure: 'CPU per Service at 5,000, to the bare loop',
      measured: times(median(ratios)),
      must: '< 2.50×',
      reached: median(ratios) < 2.5,
      detail: `${cpuOf(many, pair => pair.fairlead).toFixed(2)} : ${cpuOf(many, pair => pair.bare).toFixed(2)} ms; at 1,000 ${cpuOf(few, pair => pair.fairlead).toFixed(2)} : ${cpuOf(few, pair => pair.bare).toFixed(2)} ms`,
    },
  ];
}

function textOf({ perSecond, cpuMs }: Run): string {
  return `${perSecond.toFixed(0)}/s, ${cpuMs.toFixed(2)} ms CPU each`;
}
