import type { KubeList, Service } from '../../../../src/kube/objects.ts';
import { ms } from '../../figure.ts';
import type { Bench, Row } from '../../row.ts';
import { servicesPath } from '../../stage/services.ts';
import type { Stage } from '../../stage/stage.ts';
import { listed, readWrites, total, type WriteCounts, writesSince } from '../../stage/write-counts.ts';
import { spread } from '../../statistics.ts';
import { untilIdle } from '../restart.ts';

const count = 5_000;

interface Restart {
  readonly writes: WriteCounts;
  readonly changed: number;
  readonly idleMs: number;
}

/** A new controller over Services that all have an address of the pool. */
export const bareMetalRestart: Row = {
  name: 'bare-metal-restart',
  measure: bench =>
    bench.onStage(async stage => {
      await stage.applyKinds();
      const first = stage.start('fairlead', { bareMetal: true });
      await stage.serve(bench.many(count));
      await stage.quiet();
      await first.stop();
      return figuresOf(await bench.repeat(turn => restartOf(bench, stage, turn)));
    }),
};

async function restartOf(bench: Bench, stage: Stage, turn: number): Promise<Restart> {
  await stage.quiet();
  const [before, had] = [await readWrites(stage.api), await addresses(stage)];
  const process = stage.start('fairlead', { bareMetal: true });
  try {
    const idleMs = await untilIdle(process);
    await stage.quiet();
    const writes = writesSince(before, await readWrites(stage.api));
    const has = await addresses(stage);
    const changed = [...had].filter(([name, address]) => has.get(name) !== address).length;
    bench.say(
      `restart ${turn}: idle after ${ms(idleMs)}, writes: ${listed(writes)}; ${changed} of ${had.size} changed`,
    );
    return { writes, changed, idleMs };
  } finally {
    await process.stop();
  }
}

async function addresses(stage: Stage): Promise<ReadonlyMap<string, string>> {
  const list = await stage.api.request<KubeList<Service>>('GET', servicesPath);
  return new Map(
    (list?.items ?? [])
      .filter(({ spec }) => spec.type === 'LoadBalancer')
      .map(({ metadata, status }) => [metadata.name, JSON.stringify(status?.loadBalancer)]),
  );
}

function figuresOf(restarts: readonly Restart[]) {
  const writes = Math.max(...restarts.map(one => total(one.writes)));
  const changed = Math.max(...restarts.map(one => one.changed));
  const [least, most] = spread(restarts.map(one => one.idleMs));
  const written = restarts.find(one => one.writes.size > 0)?.writes ?? new Map<string, number>();
  return [
    {
      figure: 'restart with 5,000 Services of bare metal: writes',
      measured: String(writes),
      must: '0',
      reached: writes === 0,
      detail: `most of ${restarts.length} restarts: ${listed(written)}; Leases left out; idle after ${ms(least)}–${ms(most)}`,
    },
    {
      figure: 'restart with 5,000 Services of bare metal: addresses changed',
      measured: String(changed),
      must: '0',
      reached: changed === 0,
      detail: `most of ${restarts.length} restarts`,
    },
  ];
}
