import { isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses as bytes of the wire (4 or 16), and as the normalised text that the rest of the house knows them by (RFC 5952 for IPv6: lower
 * case, the first of the longest runs of two or more zero groups as `::`, IPv4-mapped as `::ffff:192.0.2.1`).
 */

/** `undefined` where the text is no address; zones (`%eth0`) are none of it. */
export function addressBytes(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  return isIPv6(text) && !text.includes('%') ? ipv6Bytes(text) : undefined;
}

export function addressText(bytes: Buffer, at: number, size: 4 | 16): string {
  if (size === 4)
    return `${bytes.readUInt8(at)}.${bytes.readUInt8(at + 1)}.${bytes.readUInt8(at + 2)}.${bytes.readUInt8(at + 3)}`;
  if (isMapped(bytes, at)) return `::ffff:${addressText(bytes, at + 12, 4)}`;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(at + 2 * index));
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map(group => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function ipv6Bytes(text: string): Buffer {
  const dotted = /(?<=:)\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0];
  const plain = dotted === undefined ? text : text.slice(0, -dotted.length) + hexGroups(dotted);
  const [head = '', tail] = plain.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: 8 - first.length - last.length }, () => '0');
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...first, ...middle, ...last].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  return bytes;
}

function hexGroups(dotted: string): string {
  const bytes = Buffer.from(dotted.split('.').map(Number));
  return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
}

function isMapped(bytes: Buffer, at: number): boolean {
  return (
    bytes.readUInt32BE(at) === 0 &&
    bytes.readUInt32BE(at + 4) === 0 &&
    bytes.readUInt16BE(at + 8) === 0 &&
    bytes.readUInt16BE(at + 10) === 0xffff
  );
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}
