/**
 * Addresses as bytes of the wire (4 or 16), and as the normalised text that the rest of the house knows them by (RFC 5952 for IPv6: lower
 * case, the first of the longest runs of two or more zero groups as `::`, IPv4-mapped as `::ffff:192.0.2.1`). Without node:net, which would
 * bring 2 MB of streams and sockets into the worker.
 */

/** `undefined` where the text is no address; zones (`%eth0`) are none of it. */
export function addressBytes(text: string): Buffer | undefined {
  return ipv4Bytes(text) ?? ipv6Bytes(text);
}

function ipv4Bytes(text: string): Buffer | undefined {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.every(byte => byte < 256) ? Buffer.from(bytes) : undefined;
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

function ipv6Bytes(text: string): Buffer | undefined {
  const [head = '', tail, ...more] = withoutDots(text).split('::');
  const [first, last] = [head, tail ?? ''].map(half => (half === '' ? [] : half.split(':'))) as [string[], string[]];
  const given = [...first, ...last];
  const isWhole = tail === undefined ? given.length === 8 : given.length < 8;
  if (!isWhole || more.length > 0 || !given.every(group => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  const bytes = Buffer.alloc(16);
  for (const [index, group] of first.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  for (const [index, group] of last.toReversed().entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 14 - 2 * index);
  return bytes;
}

/** `::ffff:192.0.2.1` → `::ffff:c000:201`; a tail that is no IPv4 address stays, and is no group either. */
function withoutDots(text: string): string {
  const cut = text.lastIndexOf(':') + 1;
  const bytes = cut === 0 ? undefined : ipv4Bytes(text.slice(cut));
  if (bytes === undefined) return text;
  return `${text.slice(0, cut)}${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
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
