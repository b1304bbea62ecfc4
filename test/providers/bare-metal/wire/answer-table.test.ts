import { expect, test } from 'vitest';
import { AnswerTable } from '../../../../providers/bare-metal/wire/answer-table.ts';
import {
  type ArpParts,
  arp,
  ipv4,
  ipv6,
  macOption,
  type NeighborParts,
  neighbor,
  own,
  peer,
  tagged,
} from './frames.ts';

const other = Buffer.from('02cccccccc03', 'hex');
const nobody = ipv6('::');
const noOptions = Buffer.alloc(0);

/** Answers for 192.0.2.10 and fd00::a. */
function answerOf(frame: Buffer, table = tableOf('192.0.2.10', 'fd00::a')): Buffer | undefined {
  const out = Buffer.alloc(128, 0xee);
  const size = table.answer(frame, own, out);
  return size === 0 ? undefined : out.subarray(0, size);
}

function tableOf(...addresses: readonly string[]): AnswerTable {
  const table = new AnswerTable();
  for (const address of addresses) table.add(address);
  return table;
}

const reply = {
  destination: peer,
  source: own,
  operation: 2,
  senderMac: own,
  sender: ipv4('192.0.2.10'),
  targetMac: peer,
};

test.each<[string, ArpParts, ArpParts]>([
  ['a broadcast request', {}, { ...reply, target: ipv4('192.0.2.9') }],
  ['a request to this MAC, as NUD probes are', { destination: own }, { ...reply, target: ipv4('192.0.2.9') }],
  ['a probe, to defend the address', { sender: ipv4('0.0.0.0') }, { ...reply, target: ipv4('0.0.0.0') }],
  ['a request with padding', { padding: 300 }, { ...reply, target: ipv4('192.0.2.9') }],
])('%s is answered to the one who asks', (_, request, answer) => {
  expect(answerOf(arp(request))).toEqual(arp(answer));
});

test.each<[string, Buffer]>([
  ['a request for another address', arp({ target: ipv4('192.0.2.11') })],
  ['a reply', arp({ operation: 2 })],
  ['a request to another MAC', arp({ destination: other })],
  ['gratuitous ARP for our address by a stranger', arp({ sender: ipv4('192.0.2.10') })],
  ['a request from our address', arp({ sender: ipv4('192.0.2.10'), target: ipv4('192.0.2.10') })],
  ['a request with a VLAN tag', tagged(arp(), 5)],
  ['a truncated request', arp().subarray(0, 40)],
  ['a solicitation for another address', neighbor({ target: ipv6('fd00::b') })],
  ['an advertisement', neighbor({ type: 136, destination: ipv6('fd00::1'), options: macOption(2, peer) })],
  ['a solicitation to another MAC', neighbor({ destinationMac: other })],
  ['a solicitation from our address', neighbor({ source: ipv6('fd00::a') })],
  ['a solicitation with a wrong checksum', neighbor({ checksumError: 1 })],
  ['an empty frame', noOptions],
])('%s is not answered', (_, frame) => {
  expect(answerOf(frame)).toBeUndefined();
});

const advertisement: NeighborParts = {
  sourceMac: own,
  source: ipv6('fd00::a'),
  type: 136,
  target: ipv6('fd00::a'),
  options: macOption(2, own),
};

test.each<[string, NeighborParts, Buffer]>([
  ['with its MAC, to that MAC', { options: macOption(1, other) }, other],
  ['without a MAC, to where the frame came from', { options: noOptions }, peer],
  ['to one, as NUD probes are', { destination: ipv6('fd00::a'), destinationMac: own, options: noOptions }, peer],
])('a solicitation %s is answered from the address, with S and O', (_, solicitation, destinationMac) => {
  const answer = { ...advertisement, flags: 0x60, destination: ipv6('fd00::9'), destinationMac };
  expect(answerOf(neighbor(solicitation))).toEqual(neighbor(answer));
});

test('a DAD probe is answered to all nodes, without S', () => {
  const answer = { ...advertisement, flags: 0x20, destination: ipv6('ff02::1') };
  expect(answerOf(neighbor({ source: nobody, options: noOptions }))).toEqual(neighbor(answer));
});

test('an answer over an older one in the same buffer has nothing of it', () => {
  const table = tableOf('192.0.2.10', 'fd00::a');
  const out = Buffer.alloc(128);
  table.answer(neighbor({ source: nobody, options: noOptions }), own, out);
  const size = table.answer(neighbor(), own, out);
  expect(out.subarray(0, size)).toEqual(answerOf(neighbor(), table));
});

test('what was removed is not answered for any more', () => {
  const table = tableOf('192.0.2.10', 'fd00::a');
  table.delete('192.0.2.10');
  expect(answerOf(arp(), table)).toBeUndefined();
  expect(answerOf(neighbor(), table)).toBeDefined();
  table.clear();
  expect(answerOf(neighbor(), table)).toBeUndefined();
});
