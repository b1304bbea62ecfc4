import { type Figure, ms, times } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import { clear, createServices, newNames } from '../stage/services.ts';
import type { Side, Stage } from '../stage/stage.ts';
import { median, percentile } from '../statistics.ts';

/** From the answer to the create until the address was seen, and from the sending of the create. */
interface Run {
  readonly p50: number;
  readonly p99: number;
  readonly fromSendP50: number;
  readonly fromSendP99: number;
}

interface Pair {
  readonly fairlead: Run;
  readonly bare: Run;
}

const count = 1_000;

/** Services are created 16 at a time while the process runs. */
export const liveCreate: Row = {
  name: 'create',
  async measure(bench) {
    const pairs = await bench.onStage(async stage => {
      await runOf(stage, 'fairlead', 100);
      await runOf(stage, 'bare loop', 100);
      return bench.repeat(turn => pairOf(bench, stage, turn));
    });
    return [figureOf('p50', pairs, run => run.p50, 2.5), figureOf('p99', pairs, run => run.p99, 3)];
  },
};

async function pairOf(bench: Bench, stage: Stage, turn: number): Promise<Pair> {
  const services = bench.many(count);
  const fairlead = await runOf(stage, 'fairlead', services);
  const bare = await runOf(stage, 'bare loop', services);
  bench.say(`pair ${turn}: ${textOf(fairlead)}; bare loop ${textOf(bare)}`);
  return { fairlead, bare };
}

async function runOf(stage: Stage, side: Side, services: number): Promise<Run> {
  const process = stage.start(side);
  try {
    await stage.serve(1);
    await stage.quiet();
    const watch = await stage.watch();
    const names = newNames(services);
    const created = await createServices(stage.api, names);
    await watch.untilAddresses(names, 60_000);
    watch.close();
    const from = (start: 'sentAt' | 'answeredAt'): readonly number[] =>
      names.map(name =>
        Math.max(0, (watch.addressSeenAt(name) ?? Number.NaN) - (created.get(name)?.[start] ?? Number.NaN)),
      );
    const [answered, sent] = [from('answeredAt'), from('sentAt')];
    return {
      p50: percentile(answered, 50),
      p99: percentile(answered, 99),
      fromSendP50: percentile(sent, 50),
      fromSendP99: percentile(sent, 99),
    };
  } finally {
    await process.stop();
    await clear(stage.api);
    await stage.quiet();
  }
}

function figureOf(name: 'p50' | 'p99', pairs: readonly Pair[], of: (run: Run) => number, most: number): Figure {
  const ratio = median(pairs.map(({ fairlead, bare }) => of(fairlead) / of(bare)));
  const both = (read: (run: Run) => number): string =>
    `${ms(median(pairs.map(pair => read(pair.fairlead))))} : ${ms(median(pairs.map(pair => read(pair.bare))))}`;
  const fromSend = name === 'p50' ? both(run => run.fromSendP50) : both(run => run.fromSendP99);
  return {
    figure: `address after create, 1,000 created 16 at a time, ${name}, to the bare loop`,
    measured: times(ratio),
    must: `≤ ${times(most)}`,
    reached: ratio <= most,
    detail: `${both(of)} from the create’s answer; ${fromSend} from its sending`,
  };
}

function textOf({ p50, p99 }: Run): string {
  return `p50 ${ms(p50)}, p99 ${ms(p99)}`;
}
