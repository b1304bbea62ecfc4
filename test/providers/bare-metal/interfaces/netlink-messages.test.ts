import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InterfaceTable } from '../../../../providers/bare-metal/interfaces/interface-table.ts';
import {
  parseGateways,
  parseLink,
  parseMessages,
} from '../../../../providers/bare-metal/interfaces/netlink-messages.ts';
import { address, link, message, route } from './messages.ts';

const whole = [message(16, link(2, 'eth0')), message(20, address(2, Buffer.from([192, 0, 2, 1]), 24))];

test('a datagram holds several messages, and what its end cuts off is passed over', () => {
  const datagram = Buffer.concat([...whole, message(16, link(3, 'eth1')).subarray(0, 40)]);
  expect(parseMessages(datagram).map(({ type }) => type)).toEqual([16, 20]);
});

test('a message shorter than its own header ends the datagram: nothing goes round for ever', () => {
  for (const size of [0, 1, 15]) {
    const datagram = Buffer.concat(whole);
    datagram.writeUInt32LE(size, 0);
    expect(parseMessages(datagram)).toEqual([]);
  }
});

test('the marks of dumps are read', () => {
  const [part, event] = parseMessages(
    Buffer.concat([message(16, link(2, 'a'), { flags: 0x12 }), message(16, link(2, 'a'))]),
  );
  expect(part).toMatchObject({ isDumped: true, isInterrupted: true });
  expect(event).toMatchObject({ isDumped: false, isInterrupted: false });
});

test('what a bridge tells of its ports is about no link', () => {
  expect(parseLink(link(2, 'eth0', { family: 7 }))).toBeUndefined();
});

test('addresses of other hardware are no MACs', () => {
  expect(parseLink(link(2, 'ib0', { hardware: 32, mac: '02'.repeat(20) }))?.mac).toHaveLength(0);
});

test('gateways are those of default routes, all ways of them', () => {
  const [a, b] = [Buffer.from([192, 0, 2, 254]), Buffer.from([198, 51, 100, 254])];
  expect(parseGateways(route([{ index: 2, gateway: a }]))).toEqual([{ index: 2, bytes: a }]);
  expect(
    parseGateways(
      route([
        { index: 2, gateway: a },
        { index: 3, gateway: b },
      ]),
    ),
  ).toEqual([
    { index: 2, bytes: a },
    { index: 3, bytes: b },
  ]);
  expect(parseGateways(route([{ index: 2, gateway: a }], 24))).toEqual([]);
});

test('datagrams with any bytes changed, and cut anywhere, are read within bounds and to an end', () => {
  const original = Buffer.concat([
    ...whole,
    message(
      24,
      route([
        { index: 2, gateway: Buffer.alloc(4, 1) },
        { index: 3, gateway: Buffer.alloc(16, 2) },
      ]),
    ),
    message(17, link(2, 'eth0', { kind: 'veth', master: 4, masterKind: 'bridge' })),
  ]);
  const change = fc.tuple(fc.nat(original.length - 1), fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 0xff), fc.nat(255)));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), fc.nat(original.length), (changes, size) => {
      const datagram = Buffer.from(original.subarray(0, size));
      for (const [at, value] of changes) if (at < size) datagram.writeUInt8(value, at);
      const table = new InterfaceTable();
      for (const each of parseMessages(datagram)) table.apply(each);
      expect(table.interfaces().size).toBeLessThan(9);
    }),
    { numRuns: 20_000 },
  );
});
