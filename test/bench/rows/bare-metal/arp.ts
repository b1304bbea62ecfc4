import { once } from 'node:events';
import { Segment, type SegmentNode } from '../../../../deploy/local-cluster/segment/segment.mjs';
import { within } from '../../deadline.ts';
import { type Figure, times } from '../../figure.ts';
import type { Bench, Row } from '../../row.ts';
import { median, percentile, spread } from '../../statistics.ts';
import { Announcers } from '../../wire/announcers.ts';
import { type RoundTrips, roundTrips } from '../../wire/prober.ts';
import { type WireTools, whyNoWire, wireTools } from '../../wire/tools.ts';

const spoken = '198.18.0.1';
const blocking = '198.18.0.2';
/** Of one answerer in one round; before the first round the speaker's worker has been asked 2,000 times. */
const count = 2_000;
const warmUp = 2_000;
const roundWarmUp = 200;
const gapMicros = 2_000;

type Answerer = 'speaker' | 'blocking' | 'kernel';
type Round = Readonly<Record<Answerer, RoundTrips>>;

/** The same node answers as a speaker, by a blocking raw socket, and by its kernel; the speakers of all nodes run all the time. */
export const arp: Row = {
  name: 'arp',
  unavailable: whyNoWire,
  async measure(bench) {
    const tools = await wireTools();
    const segment = await Segment.create({ nodes: 2, clients: 1 });
    const announcers = await Announcers.start(segment, [spoken]);
    try {
      const node = await announcers.ownerOf(spoken);
      const asked = bench.many(count);
      await roundTrips(tools, segment.client, { target: spoken, warmUp, count: 1, gapMicros: 500 });
      const rounds = await bench.repeat(turn => roundOf(bench, { tools, segment, node, asked, turn }));
      return [figureOf('p50', 50, rounds, 2), figureOf('p99', 99, rounds, 3)];
    } finally {
      await announcers.stop();
      await segment.close();
    }
  },
};

interface Place {
  readonly tools: WireTools;
  readonly segment: Segment;
  readonly node: SegmentNode;
  readonly asked: number;
  readonly turn: number;
}

async function roundOf(bench: Bench, { tools, segment, node, asked, turn }: Place): Promise<Round> {
  const ask = (target: string): Promise<RoundTrips> =>
    roundTrips(tools, segment.client, { target, warmUp: roundWarmUp, count: asked, gapMicros });
  const kernel = await ask(node.v4);
  const speaker = await ask(spoken);
  const responder = node.namespace.spawn(tools.responder, ['eth0', blocking], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    if (responder.stdout !== null) await within(10_000, 'the responder to start', once(responder.stdout, 'data'));
    const round = { speaker, blocking: await ask(blocking), kernel };
    bench.say(`round ${turn}: ${answerers.map(name => `${name} ${textOf(round[name])}`).join(', ')}`);
    return round;
  } finally {
    responder.kill('SIGKILL');
  }
}

const answerers: readonly Answerer[] = ['speaker', 'blocking', 'kernel'];

function figureOf(name: string, percent: number, rounds: readonly Round[], most: number): Figure {
  const of = (round: Round, answerer: Answerer): number => percentile(round[answerer].taken, percent);
  const ratios = rounds.map(round => of(round, 'speaker') / of(round, 'blocking'));
  const [least, greatest] = spread(ratios);
  const micros = (answerer: Answerer): string => `${median(rounds.map(round => of(round, answerer))).toFixed(0)} µs`;
  const unanswered = rounds.reduce((sum, { speaker }) => sum + speaker.unanswered, 0);
  return {
    figure: `ARP reply, ${name}, to a blocking raw socket`,
    measured: times(median(ratios)),
    must: `≤ ${times(most)}`,
    reached: median(ratios) <= most && unanswered === 0,
    detail: `${micros('speaker')} : ${micros('blocking')}; kernel ${micros('kernel')}; ${times(least)}–${times(greatest)}; ${unanswered} unanswered`,
  };
}

function textOf({ taken }: RoundTrips): string {
  return `${percentile(taken, 50).toFixed(0)}/${percentile(taken, 99).toFixed(0)} µs`;
}
