import { poll } from '../deadline.ts';
import type { Figure } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import { clear, countEvents, createServices, newNames, ourEvents } from '../stage/services.ts';
import type { Stage } from '../stage/stage.ts';
import { listed, total } from '../stage/write-counts.ts';

const count = 1_000;
/** Without a new one for so long, they are all written. */
const settledMs = 5_000;

/** Events of a create, and how many of them were written before the last address: those come first. */
export const events: Row = {
  name: 'events',
  async measure(bench) {
    const figures: Figure[] = [];
    for (const finalizer of [false, true]) {
      figures.push(await bench.onStage(stage => measure(bench, stage, finalizer)));
    }
    return figures;
  },
};

async function measure(bench: Bench, stage: Stage, finalizer: boolean): Promise<Figure> {
  const services = bench.many(count);
  const names = newNames(services);
  await createServices(stage.api, names);
  const watch = await stage.watch();
  const process = stage.start('fairlead', { finalizer });
  try {
    await watch.untilAddresses(names, 120_000);
    const early = total(await ourEvents(stage.api));
    await untilSettled(stage);
    const written = await ourEvents(stage.api);
    const all = total(written);
    bench.say(`${all} Events for ${services} Services, ${early} of them before the last address`);
    const dropped = await process.metric('fairlead_events_dropped_total');
    return {
      figure: `Events a create${finalizer ? ', with finalizer' : ''}`,
      measured: (all / services).toFixed(2),
      must: '≤ 2, behind the addresses',
      reached: all <= 2 * services && all > 0 && dropped === 0,
      detail: `${listed(written)}; ${early} of them before the last address; ${dropped} dropped`,
    };
  } finally {
    watch.close();
    await process.stop();
    await clear(stage.api);
  }
}

async function untilSettled(stage: Stage): Promise<void> {
  let [seen, since] = [-1, 0];
  await poll({ limitMs: 120_000, everyMs: 500, what: 'an end of the Events' }, async () => {
    const now = await countEvents(stage.api);
    if (now !== seen) [seen, since] = [now, performance.now()];
    return performance.now() - since > settledMs ? true : undefined;
  });
}
