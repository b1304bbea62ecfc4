import { pause, poll } from '../deadline.ts';
import { ms } from '../figure.ts';
import type { Bench, Row } from '../row.ts';
import { createServices, newNames } from '../stage/services.ts';
import type { Stage } from '../stage/stage.ts';
import { spread } from '../statistics.ts';

/** --lease-duration's default. */
const leaseMs = 15_000;
/** More than --retry-period: the second process has seen that the Lease is held. */
const watchedMs = 5_000;

/** SIGKILL of the leader while another process waits. */
export const failover: Row = {
  name: 'failover',
  measure: bench =>
    bench.onStage(async stage => {
      const taken = await bench.repeat(turn => measure(bench, stage, turn));
      const [least, most] = spread(taken);
      return [
        {
          figure: 'SIGKILL of the leader to an address by the next',
          measured: ms(most),
          must: '≤ 16,000 ms: Lease duration + 1 s',
          reached: most <= leaseMs + 1_000,
          detail: `the longest of ${taken.length}; the shortest ${ms(least)}`,
        },
      ];
    }),
};

async function measure(bench: Bench, stage: Stage, turn: number): Promise<number> {
  const leader = stage.start('fairlead');
  await stage.serve(1);
  const next = stage.start('fairlead', { second: true });
  try {
    await poll({ limitMs: 20_000, everyMs: 100, what: 'a second process' }, async () =>
      (await next.metric('fairlead_build_info').catch(() => 0)) === 1 ? true : undefined,
    );
    // The kill falls at another point between two renewals each time.
    await pause(watchedMs + 400 * turn);
    const watch = await stage.watch();
    const names = newNames(1);
    const killedAt = performance.now();
    await leader.kill();
    await createServices(stage.api, names);
    const seenAt = await watch.untilAddresses(names, 60_000);
    watch.close();
    bench.say(`failover ${turn}: ${ms(seenAt - killedAt)}`);
    return seenAt - killedAt;
  } finally {
    await leader.kill();
    await next.stop();
  }
}
