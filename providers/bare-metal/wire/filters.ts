import { etherTypes } from './ethernet.ts';
import { clusterAt, magic, magicAt } from './heartbeat.ts';

/**
 * Classic BPF programs for SO_ATTACH_FILTER: which frames the kernel hands to a socket at all. They save the work of looking at frames
 * that are not ours; who is answered is decided behind them, on the whole frame.
 *
 * All of them drop what is not for this host, and what has a VLAN tag. A tag of a VLAN that the host has no device for is taken off by the
 * kernel, which marks the frame PACKET_OTHERHOST and delivers it (net/core/dev.c, __netif_receive_skb_core): the mark tells. Frames to other
 * MACs (promiscuous interfaces) have the same mark, our own ones PACKET_OUTGOING.
 */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** linux/bpf_common.h and linux/filter.h. */
const load = { word: 0x20, half: 0x28, byte: 0x30 } as const;
const jump = { equal: 0x15, greater: 0x25, atLeast: 0x35 } as const;
const giveBack = 0x06;
const ancillary = { packetType: -0x1000 + 4, vlanTagPresent: -0x1000 + 48 } as const;
/** linux/if_packet.h: HOST 0, BROADCAST 1, MULTICAST 2; then OTHERHOST and OUTGOING. */
const packetOtherHost = 3;
const wholeFrame = 0xffff;

/** Both lists of the ARP program, two instructions a range, and what follows must lie within a jump of 255. */
const mostRanges = 60;

/** ARP for IPv4 that asks for, or comes from, one of the addresses. Many far apart ones are joined to ranges with strangers between. */
export function arpFilter(addresses: readonly Buffer[]): Buffer {
  const ours = rangesOf(addresses.filter(({ length }) => length === 4).map(bytes => bytes.readUInt32BE(0)));
  return filterProgram([
    ...addressed,
    ...isEqual(load.half, 12, etherTypes.arp),
    ...isEqual(load.word, 14, 0x0001_0800),
    ...isEqual(load.half, 18, 0x0604),
    ...acceptIn(28, ours),
    ...acceptIn(38, ours),
    drop,
  ]);
}

/** Neighbour messages whose target has the last four bytes of one of the addresses. */
export function neighborFilter(addresses: readonly Buffer[]): Buffer {
  const ours = rangesOf(addresses.filter(({ length }) => length === 16).map(bytes => bytes.readUInt32BE(12)));
  return filterProgram([
    ...addressed,
    ...isEqual(load.half, 12, etherTypes.ipv6),
    // Next header ICMPv6, hop limit 255; types 135 and 136.
    ...isEqual(load.half, 20, 0x3aff),
    [load.byte, 0, 0, 54],
    [jump.equal, 2, 0, 135],
    [jump.equal, 1, 0, 136],
    drop,
    ...acceptIn(74, ours),
    drop,
  ]);
}

/** Heartbeats of one cluster. */
export function heartbeatFilter(clusterHash: Buffer): Buffer {
  return filterProgram([
    ...addressed,
    ...isEqual(load.half, 12, etherTypes.heartbeat),
    ...isEqual(load.word, magicAt, magic),
    ...isEqual(load.word, clusterAt, clusterHash.readUInt32BE(0)),
    ...isEqual(load.word, clusterAt + 4, clusterHash.readUInt32BE(4)),
    accept,
  ]);
}

const accept: Instruction = [giveBack, 0, 0, wholeFrame];
const drop: Instruction = [giveBack, 0, 0, 0];

const addressed: readonly Instruction[] = [
  [load.word, 0, 0, ancillary.packetType],
  [jump.atLeast, 0, 1, packetOtherHost],
  drop,
  ...isEqual(load.word, ancillary.vlanTagPresent, 0),
];

function isEqual(size: number, offset: number, value: number): readonly Instruction[] {
  return [[size, 0, 0, offset], [jump.equal, 1, 0, value], drop];
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Accepts where the word at `offset` is in one of the ranges, which are sorted; else goes on behind itself. */
function acceptIn(offset: number, ranges: readonly Range[]): readonly Instruction[] {
  if (ranges.length === 0) return [];
  const tests = ranges.flatMap(({ first, last }, index): readonly Instruction[] => {
    const testsAfter = ranges.length - 1 - index;
    return [
      // Above this range: the next one, and after the last one over the accepting instruction.
      [jump.greater, testsAfter === 0 ? 2 : 1, 0, last],
      [jump.atLeast, 2 * testsAfter, 2 * testsAfter + 1, first],
    ];
  });
  return [[load.word, 0, 0, offset], ...tests, accept];
}

/** As the kernel reads them: struct sock_filter, in the byte order of x64 and arm64. */
export function filterProgram(instructions: readonly Instruction[]): Buffer {
  const out = Buffer.alloc(8 * instructions.length);
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    out.writeUInt16LE(code, 8 * index);
    out.writeUInt8(ifTrue, 8 * index + 2);
    out.writeUInt8(ifFalse, 8 * index + 3);
    out.writeInt32LE(value | 0, 8 * index + 4);
  }
  return out;
}

/** The fewest ranges that hold exactly these numbers; above `mostRanges`, those with the narrowest gaps between them are joined. */
function rangesOf(numbers: readonly number[]): readonly Range[] {
  const sorted = [...new Set(numbers)].toSorted((a, b) => a - b);
  const gaps = sorted
    .map((number, index) => ({ index, gap: number - (sorted[index - 1] ?? number) }))
    .filter(({ gap }) => gap > 1)
    .toSorted((a, b) => b.gap - a.gap)
    .slice(0, mostRanges - 1);
  const starts = [0, ...gaps.map(({ index }) => index).toSorted((a, b) => a - b)];
  return starts.flatMap((start, index) => {
    const first = sorted[start];
    const last = sorted[(starts[index + 1] ?? sorted.length) - 1];
    return first === undefined || last === undefined ? [] : [{ first, last }];
  });
}
