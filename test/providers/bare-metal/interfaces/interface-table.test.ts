import { expect, test } from 'vitest';
import { InterfaceTable } from '../../../../providers/bare-metal/interfaces/interface-table.ts';
import { parseMessages } from '../../../../providers/bare-metal/interfaces/netlink-messages.ts';
import { address, link, message, route } from './messages.ts';

const v4 = Buffer.from([192, 0, 2, 1]);
const v6 = Buffer.from('20010db8000000000000000000000001', 'hex');
const gateway = Buffer.from([192, 0, 2, 254]);

function tableOf(...messages: readonly Buffer[]): { table: InterfaceTable; mayHaveLostRoutes: boolean } {
  const table = new InterfaceTable();
  const results = messages.flatMap(parseMessages).map(each => table.apply(each));
  return { table, mayHaveLostRoutes: results.at(-1) ?? false };
}

const start = [
  message(16, link(2, 'eth0', { kind: 'veth', master: 9, masterKind: 'vrf' })),
  message(20, address(2, v4, 24)),
  message(20, address(2, v6, 64)),
  message(24, route([{ index: 2, gateway }])),
];

test('an interface is what link, addresses and default routes tell of it', () => {
  expect(
    tableOf(...start)
      .table.interfaces()
      .get(2),
  ).toEqual({
    index: 2,
    name: 'eth0',
    mac: '02:aa:aa:aa:aa:01',
    mtu: 1500,
    kind: 'veth',
    isUp: true,
    isRunning: true,
    isBroadcast: true,
    isNoArp: false,
    isLoopback: false,
    master: 9,
    masterKind: 'vrf',
    addresses: [
      { address: '192.0.2.1', prefixLength: 24, family: 'IPv4' },
      { address: '2001:db8::1', prefixLength: 64, family: 'IPv6' },
    ],
    gateways: ['192.0.2.254'],
  });
});

test('what is told stays when the buffer of the datagram is used again', () => {
  const datagram = Buffer.concat(start);
  const table = new InterfaceTable();
  for (const each of parseMessages(datagram)) table.apply(each);
  const before = table.interfaces();
  datagram.fill(0xee);
  expect(table.interfaces()).toEqual(before);
});

test('one of two prefixes of one address can go', () => {
  const { table } = tableOf(...start, message(20, address(2, v4, 32)), message(21, address(2, v4, 24)));
  expect(table.interfaces().get(2)?.addresses).toContainEqual({
    address: '192.0.2.1',
    prefixLength: 32,
    family: 'IPv4',
  });
  expect(table.interfaces().get(2)?.addresses).toHaveLength(2);
});

test('between two points the prefix is not this end', () => {
  const { table } = tableOf(message(16, link(2, 'eth0')), message(20, address(2, v4, 24, gateway)));
  expect(table.interfaces().get(2)?.addresses).toEqual([{ address: '192.0.2.1', prefixLength: 32, family: 'IPv4' }]);
});

test('with the interface its addresses and gateways go, also where another gets its index', () => {
  const { table } = tableOf(...start, message(17, link(2, 'eth0')), message(16, link(2, 'eth1')));
  expect(table.interfaces().get(2)).toMatchObject({ name: 'eth1', addresses: [], gateways: [] });
});

test.each([
  ['its interface went down', message(16, link(2, 'eth0', { flags: 0x1002 })), true],
  ['an address of its interface went', message(21, address(2, v4, 24)), true],
  ['its interface has another MTU', message(16, link(2, 'eth0')), false],
  ['an address came', message(20, address(2, gateway, 24)), false],
  ['another interface went down', message(16, link(3, 'eth1', { flags: 0x1002 })), false],
])('a default route may have gone without a word when %s: %s', (_, event, expected) => {
  expect(tableOf(...start, event).mayHaveLostRoutes).toBe(expected);
});
