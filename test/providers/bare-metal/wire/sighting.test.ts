import { expect, test } from 'vitest';
import { parseSighting } from '../../../../providers/bare-metal/wire/sighting.ts';
import { arp, ipv4, ipv6, macOption, neighbor } from './frames.ts';

const mac = '02:bb:bb:bb:bb:02';
const other = Buffer.from('02cccccccc03', 'hex');
const noOptions = Buffer.alloc(0);

test.each([
  ['a request', arp(), { kind: 'uses', address: '192.0.2.9', mac }],
  ['a reply', arp({ operation: 2 }), { kind: 'uses', address: '192.0.2.9', mac }],
  ['an ARP probe', arp({ sender: ipv4('0.0.0.0') }), { kind: 'probes', address: '192.0.2.10', mac }],
  ['a solicitation', neighbor(), { kind: 'uses', address: 'fd00::9', mac }],
  ['a DAD probe', neighbor({ source: ipv6('::'), options: noOptions }), { kind: 'probes', address: 'fd00::a', mac }],
  [
    'an advertisement, with the MAC that it names',
    neighbor({ type: 136, destination: ipv6('ff02::1'), options: macOption(2, other) }),
    { kind: 'uses', address: 'fd00::a', mac: '02:cc:cc:cc:cc:03' },
  ],
  ['a truncated request', arp().subarray(0, 41), 'truncated'],
  ['a message with a wrong checksum', neighbor({ checksumError: 1 }), 'wrong checksum'],
])('%s', (_, frame, sighting) => {
  expect(parseSighting(frame)).toEqual(sighting);
});
