import { Segment, type SegmentNode } from '../../../../deploy/local-cluster/segment/segment.mjs';
import { pause } from '../../deadline.ts';
import { type Figure, ms } from '../../figure.ts';
import type { Bench, Row } from '../../row.ts';
import { Announcers } from '../../wire/announcers.ts';
import { doubles, longestDark, ownerChanges } from '../../wire/hearing.ts';
import { type Heard, unixMs, Watcher } from '../../wire/prober.ts';
import { type WireTools, whyNoWire, wireTools } from '../../wire/tools.ts';

const address = '198.18.0.1';
/** Longer than a peer's timeout, so that whoever would still answer is heard. */
const settleMs = 1_000;
const frozenMs = 1_500;
/** Of the worker for its main thread is 10 s. */
const wedgedMs = 14_000;
const apartMs = 1_500;
/** --heartbeat-timeout's default. */
const heartbeatTimeoutMs = 350;

/** What one client heard around one event. */
interface Around {
  readonly heard: readonly Heard[];
  readonly before: SegmentNode;
  readonly after: SegmentNode;
  /** When the fault was over, or began where it has no end. */
  readonly at: number;
}

interface Scene {
  readonly bench: Bench;
  readonly tools: WireTools;
  readonly segment: Segment;
  readonly announcers: Announcers;
}

/** Gaps and double answers when an address changes hands, and when it must not. */
export const handover: Row = {
  name: 'handover',
  unavailable: whyNoWire,
  async measure(bench) {
    const tools = await wireTools();
    const segment = await Segment.create({ nodes: 3, clients: 1 });
    const announcers = await Announcers.start(segment, [address]);
    const scene = { bench, tools, segment, announcers };
    try {
      return [
        ...leaveFigures(await bench.repeat(() => around(scene, 'SIGTERM', terminated))),
        returnFigure(await bench.repeat(() => around(scene, 'a speaker comes back', cameBack))),
        killFigure(await bench.repeat(() => around(scene, 'SIGKILL', killed))),
        stopFigure(await bench.repeat(() => around(scene, 'SIGSTOP, SIGCONT', stopped))),
        wedgeFigure(await bench.repeat(() => around(scene, 'main thread wedged', wedged))),
        healFigure(await bench.repeat(() => around(scene, 'partition, healed', partitioned))),
      ];
    } finally {
      await announcers.stop();
      await segment.close();
    }
  },
};

/** Makes the fault; resolves with when it was over. */
type Fault = (scene: Scene, owner: SegmentNode) => Promise<number>;

async function around(scene: Scene, what: string, fault: Fault): Promise<Around> {
  const { tools, segment, announcers, bench } = scene;
  const before = await announcers.ownerOf(address);
  const watcher = await Watcher.start(tools, segment.client, [address]);
  await pause(settleMs);
  const at = await fault(scene, before);
  await pause(settleMs);
  const heard = await watcher.stop();
  const after = await announcers.ownerOf(address);
  await restore(scene, before);
  bench.say(`${what}: ${before.name} → ${after.name}, longest time without an answer ${ms(longestDark(heard))}`);
  return { heard, before, after, at };
}

async function terminated({ announcers }: Scene, owner: SegmentNode): Promise<number> {
  const at = unixMs();
  announcers.get(owner).signal('SIGTERM');
  await announcers.get(owner).ended();
  return at;
}

async function killed({ announcers }: Scene, owner: SegmentNode): Promise<number> {
  const at = unixMs();
  await announcers.get(owner).kill();
  await announcers.ownerOf(address, owner);
  return at;
}

/** The one that has just lost it is started again. */
async function cameBack(scene: Scene, owner: SegmentNode): Promise<number> {
  const { announcers, segment } = scene;
  const other = segment.nodes.find(node => node !== owner);
  if (other === undefined) throw new Error('no other node');
  await announcers.get(other).kill();
  const at = unixMs();
  await announcers.startOne(other);
  await announcers.untilListened(other);
  return at;
}

async function stopped({ announcers }: Scene, owner: SegmentNode): Promise<number> {
  announcers.get(owner).signal('SIGSTOP');
  await announcers.ownerOf(address, owner);
  await pause(frozenMs);
  const at = unixMs();
  announcers.get(owner).signal('SIGCONT');
  return at;
}

