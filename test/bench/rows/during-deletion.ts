import { pause } from '../deadline.ts';
import { ms } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import { createServices, deleteServices, newNames } from '../stage/services.ts';
import type { Stage } from '../stage/stage.ts';
import { percentile } from '../statistics.ts';

const count = 2_500;
/** Between two new Services. */
const everyMs = 100;

/** New Services while many go, each of which has to be deleted outside and to lose its finalizer. */
export const duringDeletion: Row = {
  name: 'deletion',
  measure: bench =>
    bench.onStage(async stage => {
      const process = stage.start('fairlead', { finalizer: true });
      try {
        const taken = (await bench.repeat(turn => measure(bench, stage, turn))).flat();
        const p50 = percentile(taken, 50);
        return [
          {
            figure: 'address of a new Service during the deletion of 2,500, p50',
            measured: ms(p50),
            must: '< 100 ms',
            reached: p50 < 100,
            detail: `p99 ${ms(percentile(taken, 99))}; ${taken.length} new Services in ${bench.times} deletions, from the create’s answer`,
          },
        ];
      } finally {
        await process.stop();
      }
    }),
};

async function measure(bench: Bench, stage: Stage, turn: number): Promise<readonly number[]> {
  const going = await stage.serve(bench.many(count));
  await stage.quiet();
  const watch = await stage.watch();
  const taken: number[] = [];
  const began = performance.now();
  let goneAt: number | undefined;
  const gone = Promise.all([deleteServices(stage.api, going), watch.untilGone(going, 300_000)]).then(([, at]) => {
    goneAt = at;
  });
  // Looked at below: until then it must not count as unhandled.
  gone.catch(() => undefined);
  const fresh: string[] = [];
  const created = new Map<string, number>();
  while (goneAt === undefined && performance.now() - began < 300_000) {
    const [name = ''] = newNames(1);
    fresh.push(name);
    created.set(name, (await createServices(stage.api, [name])).get(name)?.answeredAt ?? Number.NaN);
    await pause(everyMs);
  }
  await gone;
  await watch.untilAddresses(fresh, 60_000);
  watch.close();
  for (const name of fresh) {
    taken.push(Math.max(0, (watch.addressSeenAt(name) ?? Number.NaN) - (created.get(name) ?? Number.NaN)));
  }
  bench.say(
    `deletion ${turn}: ${going.length} gone after ${ms(performance.now() - began)}; new ones p50 ${ms(percentile(taken, 50))}`,
  );
  return taken;
}
