import type { IpFamily } from '../../../src/provider/provider.ts';
import { type Address, addressOf, bitsOf, parseAddress } from './address.ts';

/** Addresses from `first` to `last`, both included. */
export interface AddressRange {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly last: bigint;
}

/** Two addresses, a dash and blanks. */
const longestText = 100;

/**
 * Reads a CIDR, a range or a single address; or says, for the operator, why it is none. Pure.
 *
 * | text                                  | →                                                      |
 * |---------------------------------------|--------------------------------------------------------|
 * | `192.0.2.0/24`, `2001:db8::/64`       | every address of it, the first and the last too        |
 * | `192.0.2.7-192.0.2.9`                 | three; blanks around the dash are allowed              |
 * | `192.0.2.7`                           | one                                                    |
 * | `192.0.2.7/24`                        | host bits set                                          |
 * | `192.0.2.9-192.0.2.7`, mixed families | the wrong way round; of two families                   |
 * | `0.0.0.0/0`, `/33`, `/024`            | everything; no prefix length                           |
 * | `127.0.0.0/8`, `ff02::1`, `fe80::/10` | cannot be the address of a Service                     |
 */
export function parseRange(text: string): AddressRange | { readonly fault: string } {
  const shown = JSON.stringify(text.slice(0, longestText));
  if (text.length > longestText) return { fault: `${shown}… is too long for a range of addresses` };
  const range = text.includes('-') ? fromEnds(text, shown) : fromCidr(text, shown);
  if ('fault' in range) return range;
  const unusable = unusableRanges.find(one => overlaps(one, range));
  if (unusable === undefined) return range;
  return { fault: `${shown} has addresses of ${unusable.name} in it, which no Service can have` };
}

function fromEnds(text: string, shown: string): AddressRange | { readonly fault: string } {
  const [from, to, ...rest] = text.split('-').map(end => parseAddress(end.trim()));
  if (from === undefined || to === undefined || rest.length > 0)
    return { fault: `${shown} is no range: write one such as 192.0.2.10-192.0.2.20, without leading zeros` };
  if (from.family !== to.family) return { fault: `${shown} begins in ${from.family} and ends in ${to.family}` };
  if (from.value > to.value) return { fault: `${shown} is the wrong way round: write the lower address first` };
  return { family: from.family, first: from.value, last: to.value };
}

function fromCidr(text: string, shown: string): AddressRange | { readonly fault: string } {
  const [base = '', length, ...rest] = text.split('/');
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0)
    return { fault: `${shown} is no CIDR: write one such as 192.0.2.0/24 or 2001:db8::/64, without leading zeros` };
  const bits = bitsOf(address.family);
  if (length === undefined) return { family: address.family, first: address.value, last: address.value };
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits)
    return { fault: `${shown} has no prefix length from 1 to ${bits}` };
  if (length === '0') return { fault: `${shown} is the whole of ${address.family}: name the part that is yours` };
  const size = 1n << BigInt(bits - Number(length));
  if (address.value % size !== 0n)
    return {
      fault: `${shown} has host bits set: the network is ${addressOf(address.family, address.value - (address.value % size)).text}/${length}`,
    };
  return { family: address.family, first: address.value, last: address.value + size - 1n };
}

/** IANA's special-purpose registries (RFC 6890), as far as nothing on a segment can have such an address. */
const unusableRanges = (
  [
    ['“this network”', 'IPv4', 0x00_00_00_00n, 0x00_ff_ff_ffn],
    ['the loopback', 'IPv4', 0x7f_00_00_00n, 0x7f_ff_ff_ffn],
    ['multicast', 'IPv4', 0xe0_00_00_00n, 0xef_ff_ff_ffn],
    ['broadcast', 'IPv4', 0xff_ff_ff_ffn, 0xff_ff_ff_ffn],
    ['the loopback or IPv4 in disguise', 'IPv6', 0n, 0xffff_ffff_ffffn],
    ['the link-local scope', 'IPv6', 0xfe80n << 112n, (0xfec0n << 112n) - 1n],
    ['multicast', 'IPv6', 0xff00n << 112n, (1n << 128n) - 1n],
  ] as const
).map(([name, family, first, last]) => ({ name, family, first, last }));

export function overlaps(one: AddressRange, other: AddressRange): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

export function contains(range: AddressRange, { family, value }: Pick<Address, 'family' | 'value'>): boolean {
  return range.family === family && range.first <= value && value <= range.last;
}

export function sizeOf({ first, last }: AddressRange): bigint {
  return last - first + 1n;
}

/** IPv4 before IPv6, the lower before the higher. */
export function byFirst(one: AddressRange, other: AddressRange): number {
  if (one.family !== other.family) return one.family === 'IPv4' ? -1 : 1;
  return one.first < other.first ? -1 : Number(one.first > other.first);
}

/** What is left of `ranges` without `taken`, sorted. Pure. */
export function without(ranges: readonly AddressRange[], taken: readonly AddressRange[]): readonly AddressRange[] {
  return ranges.flatMap(range => taken.reduce(cutOut, [range])).sort(byFirst);
}

function cutOut(ranges: readonly AddressRange[], cut: AddressRange): AddressRange[] {
  return ranges.flatMap(range => {
    if (!overlaps(range, cut)) return [range];
    const parts: AddressRange[] = [];
    if (range.first < cut.first) parts.push({ ...range, last: cut.first - 1n });
    if (cut.last < range.last) parts.push({ ...range, first: cut.last + 1n });
    return parts;
  });
}

/** `192.0.2.7-192.0.2.9`, or the CIDR where it is one. */
export function rangeText(range: AddressRange): string {
  const { family, first, last } = range;
  const from = addressOf(family, first).text;
  if (first === last) return from;
  const size = sizeOf(range);
  const hostBits = size.toString(2).length - 1;
  const isCidr = size === 1n << BigInt(hostBits) && first % size === 0n;
  return isCidr ? `${from}/${bitsOf(family) - hostBits}` : `${from}-${addressOf(family, last).text}`;
}
