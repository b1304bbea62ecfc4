import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arpFilter, heartbeatFilter, neighborFilter } from '../../../../providers/bare-metal/wire/filters.ts';
import { clusterHashOf, heartbeatFrame } from '../../../../providers/bare-metal/wire/heartbeat.ts';
import { arp, ipv4, ipv6, macOption, neighbor, own, tagged } from './frames.ts';
import { type FrameContext, runFilter } from './run-filter.ts';

const clusterHash = clusterHashOf('cluster');
const { frame: heartbeat } = heartbeatFrame(
  {
    node: 'n1',
    bootId: '6f1c2a52-77aa-4dcb-9d2e-0c8a3f1b9d10',
    counter: 1,
    isLeaving: false,
    isListening: false,
    mac: '02:aa:aa:aa:aa:01',
    total: 0,
    claims: [],
  },
  { clusterHash, key: undefined },
  1500,
);

const ours = [ipv4('192.0.2.10'), ipv6('fd00::a'), ipv4('203.0.113.255'), ipv4('198.51.100.0')];
const filters = {
  arp: arpFilter(ours),
  neighbor: neighborFilter(ours),
  heartbeat: heartbeatFilter(clusterHash),
  nothing: arpFilter([]),
};

test.each<[string, keyof typeof filters, Buffer]>([
  ['a request for an address of ours', 'arp', arp()],
  ['a request for another one', 'arp', arp({ target: ipv4('203.0.113.255') })],
  ['gratuitous ARP by a stranger', 'arp', arp({ operation: 2, sender: ipv4('198.51.100.0'), target: ipv4('9.9.9.9') })],
  ['a solicitation', 'neighbor', neighbor()],
  ['an advertisement', 'neighbor', neighbor({ type: 136, options: macOption(2, own) })],
  ['a heartbeat', 'heartbeat', heartbeat],
])('%s passes the %s filter', (_, name, frame) => {
  expect(runFilter(filters[name], frame)).toBeGreaterThanOrEqual(frame.length);
});

test.each<[string, keyof typeof filters, Buffer, FrameContext?]>([
  ['ARP about others', 'arp', arp({ target: ipv4('192.0.2.11') })],
  ['an address below all', 'arp', arp({ sender: ipv4('1.0.0.1'), target: ipv4('1.0.0.2') })],
  ['an address above all', 'arp', arp({ sender: ipv4('223.0.0.1'), target: ipv4('223.0.0.2') })],
  ['ARP that is not for IPv4', 'arp', arp({ head: '000186dd0604' })],
  ['truncated ARP', 'arp', arp({ target: ipv4('9.9.9.9') }).subarray(0, 40)],
  ['ARP with a VLAN tag in it', 'arp', tagged(arp(), 7)],
  ['ARP with a VLAN tag beside it', 'arp', arp(), { isVlanTagged: true }],
  ['ARP of a VLAN that the host has no device for', 'arp', arp(), { packetType: 3 }],
  ['ARP that we send', 'arp', arp(), { packetType: 4 }],
  ['ARP, when nothing is ours', 'nothing', arp()],
  ['IPv6', 'arp', neighbor()],
  ['a solicitation about others', 'neighbor', neighbor({ target: ipv6('fd00::b') })],
  ['a router advertisement', 'neighbor', neighbor({ type: 134 })],
  ['a solicitation through a router', 'neighbor', neighbor({ hopLimit: 64 })],
  ['UDP', 'neighbor', neighbor({ nextHeader: 17 })],
  ['a solicitation with a VLAN tag beside it', 'neighbor', neighbor(), { isVlanTagged: true }],
  ['a heartbeat of another cluster', 'heartbeat', Buffer.concat([heartbeat.subarray(0, 22), Buffer.alloc(80)])],
  ['another user of the EtherType', 'heartbeat', Buffer.concat([heartbeat.subarray(0, 14), Buffer.alloc(80)])],
  ['an empty frame', 'heartbeat', Buffer.alloc(0)],
])('%s does not pass the %s filter', (_, name, frame, context) => {
  expect(runFilter(filters[name], frame, context)).toBe(0);
});

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}

const far = fc.integer({ min: 1, max: 2 ** 32 - 1 });

test('up to 60 runs of addresses are matched exactly, at either end of ARP', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(far, { maxLength: 60 }),
      fc.integer({ min: -1, max: 1 }),
      far,
      (list, step, stranger) => {
        const program = arpFilter(list.map(number));
        const isOurs = (value: number) => list.includes(value);
        for (const value of [...list.map(address => address + step), stranger]) {
          if (value < 0 || value >= 2 ** 32) continue;
          const [asSender, asTarget] = [arp({ sender: number(value) }), arp({ target: number(value) })];
          expect(runFilter(program, asSender) > 0).toBe(isOurs(value) || isOurs(0xc000020a));
          expect(runFilter(program, asTarget) > 0).toBe(isOurs(value) || isOurs(0xc0000209));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('of a pool of 5,000 in a row every address passes and no other', () => {
  const list = Array.from({ length: 5000 }, (_, index) => number(0xc6120000 + index));
  const program = arpFilter(list);
  expect(program.length / 8).toBeLessThan(30);
  for (const target of list) expect(runFilter(program, arp({ target }))).toBeGreaterThan(0);
  for (const target of [number(0xc6120000 - 1), number(0xc6120000 + 5000)])
    expect(runFilter(program, arp({ target }))).toBe(0);
});

test('of thousands far apart none is missed, in a program that the kernel takes', () => {
  const list = Array.from({ length: 3000 }, (_, index) => number((index * 1_431_655) >>> 0));
  const [forArp, forNeighbors] = [
    arpFilter(list),
    neighborFilter(list.map(tail => Buffer.concat([Buffer.alloc(12), tail]))),
  ];
  expect(Math.max(forArp.length, forNeighbors.length) / 8).toBeLessThanOrEqual(4096);
  for (const target of list) {
    expect(runFilter(forArp, arp({ target }))).toBeGreaterThan(0);
    const solicitation = neighbor({ target: Buffer.concat([Buffer.from('fd00', 'hex'), Buffer.alloc(10), target]) });
    expect(runFilter(forNeighbors, solicitation)).toBeGreaterThan(0);
  }
});