async function wedged({ announcers }: Scene, owner: SegmentNode): Promise<number> {
  const at = unixMs();
  announcers.get(owner).tell({ wedge: wedgedMs });
  await pause(wedgedMs);
  return at;
}

/** The client stays with the two that take over. */
async function partitioned({ announcers, segment }: Scene, owner: SegmentNode): Promise<number> {
  await segment.partition([owner]);
  await announcers.ownerOf(address, owner);
  await pause(apartMs);
  const at = unixMs();
  await segment.heal();
  return at;
}

/** Every node has a speaker that takes part. */
async function restore({ announcers, segment }: Scene, owner: SegmentNode): Promise<void> {
  if (!announcers.get(owner).isRunning) await announcers.startOne(owner);
  for (const node of segment.nodes) await announcers.untilListened(node);
}

function leaveFigures(all: readonly Around[]): readonly Figure[] {
  const dark = all.map(({ heard }) => longestDark(heard));
  const both = all.map(({ heard }) => doubles(heard).ms);
  const moved = all.filter(({ before, after }) => before !== after).length;
  return [
    {
      figure: 'SIGTERM: longest time without an answer',
      measured: ms(Math.max(...dark)),
      must: '≤ 20 ms',
      reached: Math.max(...dark) <= 20 && moved === all.length,
      detail: `${moved} of ${all.length} moved; each: ${dark.map(ms).join(', ')}`,
    },
    {
      figure: 'SIGTERM: both answering',
      measured: ms(Math.max(...both)),
      must: '≤ 100 ms',
      reached: Math.max(...both) <= 100,
      detail: `each: ${both.map(ms).join(', ')}`,
    },
  ];
}

function returnFigure(all: readonly Around[]): Figure {
  const changes = all.reduce((sum, { heard }) => sum + ownerChanges(heard), 0);
  return {
    figure: 'a speaker comes back: addresses moved',
    measured: String(changes),
    must: '0',
    reached: changes === 0,
    detail: `in ${all.length}; longest time without an answer ${ms(Math.max(...all.map(({ heard }) => longestDark(heard))))}`,
  };
}

function killFigure(all: readonly Around[]): Figure {
  return doublesFigure(
    'SIGKILL',
    all,
    all.map(({ heard }) => doubles(heard).frames),
  );
}

function stopFigure(all: readonly Around[]): Figure {
  return doublesFigure('SIGCONT after SIGSTOP', all, all.map(framesAfter));
}

function wedgeFigure(all: readonly Around[]): Figure {
  return doublesFigure(
    'main thread wedged',
    all,
    all.map(({ heard }) => doubles(heard).frames),
  );
}

function doublesFigure(fault: string, all: readonly Around[], frames: readonly number[]): Figure {
  const moved = all.filter(({ before, after }) => before !== after).length;
  return {
    figure: `${fault}: frames of the old owner beside the new`,
    measured: String(Math.max(...frames)),
    must: '0, but one already in send()',
    reached: Math.max(...frames) <= 1 && moved === all.length,
    detail: `each: ${frames.join(', ')}; ${moved} of ${all.length} moved; longest time without an answer ${ms(Math.max(...all.map(({ heard }) => longestDark(heard))))}`,
  };
}

/** Frames with the MAC of the old owner after it went on. */
function framesAfter({ heard, before, at }: Around): number {
  return heard.filter(one => one.mac === before.mac && one.at > at).length;
}

function healFigure(all: readonly Around[]): Figure {
  // The older claim holds: the owner of before has it again, and the others fall silent.
  const both = all.map(({ heard, before, at }) => {
    const last = heard.findLast(one => one.mac !== '' && one.mac !== before.mac)?.at ?? at;
    return Math.max(0, last - at);
  });
  return {
    figure: 'partition healed: both answering',
    measured: ms(Math.max(...both)),
    must: `≤ ${heartbeatTimeoutMs} ms`,
    reached: Math.max(...both) <= heartbeatTimeoutMs && all.every(({ before, after }) => before === after),
    detail: `each: ${both.map(ms).join(', ')}; the older claim held in ${all.filter(({ before, after }) => before === after).length} of ${all.length}`,
  };
}
