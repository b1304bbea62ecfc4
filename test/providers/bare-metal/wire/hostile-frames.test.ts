import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerTable } from '../../../../providers/bare-metal/wire/answer-table.ts';
import { arpFilter, neighborFilter } from '../../../../providers/bare-metal/wire/filters.ts';
import {
  clusterHashOf,
  type Heartbeat,
  heartbeatFrame,
  parseHeartbeat,
} from '../../../../providers/bare-metal/wire/heartbeat.ts';
import { parseSighting } from '../../../../providers/bare-metal/wire/sighting.ts';
import { arp, everybody, internetChecksum, ipv4, ipv6, macOption, neighbor, own, peer, tagged } from './frames.ts';
import { runFilter } from './run-filter.ts';

const addresses = [ipv4('192.0.2.10'), ipv6('fd00::a')];
const table = new AnswerTable();
table.add('192.0.2.10');
table.add('fd00::a');
const filters = [arpFilter(addresses), neighborFilter(addresses)];
const out = Buffer.alloc(128);

const authentication = { clusterHash: clusterHashOf('cluster'), key: Buffer.from('secret') };
const heartbeat: Heartbeat = {
  node: 'n1',
  bootId: '6f1c2a52-77aa-4dcb-9d2e-0c8a3f1b9d10',
  counter: 1,
  isLeaving: false,
  isListening: true,
  mac: '02:bb:bb:bb:bb:02',
  total: 2,
  claims: [
    { address: '192.0.2.10', since: 1, state: 'held' },
    { address: 'fd00::a', since: 2, state: 'held' },
  ],
};
const sealed = heartbeatFrame(heartbeat, authentication, 1500).frame;

const nobody = ipv6('::');
const noOptions = Buffer.alloc(0);
const originals = [
  arp(),
  arp({ destination: own }),
  arp({ sender: ipv4('0.0.0.0'), padding: 18 }),
  arp({ operation: 2 }),
  tagged(arp(), 1),
  neighbor(),
  neighbor({ source: nobody, options: noOptions }),
  neighbor({ destination: ipv6('fd00::a'), destinationMac: own, options: noOptions }),
  neighbor({ type: 136, destination: ipv6('ff02::1'), options: macOption(2, peer) }),
  neighbor({ options: Buffer.concat([macOption(14, own), macOption(1, peer)]), padding: 3 }),
  tagged(neighbor(), 0),
  sealed,
];

/** Values that codecs stumble over come up more often than others. */
const byte = fc.oneof(fc.constantFrom(0, 1, 2, 4, 8, 0x7f, 0x80, 0xff), fc.nat(255));
const change = fc.tuple(fc.nat(120), byte);
const mutation = fc.record({
  original: fc.nat(originals.length - 1),
  changes: fc.array(change, { maxLength: 4 }),
  size: fc.oneof(fc.constant(9999), fc.nat(130)),
  extra: fc.oneof(fc.constant(0), fc.nat(1500)),
  repairsChecksum: fc.boolean(),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate({ original, changes, size, extra, repairsChecksum }: Mutation): Buffer {
  const base = originals[original] ?? noOptions;
  const frame = Buffer.concat([base.subarray(0, size), Buffer.alloc(size < base.length ? 0 : extra, extra & 255)]);
  for (const [at, value] of changes) if (at < frame.length) frame.writeUInt8(value, at);
  const end = frame.length < 78 ? 0 : 54 + frame.readUInt16BE(18);
  if (repairsChecksum && end >= 78 && end <= frame.length) {
    frame.writeUInt16BE(0, 56);
    frame.writeUInt16BE(internetChecksum(frame.subarray(22, 38), frame.subarray(38, 54), frame.subarray(54, end)), 56);
  }
  return frame;
}

/** What no frame that is answered may lack: read off the standards once more, as one expression for each protocol. */
function deservesAnswer(frame: Buffer): boolean {
  if (frame.length < 42) return false;
  const isStation = (at: number) => frame.readUInt8(at) % 2 === 0 && frame.readUIntBE(at, 6) !== 0;
  const to = frame.subarray(0, 6);
  if (frame.toString('hex', 12, 22) === '08060001080006040001')
    return (
      isStation(6) &&
      isStation(22) &&
      (to.equals(own) || to.equals(everybody)) &&
      frame.subarray(38, 42).equals(ipv4('192.0.2.10')) &&
      !frame.subarray(28, 32).equals(ipv4('192.0.2.10'))
    );
  if (frame.length < 78 || frame.readUInt16BE(12) !== 0x86dd || frame.readUInt8(54) !== 135) return false;
  const end = 54 + frame.readUInt16BE(18);
  if (end > frame.length || end < 78) return false;
  const message = Buffer.from(frame.subarray(54, end));
  message.writeUInt16BE(0, 2);
  const [source, destination, target] = [frame.subarray(22, 38), frame.subarray(38, 54), frame.subarray(62, 78)];
  return (
    internetChecksum(source, destination, message) === frame.readUInt16BE(56) % 0xffff &&
    frame.readUInt16BE(20) === 0x3aff &&
    isStation(6) &&
    target.equals(ipv6('fd00::a')) &&
    source.readUInt8(0) !== 0xff &&
    !source.equals(target) &&
    (to.equals(own) || to.readUInt16BE(0) === 0x3333) &&
    (destination.equals(target) || destination.equals(ipv6('ff02::1').fill(Buffer.from('01ff00000a', 'hex'), 11)))
  );
}

test('100,000 mutated frames: none throws, none is answered or believed that should not be, and what is answered passes the filters', () => {
  const seen = { answered: 0, sighted: 0, heartbeats: 0 };
  fc.assert(
    fc.property(mutation, plan => {
      const frame = mutate(plan);
      const size = table.answer(frame, own, out);
      if (size > 0) {
        seen.answered++;
        if (!deservesAnswer(frame)) throw new Error('answered wrongly');
        if (!filters.some(program => runFilter(program, frame) > 0))
          throw new Error('would not have passed the filters');
        if (out.readUInt8(0) % 2 === 1 && plan.original !== 6 && !frame.subarray(22, 38).equals(nobody))
          throw new Error('answered to a group');
      }
      const sighting = parseSighting(frame);
      if (typeof sighting !== 'string') {
        seen.sighted++;
        if (/^(?:01|ff|.[13579bdf]:|00:00:00:00:00:00)/.test(sighting.mac)) throw new Error('a MAC that nobody has');
      }
      const heard = parseHeartbeat(frame, authentication);
      if (typeof heard === 'string') return;
      seen.heartbeats++;
      expect(heard).toEqual(heartbeat);
    }),
    { numRuns: 100_000 },
  );
  // The mutations leave enough of each kind whole, or the test would prove nothing.
  expect(Math.min(seen.answered, seen.sighted, seen.heartbeats)).toBeGreaterThan(500);
}, 60_000);

test('noise of every size up to 2,048 bytes is nothing', () => {
  fc.assert(
    fc.property(
      fc.nat(2048),
      fc.integer(),
      fc.constantFrom(0x0806, 0x86dd, 0x88b5, 0x8100),
      (size, seed, etherType) => {
        const frame = Buffer.alloc(size);
        for (let at = 0, value = seed; at < size; at++) {
          value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
          frame.writeUInt8(value >>> 24, at);
        }
        if (size >= 14) frame.writeUInt16BE(etherType, 12);
        expect(table.answer(frame, own, out)).toBe(0);
        expect(typeof parseHeartbeat(frame, authentication)).toBe('string');
        parseSighting(frame);
      },
    ),
    { numRuns: 5000 },
  );
});
