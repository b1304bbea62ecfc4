import { pause } from '../deadline.ts';
import type { Figure } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import type { Contender } from '../stage/contender.ts';
import { createNodes } from '../stage/nodes.ts';
import { createServices, newNames } from '../stage/services.ts';
import type { Stage } from '../stage/stage.ts';

const services = 10_000;
const nodes = 1_000;
const settleMs = 10_000;
const idleMs = 30_000;

/** The bundle, at rest and with a large cluster. */
export const memory: Row = {
  name: 'memory',
  measure: bench => bench.onStage(async stage => [...(await idle(bench, stage)), ...(await peak(bench, stage))]),
};

async function idle(bench: Bench, stage: Stage): Promise<readonly Figure[]> {
  const process = stage.start('fairlead');
  try {
    await stage.serve(1);
    await pause(settleMs);
    const percent = await idlePercent(process);
    const { now } = process.memoryMb();
    bench.say(`idle: ${now.toFixed(0)} MB, ${percent.toFixed(2)} % of a core`);
    return [
      { figure: 'memory, idle', measured: `${now.toFixed(0)} MB`, must: '< 120 MB', reached: now < 120, detail: 'RSS' },
      {
        figure: 'CPU, idle for 30 s',
        measured: `${percent.toFixed(2)} %`,
        must: '< 0.5 % of a core',
        reached: percent < 0.5,
        detail: 'user and system',
      },
    ];
  } finally {
    await process.stop();
  }
}

/** Of a process that gives all addresses, and of one that finds them all given. */
async function peak(bench: Bench, stage: Stage): Promise<readonly Figure[]> {
  await createNodes(stage.api, bench.many(nodes));
  const names = newNames(bench.many(services));
  await createServices(stage.api, names);
  await stage.quiet();
  const watch = await stage.watch();
  const first = await peakOf(stage, async () => {
    await watch.untilAddresses(names, 120_000 + 20 * names.length);
  });
  watch.close();
  const again = await peakOf(stage, () => pause(settleMs));
  const most = Math.max(first.mb, again.mb);
  bench.say(`${names.length} Services: ${textOf(first)}; restarted ${textOf(again)}`);
  return [
    {
      figure: 'memory, peak with 10,000 Services and 1,000 nodes',
      measured: `${most.toFixed(0)} MB`,
      must: '< 200 MB',
      reached: most < 200,
      detail: `RSS; from the start to all addresses and Events ${textOf(first)}; restarted ${textOf(again)}`,
    },
  ];
}

interface Peak {
  readonly mb: number;
  /** CPU in % of a core, afterwards. */
  readonly percent: number;
}

async function peakOf(stage: Stage, work: () => Promise<void>): Promise<Peak> {
  const process = stage.start('fairlead');
  try {
    await work();
    await stage.quiet();
    const percent = await idlePercent(process);
    return { mb: process.memoryMb().peak, percent };
  } finally {
    await process.stop();
  }
}

function textOf({ mb, percent }: Peak): string {
  return `${mb.toFixed(0)} MB, then ${percent.toFixed(2)} % of a core`;
}

async function idlePercent(process: Contender): Promise<number> {
  const before = { at: performance.now(), cpuMs: process.cpuMs() };
  await pause(idleMs);
  return (100 * (process.cpuMs() - before.cpuMs)) / (performance.now() - before.at);
}
