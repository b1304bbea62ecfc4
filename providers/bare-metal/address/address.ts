import type { IpFamily } from '../../../src/provider/provider.ts';

/** An IP address. Two are the same when their `text` is. */
export interface Address {
  readonly family: IpFamily;
  readonly value: bigint;
  /** Its one spelling: dotted decimal, or RFC 5952. */
  readonly text: string;
}

/** The longest spelling of an IPv6 address has 45 characters: `0000:0000:0000:0000:0000:ffff:255.255.255.255`. */
const longestText = 45;

/**
 * Reads an address. Pure and strict: what two parsers could read differently is none.
 *
 * | text                      | →                                                                        |
 * |---------------------------|--------------------------------------------------------------------------|
 * | `192.0.2.7`               | IPv4                                                                     |
 * | `2001:DB8:0::7`           | IPv6, `2001:db8::7`                                                      |
 * | `010.0.0.1`, `10.1`, `0x1` | undefined: octal, short and hexadecimal forms (CVE-2021-29923)          |
 * | `::ffff:192.0.2.7`        | undefined: the IPv4 address is meant, and every table compares it otherwise |
 * | `fe80::1%eth0`, ` 1.2.3.4` | undefined: zones, blanks                                                |
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > longestText) return undefined;
  const four = parseIpv4(text);
  if (four !== undefined) return addressOf('IPv4', four);
  const six = parseIpv6(text);
  return six === undefined || six >> 32n === 0xffffn ? undefined : addressOf('IPv6', six);
}

export function addressOf(family: IpFamily, value: bigint): Address {
  return { family, value, text: family === 'IPv4' ? formatIpv4(Number(value)) : formatIpv6(value) };
}

export function bitsOf(family: IpFamily): number {
  return family === 'IPv4' ? 32 : 128;
}

function parseIpv4(text: string): bigint | undefined {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  if (bytes.some(byte => byte > 255)) return undefined;
  return BigInt(bytes.reduce((value, byte) => value * 256 + byte, 0));
}

function parseIpv6(text: string): bigint | undefined {
  const halves = withoutDots(text)?.split('::');
  if (halves === undefined || halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map(half => (half === '' ? [] : half.split(':')));
  const given = head.length + tail.length;
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const groups = [...head, ...Array<string>(8 - given).fill('0'), ...tail];
  if (!groups.every(group => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return BigInt(`0x${groups.map(group => group.padStart(4, '0')).join('')}`);
}

/** `64:ff9b::192.0.2.7` → `64:ff9b::c000:207`; undefined where a dotted tail is no IPv4 address. */
function withoutDots(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const cut = text.lastIndexOf(':') + 1;
  const tail = parseIpv4(text.slice(cut));
  if (cut === 0 || tail === undefined) return undefined;
  return `${text.slice(0, cut)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
}

function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** RFC 5952: the longest run of at least two zero groups, the first of equals, becomes `::`. */
function formatIpv6(value: bigint): string {
  const digits = value.toString(16).padStart(32, '0');
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(digits.slice(4 * index, 4 * index + 4), 16).toString(16),
  );
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (groups[end] === '0') end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}
