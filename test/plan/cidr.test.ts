import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { familyOf, parseCidr } from '../../src/plan/cidr.ts';

/** Strings that are addresses, nearly addresses, or made of the same characters. */
const addressLike = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF:.'.split('')), maxLength: 46 }),
  fc.array(fc.integer({ min: 0, max: 300 }).map(String), { minLength: 3, maxLength: 5 }).map(parts => parts.join('.')),
  fc
    .array(fc.constantFrom('0', '00', '1', '010', '255', '256'), { minLength: 4, maxLength: 4 })
    .map(parts => parts.join('.')),
  fc
    .array(fc.constantFrom('', '0', '0000', '00000', 'a', 'FFFF', 'g'), { minLength: 2, maxLength: 9 })
    .map(parts => parts.join(':')),
);

describe('the family of an address', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['10.0.0.1', 'IPv4'],
    ['0.0.0.0', 'IPv4'],
    ['255.255.255.255', 'IPv4'],
    ['256.0.0.1', undefined],
    ['010.0.0.1', undefined],
    ['10.0.0.01', undefined],
    ['00.0.0.0', undefined],
    ['10.0.1', undefined],
    ['10.0.0.1.', undefined],
    ['0x7f.0.0.1', undefined],
    ['2130706433', undefined],
    ['::', 'IPv6'],
    ['::1', 'IPv6'],
    ['2001:DB8::1', 'IPv6'],
    ['::ffff:192.0.2.1', 'IPv6'],
    ['::ffff:192.0.2.01', undefined],
    ['1:2:3:4:5:6:7::', 'IPv6'],
    ['::2:3:4:5:6:7:8', 'IPv6'],
    ['1:2:3:4:5:6:7:8::', undefined],
    ['1::2::3', undefined],
    [':::', undefined],
    ['fe80::1%eth0', undefined],
    ['[::1]', undefined],
    [' 10.0.0.1', undefined],
    ['10.0.0.1\n', undefined],
    ['', undefined],
  ];

  test.each(rows)('of %j is %s', (address, family) => {
    expect(familyOf(address)).toBe(family);
  });

  test('is the one that node:net tells', () => {
    fc.assert(
      fc.property(addressLike, address => {
        expect(familyOf(address)).toBe({ 0: undefined, 4: 'IPv4', 6: 'IPv6' }[isIP(address)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a range', () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    [' 10.1.2.3/8 ', '10.0.0.0/8'],
    ['10.1.2.3/32', '10.1.2.3/32'],
    ['10.1.2.3/0', '0.0.0.0/0'],
    ['192.0.2.129/25', '192.0.2.128/25'],
    ['2001:DB8::1/32', '2001:db8::/32'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['::/0', '::/0'],
    ['::ffff:192.0.2.1/128', '::ffff:c000:201/128'],
    ['010.0.0.0/8', undefined],
    ['10.0.0.0/08', undefined],
    ['10.0.0.0/+8', undefined],
    ['10.0.0.0/33', undefined],
    ['10.0.0.0/-1', undefined],
    ['10.0.0.0', undefined],
    ['10.0.0.0/', undefined],
    ['/8', undefined],
    ['10.0.0.0/8/8', undefined],
    ['10.0.0.0/255.0.0.0', undefined],
    ['2001:db8::/129', undefined],
    ['2001:db8::/999', undefined],
    ['fe80::1%eth0/64', undefined],
    ['everyone', undefined],
    ['', undefined],
  ];

  test.each(rows)('%j reads as %s', (text, range) => {
    expect(parseCidr(text)?.text).toBe(range);
  });

  test('covers what was written, and nothing else', () => {
    const four = fc.tuple(
      fc.constant('ipv4' as const),
      fc.ipV4(),
      fc.integer({ min: 0, max: 32 }),
      fc.integer({ min: 0, max: 31 }),
    );
    const six = fc.tuple(
      fc.constant('ipv6' as const),
      fc.ipV6(),
      fc.integer({ min: 0, max: 128 }),
      fc.integer({ min: 0, max: 127 }),
    );
    fc.assert(
      fc.property(fc.oneof(four, six), ([family, address, length, bit]) => {
        const [base, size] = parseCidr(`${address}/${length}`)?.text.split('/') ?? [];
        const written = new BlockList();
        written.addSubnet(address, length, family);
        const read = new BlockList();
        read.addSubnet(base ?? '', Number(size), family);
        // One bit away from the address: on one side of the edge or the other.
        const probe = family === 'ipv4' ? flippedFour(address, bit) : flippedSix(address, bit);
        expect(Number(size)).toBe(length);
        expect(read.check(address, family)).toBe(true);
        expect(read.check(probe, family)).toBe(written.check(probe, family));
      }),
      { numRuns: 1_000 },
    );
  });

  test('has one spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 32 }), (address, length) => {
        const once = parseCidr(`${address}/${length}`);
        expect(parseCidr(once?.text ?? '')).toEqual(once);
        expect(parseCidr(`\t${address.toUpperCase()}/${length} `)).toEqual(once);
      }),
    );
  });

  test('of IPv6 is spelled as RFC 5952 says, which the URL standard follows', () => {
    const groups = fc
      .array(fc.constantFrom('0', '0000', '1', '0db8', 'FFFF'), { minLength: 8, maxLength: 8 })
      .map(parts => parts.join(':'));
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), groups), address => {
        const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
        expect(parseCidr(`${address}/128`)).toEqual({ family: 'IPv6', text: `${canonical}/128` });
      }),
      { numRuns: 1_000 },
    );
  });

  test('never throws and never comes from what is no address', () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), addressLike),
        fc.string({ unit: fc.constantFrom(...'0123456789/ -'.split('')), maxLength: 5 }),
        (address, rest) => {
          const range = parseCidr(`${address}/${rest}`);
          expect(range === undefined || isIP(address.trim()) !== 0).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

function flippedFour(address: string, bit: number): string {
  const bytes = address.split('.').map(Number);
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (128 >> (bit & 7)) : byte)).join('.');
}

function flippedSix(address: string, bit: number): string {
  const groups = expanded(new URL(`http://[${address}]/`).hostname.slice(1, -1));
  return groups
    .map((group, index) => (index === bit >> 4 ? group ^ (0x8000 >> (bit & 15)) : group).toString(16))
    .join(':');
}

function expanded(canonical: string): readonly number[] {
  const [head = '', tail] = canonical.split('::');
  const numbers = (text: string): number[] =>
    text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const [first, last] = [numbers(head), numbers(tail)];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}
