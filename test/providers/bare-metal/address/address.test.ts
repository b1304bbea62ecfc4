import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, parseAddress } from '../../../../providers/bare-metal/address/address.ts';
import {
  contains,
  parseRange,
  rangeText,
  sizeOf,
  without,
} from '../../../../providers/bare-metal/address/address-range.ts';
import { RangeIndex } from '../../../../providers/bare-metal/address/range-index.ts';

describe('an address', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('%s is %s', (text, spelling) => {
    expect(parseAddress(text)?.text).toBe(spelling);
  });

  test.each([
    '',
    '010.0.0.1',
    '10.1',
    '0x0a000001',
    '1.2.3.256',
    '1.2.3.4.5',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '１.2.3.4',
    '::ffff:192.0.2.7',
    '::ffff:c000:207',
    '1::2::3',
    ':::',
    ':1',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    'fe80::1%eth0',
    '12345::',
    'g::',
    '::1.2.3.04',
    `${'0'.repeat(100)}::1`,
  ])('%j is none', text => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('has one spelling, which the runtime can read, and which is read back', () => {
    const value = fc.oneof(
      fc.record({ family: fc.constant('IPv4' as const), value: fc.bigInt(0n, 2n ** 32n - 1n) }),
      fc.record({ family: fc.constant('IPv6' as const), value: fc.bigInt(2n ** 48n, 2n ** 128n - 1n) }),
    );
    fc.assert(
      fc.property(value, one => {
        const { text } = addressOf(one.family, one.value);
        expect(isIP(text)).toBe(one.family === 'IPv4' ? 4 : 6);
        expect(parseAddress(text)).toEqual({ ...one, text });
      }),
    );
  });

  test('whatever is given, nothing is thrown, and what is accepted the runtime accepts', () => {
    const texts = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/));
    fc.assert(
      fc.property(texts, text => {
        const address = parseAddress(text);
        expect(address === undefined || isIP(text) !== 0).toBe(true);
      }),
    );
  });
});

describe('a range', () => {
  test.each([
    ['192.0.2.0/24', 256n],
    ['192.0.2.7/32', 1n],
    ['192.0.2.7', 1n],
    ['192.0.2.7-192.0.2.9', 3n],
    ['192.0.2.7 - 192.0.2.7', 1n],
    ['2001:db8::/64', 2n ** 64n],
    ['2001:db8::1-2001:db8::ff', 255n],
    ['10.0.0.0/1', undefined],
    ['128.0.0.0/2', 2n ** 30n],
  ])('%s has %s addresses', (text, size) => {
    const range = parseRange(text);
    expect('fault' in range ? undefined : sizeOf(range)).toBe(size);
  });

  test.each([
    ['192.0.2.7/24', '"192.0.2.7/24" has host bits set: the network is 192.0.2.0/24'],
    ['2001:db8::1/64', '"2001:db8::1/64" has host bits set: the network is 2001:db8::/64'],
    ['192.0.2.9-192.0.2.7', '"192.0.2.9-192.0.2.7" is the wrong way round: write the lower address first'],
    ['192.0.2.9-2001:db8::', '"192.0.2.9-2001:db8::" begins in IPv4 and ends in IPv6'],
    ['010.0.0.0/8', '"010.0.0.0/8" is no CIDR: write one such as 192.0.2.0/24 or 2001:db8::/64, without leading zeros'],
    ['0.0.0.0/0', '"0.0.0.0/0" is the whole of IPv4: name the part that is yours'],
    ['::/0', '"::/0" is the whole of IPv6: name the part that is yours'],
    ['192.0.2.0/33', '"192.0.2.0/33" has no prefix length from 1 to 32'],
    ['192.0.2.0/024', '"192.0.2.0/024" has no prefix length from 1 to 32'],
    ['192.0.2.0/', '"192.0.2.0/" has no prefix length from 1 to 32'],
    ['2001:db8::/129', '"2001:db8::/129" has no prefix length from 1 to 128'],
    [
      '192.0.2.0/24/24',
      '"192.0.2.0/24/24" is no CIDR: write one such as 192.0.2.0/24 or 2001:db8::/64, without leading zeros',
    ],
    [
      '1.2.3.4-1.2.3.5-1.2.3.6',
      '"1.2.3.4-1.2.3.5-1.2.3.6" is no range: write one such as 192.0.2.10-192.0.2.20, without leading zeros',
    ],
    ['a-b', '"a-b" is no range: write one such as 192.0.2.10-192.0.2.20, without leading zeros'],
    ['', '"" is no CIDR: write one such as 192.0.2.0/24 or 2001:db8::/64, without leading zeros'],
    ['127.0.0.0/8', '"127.0.0.0/8" has addresses of the loopback in it, which no Service can have'],
    ['10.0.0.0-224.0.0.1', '"10.0.0.0-224.0.0.1" has addresses of the loopback in it, which no Service can have'],
    ['ff02::1', '"ff02::1" has addresses of multicast in it, which no Service can have'],
    ['fe80::/64', '"fe80::/64" has addresses of the link-local scope in it, which no Service can have'],
    ['::/64', '"::/64" has addresses of the loopback or IPv4 in disguise in it, which no Service can have'],
    ['x'.repeat(200), `"${'x'.repeat(100)}"… is too long for a range of addresses`],
  ])('%j is none, and the operator is told why', (text, fault) => {
    expect(parseRange(text)).toEqual({ fault });
  });

  test.each([
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['192.0.2.0-192.0.2.255', '192.0.2.0/24'],
    ['192.0.2.1-192.0.2.2', '192.0.2.1-192.0.2.2'],
    ['192.0.2.1-192.0.2.4', '192.0.2.1-192.0.2.4'],
    ['192.0.2.1/32', '192.0.2.1'],
    ['2001:db8::/64', '2001:db8::/64'],
  ])('%s is shown as %s', (text, shown) => {
    const range = parseRange(text);
    expect('fault' in range ? range.fault : rangeText(range)).toBe(shown);
  });
});

const small = fc
  .tuple(fc.bigInt(0n, 60n), fc.bigInt(0n, 9n))
  .map(([first, more]) => ({ family: 'IPv4' as const, first, last: first + more }));

test('what is left of ranges without others is what is in the first and in none of the second', () => {
  fc.assert(
    fc.property(fc.array(small, { maxLength: 6 }), fc.array(small, { maxLength: 6 }), (ranges, taken) => {
      const left = without(ranges, taken);
      for (let value = 0n; value < 80n; value++) {
        const point = { family: 'IPv4' as const, value };
        const isIn = (list: typeof left) => list.some(range => contains(range, point));
        expect(isIn(left)).toBe(isIn(ranges) && !isIn(taken));
      }
    }),
  );
});

test('an index finds whose an address is, and the ranges that overlap', () => {
  fc.assert(
    fc.property(fc.array(small, { maxLength: 8 }), ranges => {
      const index = new RangeIndex(ranges.map((range, value) => ({ range, value })));
      const overlapping = ranges.some((one, at) =>
        ranges.some((other, n) => n < at && one.first <= other.last && other.first <= one.last),
      );
      expect(index.findOverlap() !== undefined).toBe(overlapping);
      if (overlapping) return;
      for (let value = 0n; value < 80n; value++) {
        const owner = ranges.findIndex(range => contains(range, { family: 'IPv4', value }));
        expect(index.find({ family: 'IPv4', value }) ?? -1).toBe(owner);
        expect(index.find({ family: 'IPv6', value })).toBeUndefined();
      }
    }),
  );
});
