/** An address range in its one spelling: lower case, RFC 5952, host bits cleared. */
export interface Cidr {
  readonly family: 'IPv4' | 'IPv6';
  readonly text: string;
}

/**
 * The family of an IP address, or undefined where it is none. Pure and strict: `010.0.0.1` is no address, because some
 * parsers read it as octal and Kubernetes' old ones as decimal, and a firewall must not depend on which (CVE-2021-29923).
 */
export function familyOf(address: string): 'IPv4' | 'IPv6' | undefined {
  if (parseIpv4(address) !== undefined) return 'IPv4';
  return parseIpv6(address) === undefined ? undefined : 'IPv6';
}

/** The one spelling of an address (RFC 5952), or undefined where it is none. Pure and as strict. */
export function normalAddress(address: string): string | undefined {
  const four = parseIpv4(address);
  if (four !== undefined) return formatIpv4(four);
  const six = parseIpv6(address);
  return six === undefined ? undefined : formatIpv6(six);
}

/**
 * Reads a CIDR. Pure.
 *
 * | text               | →                  |
 * |--------------------|--------------------|
 * | ` 10.1.2.3/8 `     | `10.0.0.0/8`       |
 * | `2001:DB8::1/32`   | `2001:db8::/32`    |
 * | `010.0.0.0/8`      | undefined          |
 * | `10.0.0.0`, `/33`  | undefined          |
 */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^\s*([0-9a-fA-F:.]{2,45})\/(0|[1-9]\d{0,2})\s*$/.exec(text);
  const [address, length] = [match?.[1], Number(match?.[2])];
  if (address === undefined) return undefined;
  const four = parseIpv4(address);
  if (four !== undefined)
    return length > 32 ? undefined : { family: 'IPv4', text: `${formatIpv4(masked(four, 32, length))}/${length}` };
  const six = parseIpv6(address);
  if (six === undefined || length > 128) return undefined;
  return { family: 'IPv6', text: `${formatIpv6(masked(six, 128, length))}/${length}` };
}

function masked(value: bigint, bits: number, length: number): bigint {
  const host = BigInt(bits - length);
  return (value >> host) << host;
}

function parseIpv4(text: string): bigint | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.some(byte => byte > 255) ? undefined : bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  if (text.length > 45) return undefined;
  const halves = embedIpv4(text)?.split('::');
  if (halves === undefined || halves.length > 2) return undefined;
  const groups = halves.map(half => (half === '' ? [] : half.split(':')));
  if (!groups.flat().every(group => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const given = groups.flat().length;
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const [head = [], tail = []] = groups;
  const all = [...head, ...Array<string>(8 - given).fill('0'), ...tail];
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** `::ffff:1.2.3.4` → `::ffff:102:304`; undefined where a dotted tail is no IPv4 address. */
function embedIpv4(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const cut = text.lastIndexOf(':') + 1;
  const tail = parseIpv4(text.slice(cut));
  if (cut === 0 || tail === undefined) return undefined;
  return `${text.slice(0, cut)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map(shift => ((value >> shift) & 255n).toString()).join('.');
}

/** RFC 5952: the longest run of at least two zero groups, the first of equals, becomes `::`. */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (groups[end] === '0') end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}
