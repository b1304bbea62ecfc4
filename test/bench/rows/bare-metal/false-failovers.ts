import { cpus } from 'node:os';
import { spawnGuarded } from '../../../../deploy/local-cluster/guarded-process.mjs';
import { Segment } from '../../../../deploy/local-cluster/segment/segment.mjs';
import { pause } from '../../deadline.ts';
import { ms } from '../../figure.ts';
import type { Row } from '../../row.ts';
import { Announcers } from '../../wire/announcers.ts';
import { longestDark, ownerChanges } from '../../wire/hearing.ts';
import { Watcher } from '../../wire/prober.ts';
import { whyNoWire, wireTools } from '../../wire/tools.ts';

const seconds = 600;
const busyPerCore = 2;
/** The client asks for one after the other, so for each of them every 60 ms. */
const addresses = Array.from({ length: 30 }, (_, index) => `198.18.0.${index + 1}`);

/** Processes of equal priority take all the processor time; all three speakers stay alive, so no address may change hands. */
export const falseFailovers: Row = {
  name: 'false-failovers',
  unavailable: whyNoWire,
  async measure(bench) {
    const tools = await wireTools();
    const segment = await Segment.create({ nodes: 3, clients: 1 });
    const announcers = await Announcers.start(segment, addresses);
    const busy: ReturnType<typeof spawnGuarded>[] = [];
    try {
      const watcher = await Watcher.start(tools, segment.client, addresses);
      // Every address has been heard from its owner before anything disturbs it.
      await pause(1_000);
      for (let index = 0; index < busyPerCore * cpus().length; index++)
        busy.push(spawnGuarded(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
      const lasts = bench.many(seconds);
      bench.say(`${busy.length} busy processes for ${lasts} s`);
      await pause(lasts * 1_000);
      const heard = await watcher.stop();
      const [changes, asked] = [ownerChanges(heard), heard.filter(({ kind }) => kind === 'ask').length];
      const answered = heard.filter(({ kind }) => kind === 'reply').length;
      const dark = Math.max(...addresses.map(one => longestDark(heard.filter(({ address }) => address === one))));
      return [
        {
          figure: `false failovers in ${lasts} s, ${busy.length} busy processes`,
          measured: String(changes),
          must: '0',
          reached: changes === 0 && answered > 0,
          detail: `30 addresses on 3 nodes; ${answered} of ${asked} questions answered, the latest answer after ${ms(dark)}`,
        },
      ];
    } finally {
      for (const process of busy) process.kill('SIGKILL');
      await announcers.stop();
      await segment.close();
    }
  },
};
