import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

export type Family = 'ipv4' | 'ipv6';

/** The range without host bits and in the usual spelling, as AWS keeps it; `undefined` where it is none of this family. */
export function canonicalCidr(text: string, family: Family): string | undefined {
  const [address = '', prefixText = '', ...rest] = text.split('/');
  const bits = family === 'ipv4' ? 32 : 128;
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefixText) || Number(prefixText) > bits) return undefined;
  if (family === 'ipv4' ? !isIPv4(address) : !isIPv6(address)) return undefined;
  const prefix = Number(prefixText);
  const host = BigInt(bits - prefix);
  return `${toText((toNumber(address, family) >> host) << host, family)}/${prefix}`;
}

export function cidrContains(cidr: string, address: string): boolean {
  const version = isIP(address);
  if (version === 0 || version !== isIP(cidr.split('/')[0] ?? '')) return false;
  const [net = '', prefix = ''] = cidr.split('/');
  const family: Family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(net, Number(prefix), family);
  return list.check(address, family);
}

/** How many addresses an IPv4 range has. */
export function sizeOf(cidr: string): number {
  return 2 ** (32 - Number(cidr.split('/')[1]));
}

/** The n-th address of an IPv4 range. */
export function addressAt(cidr: string, index: number): string {
  return toText(toNumber(cidr.split('/')[0] ?? '', 'ipv4') + BigInt(index), 'ipv4');
}

function toNumber(address: string, family: Family): bigint {
  return groupsOf(address, family).reduce((sum, group) => (sum << (family === 'ipv4' ? 8n : 16n)) + BigInt(group), 0n);
}

function groupsOf(address: string, family: Family): readonly number[] {
  if (family === 'ipv4') return address.split('.').map(Number);
  const [head = '', tail] = address.split('::');
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16));
  const [left, right] = [parse(head), parse(tail ?? '')];
  return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function toText(value: bigint, family: Family): string {
  const [count, width, radix, separator] = family === 'ipv4' ? [4, 8n, 10, '.'] : [8, 16n, 16, ':'];
  const mask = (1n << width) - 1n;
  const groups = Array.from({ length: count }, (_, i) =>
    ((value >> (width * BigInt(count - 1 - i))) & mask).toString(radix),
  );
  // The WHATWG parser compresses an IPv6 address as RFC 5952 wants it.
  return family === 'ipv4'
    ? groups.join(separator)
    : new URL(`http://[${groups.join(separator)}]`).hostname.slice(1, -1);
}
