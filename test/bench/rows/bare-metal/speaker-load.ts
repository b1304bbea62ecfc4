import { pause } from '../../deadline.ts';
import type { Bench, Row } from '../../row.ts';
import { cpuMs, memoryMb } from '../../stage/usage.ts';
import { flood } from '../../wire/prober.ts';
import type { SpeakerLab } from '../../wire/speaker-lab.ts';
import { whyNoWire, wireTools } from '../../wire/tools.ts';

const count = 5_000;
const settleMs = 15_000;
const seconds = 20;
const perSecond = 5_000;
/** Of the segment, outside the pool: as many hosts ask for each other. */
const foreign = { first: '198.18.200.0', targets: 5_000 };

/** One speaker that announces everything, with another beside it that hears its heartbeats. */
export const speakerLoad: Row = {
  name: 'speaker-load',
  unavailable: whyNoWire,
  measure: bench => bench.onSpeakerLab(2, lab => measure(bench, lab)),
};

async function measure(bench: Bench, lab: SpeakerLab) {
  const [owner, other] = lab.segment.nodes;
  if (owner === undefined || other === undefined) throw new Error('a segment of two nodes was asked for');
  const addresses = bench.many(count);
  await lab.kill(other);
  await lab.serve(addresses);
  await lab.untilClaimed(owner, addresses);
  // Nothing moves because it comes.
  await lab.fairlead.startSpeaker(other.name);
  await pause(settleMs);
  const pid = lab.pidOf(owner);
  const idle = await cpuPercent(pid, () => pause(seconds * 1_000));
  let sent = 0;
  const asked = await cpuPercent(pid, async () => {
    sent = await flood(await wireTools(), lab.segment.client, { perSecond, seconds, ...foreign });
  });
  await lab.untilClaimed(owner, addresses);
  const memory = memoryMb(pid);
  const beside = memoryMb(lab.pidOf(other)).now;
  bench.say(
    `${memory.now.toFixed(0)} MB (peak ${memory.peak.toFixed(0)}); idle ${idle.toFixed(1)} %, at ${sent}/s ${asked.toFixed(1)} %`,
  );
  return [
    {
      figure: '5,000 announced addresses: memory of the speaker',
      measured: `${memory.now.toFixed(0)} MB`,
      must: '< 160 MB',
      reached: memory.now < 160,
      detail: `RSS; peak ${memory.peak.toFixed(0)} MB; a speaker beside it that announces none ${beside.toFixed(0)} MB`,
    },
    {
      figure: '5,000 announced addresses: CPU at 5,000 foreign ARP requests/s',
      measured: `${asked.toFixed(1)} %`,
      must: '< 10 % of a core',
      reached: asked < 10 && sent > 0.98 * perSecond,
      detail: `at ${sent}/s for ${seconds} s; without them ${idle.toFixed(1)} %`,
    },
  ];
}

/** Of one core, while `during` lasts. */
async function cpuPercent(pid: number, during: () => Promise<void>): Promise<number> {
  const before = { at: performance.now(), cpuMs: cpuMs(pid) };
  await during();
  return (100 * (cpuMs(pid) - before.cpuMs)) / (performance.now() - before.at);
}
