import { poll } from '../deadline.ts';
import type { Figure } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import type { Contender } from '../stage/contender.ts';
import { createNodes } from '../stage/nodes.ts';
import type { Stage } from '../stage/stage.ts';
import { listed, readWrites, writesSince } from '../stage/write-counts.ts';

const count = 2_500;
const settledMs = 6_000;

/** One node comes: each Service's backends change, its status does not. */
export const nodeAdded: Row = {
  name: 'node',
  measure: bench => bench.onStage(stage => measure(bench, stage)),
};

async function measure(bench: Bench, stage: Stage): Promise<readonly Figure[]> {
  const services = bench.many(count);
  const process = stage.start('fairlead', { counted: true });
  try {
    await stage.serve(services);
    await stage.quiet();
    await settledEnsures(process);
    const [ensures, writes] = [await process.counts(), await readWrites(stage.api)];
    await createNodes(stage.api, 1);
    const after = await settledEnsures(process);
    // The bench itself has made the node.
    const written = new Map(
      [...writesSince(writes, await readWrites(stage.api))].filter(([resource]) => resource !== 'nodes'),
    );
    bench.say(`${after.ensures - ensures.ensures} ensures for one node, written: ${listed(written)}`);
    return [ensureFigure(services, ensures, after), statusFigure(written)];
  } finally {
    await process.stop();
  }
}

type Counts = Awaited<ReturnType<Contender['counts']>>;

/** Until the number of ensures has stood still for a while. */
function settledEnsures(process: Contender): Promise<Counts> {
  let [ensures, since] = [-1, 0];
  return poll({ limitMs: 120_000, everyMs: 500, what: 'an end of the ensures' }, async () => {
    const counts = await process.counts();
    if (counts.ensures !== ensures) [ensures, since] = [counts.ensures, performance.now()];
    return performance.now() - since > settledMs ? counts : undefined;
  });
}

/** Where each had as many as the others before and has one more now, each had exactly one. */
function ensureFigure(services: number, before: Counts, after: Counts): Figure {
  const made = after.ensures - before.ensures;
  const evenly = before.mostOfOne === before.fewestOfOne && after.mostOfOne === after.fewestOfOne;
  return {
    figure: 'one node added, 2,500 Services: ensures of each',
    measured: evenly ? String(after.mostOfOne - before.mostOfOne) : `${(made / services).toFixed(2)}, unevenly`,
    must: '1',
    reached: evenly && made === services && after.balancers === services,
    detail: `${made} ensures; before, each had ${before.fewestOfOne}–${before.mostOfOne}`,
  };
}

function statusFigure(written: ReadonlyMap<string, number>): Figure {
  const statusWrites = written.get('services/status') ?? 0;
  return {
    figure: 'one node added, 2,500 Services: status writes',
    measured: String(statusWrites),
    must: '0',
    reached: statusWrites === 0,
    detail: `all writes: ${listed(written)}`,
  };
}
