import { pause, poll } from '../deadline.ts';
import { type Figure, ms } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import type { Contender } from '../stage/contender.ts';
import { createServices, newNames } from '../stage/services.ts';
import type { Stage } from '../stage/stage.ts';
import { listed, readWrites, total, type WriteCounts, writesSince } from '../stage/write-counts.ts';
import { median, spread } from '../statistics.ts';

const count = 2_500;
/** Idle: less than 5 % of a core in use for a second, while it leads and nothing waits. */
const windowMs = 1_000;
const idleShare = 0.05;

interface Restart {
  readonly writes: WriteCounts;
  readonly mutations: number;
  readonly idleMs: number;
}

/** A new process over Services that are all served. */
export const restart: Row = {
  name: 'restart',
  measure: bench =>
    bench.onStage(async stage => {
      const first = stage.start('fairlead', { counted: true });
      await stage.serve(bench.many(count));
      await stage.quiet();
      await first.stop();
      const restarts = await bench.repeat(turn => restartOf(bench, stage, turn));
      const addresses = await bench.repeat(turn => newServiceOf(bench, stage, turn));
      return [...quietFigures(restarts), addressFigure(addresses)];
    }),
};

async function restartOf(bench: Bench, stage: Stage, turn: number): Promise<Restart> {
  await stage.quiet();
  const before = await readWrites(stage.api);
  const process = stage.start('fairlead', { counted: true });
  try {
    const idleMs = await untilIdle(process);
    await stage.quiet();
    const { mutations, ensures } = await process.counts();
    const writes = writesSince(before, await readWrites(stage.api));
    bench.say(
      `restart ${turn}: idle after ${ms(idleMs)}, writes: ${listed(writes)}; ${ensures} ensures, ${mutations} mutations`,
    );
    return { writes, mutations, idleMs };
  } finally {
    await process.stop();
  }
}

/** Milliseconds from the spawn to the beginning of the first idle window. */
export async function untilIdle(process: Contender): Promise<number> {
  const samples: { readonly at: number; readonly cpuMs: number }[] = [];
  const idleFrom = await poll({ limitMs: 60_000, everyMs: 50, what: 'an idle process after a restart' }, async () => {
    const now = { at: performance.now(), cpuMs: process.cpuMs() };
    samples.push(now);
    const from = samples.findLast(sample => now.at - sample.at >= windowMs);
    if (from === undefined || (now.cpuMs - from.cpuMs) / (now.at - from.at) >= idleShare) return undefined;
    const [leads, waiting] = [await process.metric('fairlead_leader'), await process.metric('workqueue_depth')];
    return leads === 1 && waiting === 0 ? from.at : undefined;
  });
  return idleFrom - process.spawnedAt;
}

/** Milliseconds from the create of a Service, sent right after the spawn, to its address. */
async function newServiceOf(bench: Bench, stage: Stage, turn: number): Promise<number> {
  await stage.quiet();
  const watch = await stage.watch();
  const [name = ''] = newNames(1);
  const process = stage.start('fairlead', { counted: true });
  try {
    const created = await createServices(stage.api, [name]);
    const seen = await watch.untilAddresses([name], 60_000);
    const taken = seen - (created.get(name)?.sentAt ?? Number.NaN);
    bench.say(`new Service at restart ${turn}: address after ${ms(taken)}`);
    await pause(windowMs);
    return taken;
  } finally {
    watch.close();
    await process.stop();
  }
}

function quietFigures(restarts: readonly Restart[]): readonly Figure[] {
  const writes = restarts.map(one => total(one.writes));
  const mutations = restarts.map(one => one.mutations);
  const idle = restarts.map(one => one.idleMs);
  const [least, most] = spread(idle);
  const written = restarts.find(one => one.writes.size > 0)?.writes ?? new Map<string, number>();
  return [
    {
      figure: 'restart with 2,500 healthy Services: writes',
      measured: String(Math.max(...writes)),
      must: '0',
      reached: writes.every(one => one === 0),
      detail: `most of ${restarts.length} restarts: ${listed(written)}; Leases left out`,
    },
    {
      figure: 'restart with 2,500: provider mutations',
      measured: String(Math.max(...mutations)),
      must: '0',
      reached: mutations.every(one => one === 0),
      detail: `most of ${restarts.length} restarts`,
    },
    {
      figure: 'restart with 2,500: idle after',
      measured: ms(median(idle)),
      must: '≤ 2,000 ms',
      reached: median(idle) <= 2_000,
      detail: `${ms(least)}–${ms(most)}`,
    },
  ];
}

function addressFigure(taken: readonly number[]): Figure {
  const [least, most] = spread(taken);
  return {
    figure: 'restart with 2,500: address of a Service created at that moment',
    measured: ms(median(taken)),
    must: '≤ 1,000 ms',
    reached: median(taken) <= 1_000,
    detail: `${ms(least)}–${ms(most)}`,
  };
}
