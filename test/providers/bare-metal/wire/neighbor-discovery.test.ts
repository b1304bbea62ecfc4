import { expect, test } from 'vitest';
import {
  groupMac,
  ndFault,
  neighborProbe,
  solicitedNodeGroup,
  unsolicitedAdvertisement,
} from '../../../../providers/bare-metal/wire/neighbor-discovery.ts';
import {
  everybody,
  ipv6,
  macOption,
  type NeighborParts,
  neighbor,
  own,
  peer,
  solicitedGroup,
  tagged,
} from './frames.ts';

const allNodes = ipv6('ff02::1');
const nobody = ipv6('::');
const noOptions = Buffer.alloc(0);
const nonce = Buffer.from('0e01010203040506', 'hex');

test.each<[string, NeighborParts]>([
  ['a solicitation to the group', {}],
  [
    'a unicast solicitation without a MAC, as NUD probes may be',
    { destination: ipv6('fd00::a'), destinationMac: own, options: noOptions },
  ],
  ['a DAD probe', { source: nobody, options: noOptions }],
  ['a DAD probe with a nonce (RFC 7527)', { source: nobody, options: nonce }],
  ['an advertisement to one', { type: 136, flags: 0x60, destination: ipv6('fd00::1'), options: macOption(2, peer) }],
  ['an unsolicited advertisement', { type: 136, flags: 0x20, destination: allNodes, options: macOption(2, peer) }],
  [
    'options that we do not know',
    { options: Buffer.concat([nonce, macOption(1, peer), Buffer.from('fd02', 'hex'), Buffer.alloc(14)]) },
  ],
  ['padding behind the message', { padding: 9 }],
])('%s is without fault', (_, parts) => {
  expect(ndFault(neighbor(parts))).toBeUndefined();
});

test.each<[string, Buffer, string]>([
  ['an empty frame', noOptions, 'not IPv6'],
  ['a VLAN tag', tagged(neighbor(), 7), 'not IPv6'],
  ['a frame cut within its target', neighbor().subarray(0, 77), 'truncated'],
  ['a frame cut within its option', neighbor().subarray(0, 80), 'truncated'],
  ['a hop-by-hop header before it', neighbor({ nextHeader: 0 }), 'not a neighbour message'],
  ['a router advertisement', neighbor({ type: 134 }), 'not a neighbour message'],
  ['an unknown code', neighbor({ code: 1 }), 'not a neighbour message'],
  ['hop limit 254: it came through a router', neighbor({ hopLimit: 254 }), 'hop limit below 255'],
  ['a wrong checksum', neighbor({ checksumError: 0x0100 }), 'wrong checksum'],
  ['an option of size zero', neighbor({ options: Buffer.alloc(8) }), 'bad option'],
  ['an option that reaches over the end', neighbor({ options: Buffer.from('0102000000000000', 'hex') }), 'bad option'],
  ['half an option header', neighbor({ options: Buffer.from('01', 'hex') }), 'bad option'],
  ['a MAC of 14 bytes', neighbor({ options: Buffer.from(`0102${'02'.repeat(14)}`, 'hex') }), 'bad option'],
  ['a broadcast MAC in its option', neighbor({ options: macOption(1, everybody) }), 'no station MAC'],
  ['a group as source of the frame', neighbor({ sourceMac: everybody, options: noOptions }), 'no station MAC'],
  ['a group as target', neighbor({ target: ipv6('ff02::a') }), 'no station address'],
  ['nobody as target', neighbor({ target: nobody }), 'no station address'],
  ['a group as source', neighbor({ source: allNodes }), 'no station address'],
  ['loopback as source', neighbor({ source: ipv6('::1') }), 'no station address'],
  ['a DAD probe with a MAC', neighbor({ source: nobody }), 'contradictory'],
  [
    'a DAD probe to one',
    neighbor({ source: nobody, options: noOptions, destination: ipv6('fd00::a') }),
    'contradictory',
  ],
  ['a solicitation to another group', neighbor({ destination: solicitedGroup(ipv6('fd00::b')) }), 'contradictory'],
  [
    'a solicited advertisement to all',
    neighbor({ type: 136, flags: 0x40, destination: allNodes, options: macOption(2, peer) }),
    'contradictory',
  ],
  [
    'an advertisement from nobody',
    neighbor({ type: 136, source: nobody, destination: allNodes, options: macOption(2, peer) }),
    'no station address',
  ],
])('%s is not believed', (_, frame, fault) => {
  expect(ndFault(frame)).toBe(fault);
});

test('an odd message is summed with a zero behind it', () => {
  expect(ndFault(neighbor({ options: Buffer.from('01', 'hex') }))).toBe('bad option');
});

test('a DAD probe is from nobody to the group, with no option', () => {
  const target = ipv6('fd00::a');
  expect(neighborProbe(target, own)).toEqual(neighbor({ sourceMac: own, source: nobody, options: noOptions, target }));
});

test('an unsolicited advertisement is to all nodes, from the address, with O and the MAC', () => {
  const address = ipv6('fd00::a');
  const parts = {
    sourceMac: own,
    source: address,
    destination: allNodes,
    type: 136,
    flags: 0x20,
    options: macOption(2, own),
  };
  expect(unsolicitedAdvertisement(address, own)).toEqual(neighbor(parts));
});

test('the solicited-node group and its MAC have the last 24 bits', () => {
  const group = solicitedNodeGroup(Buffer.from('fd000000000000000000000012345678', 'hex'));
  expect(group.toString('hex')).toBe('ff0200000000000000000001ff345678');
  expect(groupMac(group).toString('hex')).toBe('3333ff345678');
});
