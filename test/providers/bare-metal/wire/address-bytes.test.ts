import { isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressBytes, addressText } from '../../../../providers/bare-metal/wire/address-bytes.ts';

test.each([
  ['192.0.2.255', 'c00002ff', '192.0.2.255'],
  ['::', '0'.repeat(32), '::'],
  ['::1', `${'0'.repeat(31)}1`, '::1'],
  ['fd00::', `fd00${'0'.repeat(28)}`, 'fd00::'],
  ['2001:DB8:0:0:1:0:0:1', '20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
  ['64:ff9b::192.0.2.1', '0064ff9b0000000000000000c0000201', '64:ff9b::c000:201'],
])('%s is %s on the wire, and %s again as text', (text, hex, normalised) => {
  const bytes = addressBytes(text) ?? Buffer.alloc(0);
  expect(bytes.toString('hex')).toBe(hex);
  expect(addressText(bytes, 0, bytes.length === 4 ? 4 : 16)).toBe(normalised);
});

test.each(['', '192.0.2', '192.0.2.010', '192.0.2.1/32', 'fe80::1%eth0', 'localhost'])('"%s" is no address', text => {
  expect(addressBytes(text)).toBeUndefined();
});

test('what is an address is what Node takes for one, but for zones', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    'ff',
    'FFFF',
    '0db8',
    '12345',
    'g',
    '255',
    '256',
    '01',
    ':',
    '::',
    '.',
    '192.0.2.1',
  );
  const text = fc.array(piece, { maxLength: 14 }).map(pieces => pieces.join(''));
  const separated = fc.array(piece, { maxLength: 9 }).map(pieces => pieces.join(':'));
  fc.assert(
    fc.property(fc.oneof(text, separated), candidate => {
      expect(addressBytes(candidate)?.length).toBe({ 0: undefined, 4: 4, 6: 16 }[isIP(candidate)]);
    }),
    { numRuns: 5_000 },
  );
});

test('the text of every IPv6 address is the one that Node prints, and leads back to its bytes', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), groups => {
      // Node prints the IPv4-compatible form, which RFC 4291 deprecates, with dots.
      fc.pre(groups.slice(0, 6).some(part => part !== 0));
      const bytes = Buffer.alloc(16);
      for (const [index, part] of groups.entries()) bytes.writeUInt16BE(part, 2 * index);
      const text = addressText(bytes, 0, 16);
      expect(text).toBe(new SocketAddress({ address: text, family: 'ipv6' }).address);
      expect(addressBytes(text)).toEqual(bytes);
    }),
    { numRuns: 2000 },
  );
});
