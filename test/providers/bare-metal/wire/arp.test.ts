import { expect, test } from 'vitest';
import { arpAnnouncements, arpFault, arpProbe, arpRequest } from '../../../../providers/bare-metal/wire/arp.ts';
import { type ArpParts, arp, everybody, ipv4, own, tagged } from './frames.ts';

test.each<[string, ArpParts]>([
  ['an ordinary request', {}],
  ['a reply', { operation: 2, destination: own, targetMac: own }],
  ['a probe, which has no sender address', { sender: ipv4('0.0.0.0') }],
  ['a request with padding behind it', { padding: 18 }],
])('%s is without fault', (_, parts) => {
  expect(arpFault(arp(parts))).toBeUndefined();
});

test.each<[string, Buffer, string]>([
  ['another EtherType', Buffer.concat([Buffer.alloc(12), Buffer.from('0800', 'hex'), Buffer.alloc(40)]), 'not ARP'],
  ['an empty frame', Buffer.alloc(0), 'not ARP'],
  ['a header alone', arp().subarray(0, 14), 'truncated'],
  ['a frame one byte short', arp().subarray(0, 41), 'truncated'],
  ['a VLAN tag', tagged(arp(), 7), 'not ARP'],
  ['a VLAN tag of zero', tagged(arp(), 0), 'not ARP'],
  ['ARP for InfiniBand', arp({ head: '002008000604' }), 'not for IPv4 over Ethernet'],
  ['ARP for IPv6', arp({ head: '000186dd0604' }), 'not for IPv4 over Ethernet'],
  ['sizes that do not fit', arp({ head: '000108001404' }), 'not for IPv4 over Ethernet'],
  ['reverse ARP', arp({ operation: 3 }), 'unknown operation'],
  ['operation 0', arp({ operation: 0 }), 'unknown operation'],
  ['a broadcast MAC as sender', arp({ senderMac: everybody }), 'no station MAC'],
  ['a group MAC as sender', arp({ senderMac: Buffer.from('01005e000001', 'hex') }), 'no station MAC'],
  ['a zero MAC as sender', arp({ senderMac: Buffer.alloc(6) }), 'no station MAC'],
  ['a group as source of the frame', arp({ source: everybody }), 'no station MAC'],
  ['a reply from nobody', arp({ operation: 2, sender: ipv4('0.0.0.0') }), 'no station address'],
  ['loopback as sender', arp({ sender: ipv4('127.0.0.1') }), 'no station address'],
  ['a multicast group as sender', arp({ sender: ipv4('224.0.0.1') }), 'no station address'],
  ['broadcast as sender', arp({ sender: ipv4('255.255.255.255') }), 'no station address'],
])('%s is not believed', (_, frame, fault) => {
  expect(arpFault(frame)).toBe(fault);
});

test('a probe asks for the address and tells none', () => {
  expect(arpProbe(ipv4('192.0.2.10'), own)).toEqual(arp({ source: own, senderMac: own, sender: ipv4('0.0.0.0') }));
});

test('a request tells who asks', () => {
  const sender = { mac: own, address: ipv4('192.0.2.1') };
  expect(arpRequest(sender, ipv4('192.0.2.10'))).toEqual(arp({ source: own, senderMac: own, sender: sender.address }));
});

test('both gratuitous forms are from and for the address; the reply names the own MAC as target, as Linux wants it within a second', () => {
  const address = ipv4('192.0.2.10');
  const gratuitous = { source: own, senderMac: own, sender: address, target: address };
  expect(arpAnnouncements(address, own)).toEqual([
    arp(gratuitous),
    arp({ ...gratuitous, operation: 2, targetMac: own }),
  ]);
});
