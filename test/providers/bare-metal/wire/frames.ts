/** Frames as hosts send them, written out field by field, apart from the code under test. */

export const own = Buffer.from('02aaaaaaaa01', 'hex');
export const peer = Buffer.from('02bbbbbbbb02', 'hex');
export const everybody = Buffer.from('ffffffffffff', 'hex');
export const noMac = Buffer.alloc(6);

export function ipv4(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

/** `fd00::a` and `::` are all that the rows need: two parts of one group each, or none. */
export function ipv6(text: string): Buffer {
  const [head = '', tail = ''] = text.split('::');
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(Number.parseInt(head || '0', 16), 0);
  bytes.set(Buffer.from(tail.padStart(8, '0'), 'hex'), 12);
  return bytes;
}

export interface ArpParts {
  readonly destination?: Buffer;
  readonly source?: Buffer;
  readonly head?: string;
  readonly operation?: number;
  readonly senderMac?: Buffer;
  readonly sender?: Buffer;
  readonly targetMac?: Buffer;
  readonly target?: Buffer;
  readonly padding?: number;
}

/** A request by 192.0.2.9 for 192.0.2.10, but for what is given. */
export function arp(parts: ArpParts = {}): Buffer {
  const operation = Buffer.from([0, parts.operation ?? 1]);
  return Buffer.concat([
    parts.destination ?? everybody,
    parts.source ?? peer,
    Buffer.from('0806', 'hex'),
    Buffer.from(parts.head ?? '000108000604', 'hex'),
    operation,
    parts.senderMac ?? peer,
    parts.sender ?? ipv4('192.0.2.9'),
    parts.targetMac ?? noMac,
    parts.target ?? ipv4('192.0.2.10'),
    Buffer.alloc(parts.padding ?? 0),
  ]);
}

export interface NeighborParts {
  readonly destinationMac?: Buffer;
  readonly sourceMac?: Buffer;
  readonly hopLimit?: number;
  readonly nextHeader?: number;
  readonly source?: Buffer;
  readonly destination?: Buffer;
  readonly type?: number;
  readonly code?: number;
  readonly flags?: number;
  readonly target?: Buffer;
  readonly options?: Buffer;
  readonly padding?: number;
  readonly checksumError?: number;
}

export function macOption(type: number, mac: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 1]), mac]);
}

export function solicitedGroup(target: Buffer): Buffer {
  return Buffer.concat([Buffer.from('ff0200000000000000000001ff', 'hex'), target.subarray(13)]);
}

/** A solicitation by fd00::9 for fd00::a with its MAC, but for what is given. */
export function neighbor(parts: NeighborParts = {}): Buffer {
  const target = parts.target ?? ipv6('fd00::a');
  const source = parts.source ?? ipv6('fd00::9');
  const destination = parts.destination ?? solicitedGroup(target);
  const message = Buffer.concat([
    Buffer.from([parts.type ?? 135, parts.code ?? 0, 0, 0, parts.flags ?? 0, 0, 0, 0]),
    target,
    parts.options ?? macOption(1, peer),
  ]);
  const sum = internetChecksum(source, destination, message) ^ (parts.checksumError ?? 0);
  message.writeUInt16BE(sum, 2);
  const ipv6Head = Buffer.from([0x60, 0, 0, 0, message.length >> 8, message.length & 255]);
  return Buffer.concat([
    parts.destinationMac ?? Buffer.concat([Buffer.from('3333', 'hex'), destination.subarray(12)]),
    parts.sourceMac ?? peer,
    Buffer.from('86dd', 'hex'),
    ipv6Head,
    Buffer.from([parts.nextHeader ?? 58, parts.hopLimit ?? 255]),
    source,
    destination,
    message,
    Buffer.alloc(parts.padding ?? 0),
  ]);
}

/** Of an ICMPv6 message whose checksum field is zero; by pseudo-header as RFC 8200 §8.1 draws it. */
export function internetChecksum(source: Buffer, destination: Buffer, message: Buffer): number {
  const length = Buffer.alloc(8);
  length.writeUInt32BE(message.length, 0);
  length.writeUInt32BE(58, 4);
  const all = Buffer.concat([source, destination, length, message, Buffer.alloc(message.length % 2)]);
  let sum = 0;
  for (let offset = 0; offset < all.length; offset += 2) {
    sum += all.readUInt16BE(offset);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

/** The same frame with an 802.1Q tag in it, as it is on the cable. */
export function tagged(frame: Buffer, vlan: number): Buffer {
  const tag = Buffer.from([0x81, 0x00, vlan >> 8, vlan & 255]);
  return Buffer.concat([frame.subarray(0, 12), tag, frame.subarray(12)]);
}
