// `npm run bench`: takes every figure on a real API server and prints them as a table. Figures that are not reached fail nothing.
import { cpus } from 'node:os';
import { buildBundles } from './bundles.ts';
import { within } from './deadline.ts';
import { type Machine, markdown, type RowResult } from './figure.ts';
import { help, type Options, readOptions } from './options.ts';
import { Bench, type Row } from './row.ts';
import { aws } from './rows/aws.ts';
import { backlog, finalizer } from './rows/backlog.ts';
import { arp } from './rows/bare-metal/arp.ts';
import { bareMetalBacklog } from './rows/bare-metal/bare-metal-backlog.ts';
import { bareMetalRestart } from './rows/bare-metal/bare-metal-restart.ts';
import { falseFailovers } from './rows/bare-metal/false-failovers.ts';
import { handover } from './rows/bare-metal/handover.ts';
import { speakerFailover } from './rows/bare-metal/speaker-failover.ts';
import { speakerLoad } from './rows/bare-metal/speaker-load.ts';
import { duringDeletion } from './rows/during-deletion.ts';
import { events } from './rows/events.ts';
import { failover } from './rows/failover.ts';
import { liveCreate } from './rows/live-create.ts';
import { memory } from './rows/memory.ts';
import { nodeAdded } from './rows/node-added.ts';
import { restart } from './rows/restart.ts';
import { start } from './rows/start.ts';
import { machineCpuMs, ownCpuMs } from './stage/usage.ts';

const rows: readonly Row[] = [
  backlog,
  finalizer,
  events,
  liveCreate,
  restart,
  duringDeletion,
  nodeAdded,
  start,
  failover,
  memory,
  arp,
  speakerFailover,
  falseFailovers,
  handover,
  bareMetalBacklog,
  speakerLoad,
  bareMetalRestart,
  aws,
];
const rowLimitMs = 45 * 60_000;

async function run(options: Options): Promise<void> {
  const chosen = rows.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  say('building both bundles');
  const bundles = await buildBundles();
  const results: RowResult[] = [];
  let kubernetes = 'none';
  const skipped: string[] = [];
  for (const row of chosen) {
    const why = await row.unavailable?.();
    if (why !== undefined) {
      say(`row ${row.name}: SKIPPED, ${why}`);
      skipped.push(`${row.name} (${why})`);
      continue;
    }
    say(`row ${row.name}`);
    const bench = new Bench(options, bundles, text => say(`  ${row.name}: ${text}`));
    results.push(await measure(row, bench));
    if (bench.kubernetes !== undefined) kubernetes = bench.kubernetes;
  }
  const machine: Machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    kubernetes,
  };
  const conditions = `medians of ${options.times}${options.scale === 1 ? '' : `, ${options.scale} of the objects: not figures that count`}${skipped.length === 0 ? '' : `; skipped: ${skipped.join(', ')}`}`;
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ machine, options, results, skipped }, null, 2)}\n`
      : markdown(results, machine, conditions),
  );
}

async function measure(row: Row, bench: Bench): Promise<RowResult> {
  const before = { at: performance.now(), own: ownCpuMs(), machine: machineCpuMs() };
  const figures = await within(rowLimitMs, `row ${row.name}`, row.measure(bench));
  const tookMs = performance.now() - before.at;
  const machine = machineCpuMs();
  const others = machine.busy - before.machine.busy - (ownCpuMs() - before.own);
  for (const { figure, measured, must, reached } of figures)
    say(`  ${reached ? 'PASS' : 'MISS'} ${figure}: ${measured} (${must})`);
  return {
    row: row.name,
    figures,
    seconds: Math.round(tookMs / 1_000),
    othersPercent: Math.max(0, (100 * others) / tookMs),
    stolenPercent: (100 * (machine.stolen - before.machine.stolen)) / tookMs,
  };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

// Clusters and processes that are under way, and their folders, go with this process: see guarded-process.mjs.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    say(`bench: ended by ${signal}`);
    process.exit(code);
  });
}
try {
  const names = rows.map(({ name }) => name);
  const options = readOptions(process.argv.slice(2), names);
  if (options === 'help') process.stdout.write(help(names));
  else await run(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
