/**
 * rtnetlink's messages (linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h), little-endian as on x64 and arm64. Pure; all reads are within
 * bounds. What comes out is a copy: the datagram's buffer is used again.
 */

export const messageTypes = {
  error: 2,
  done: 3,
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
} as const;

const headerSize = 16;
const attributeHeaderSize = 4;
const flags = { request: 1, multi: 2, dumpInterrupted: 0x10, dump: 0x300 } as const;
/** Nested and byte-order marks are no part of an attribute's type. */
const attributeTypeMask = 0x3fff;

export interface Message {
  readonly type: number;
  /** Part of an answer, and no event. */
  readonly isDumped: boolean;
  /** The answer that it is part of changed while it was given. */
  readonly isInterrupted: boolean;
  readonly body: Buffer;
}

/** All messages of one datagram; ends at the first that does not hold what it says. */
export function parseMessages(datagram: Buffer): readonly Message[] {
  const messages: Message[] = [];
  let offset = 0;
  while (offset + headerSize <= datagram.length) {
    const size = datagram.readUInt32LE(offset);
    if (size < headerSize || offset + size > datagram.length) break;
    messages.push({
      type: datagram.readUInt16LE(offset + 4),
      isDumped: (datagram.readUInt16LE(offset + 6) & flags.multi) !== 0,
      isInterrupted: (datagram.readUInt16LE(offset + 6) & flags.dumpInterrupted) !== 0,
      body: datagram.subarray(offset + headerSize, offset + size),
    });
    offset += align(size);
  }
  return messages;
}

/** A question for everything of a kind, of all families. */
export function dumpRequest(type: number): Buffer {
  // The longest of the fixed parts, ifinfomsg, with zeros: longer than need be is taken unless strict checks are asked for.
  const out = Buffer.alloc(headerSize + 16);
  out.writeUInt32LE(out.length, 0);
  out.writeUInt16LE(type, 4);
  out.writeUInt16LE(flags.request | flags.dump, 6);
  return out;
}

export interface LinkPart {
  readonly index: number;
  readonly name: string;
  readonly mac: Buffer;
  readonly mtu: number;
  readonly kind: string;
  readonly flags: number;
  readonly master: number;
  readonly masterKind: string;
}

const linkAttributes = { mac: 1, name: 3, mtu: 4, master: 10, info: 18 } as const;
const infoAttributes = { kind: 1, masterKind: 4 } as const;

/** linux/if_arp.h: links of other types (InfiniBand's, tunnels') have addresses that are no MACs. */
const ethernet = 1;

/**
 * `undefined` for what only looks like a link: a bridge tells of its ports by messages of family AF_BRIDGE, and of a port that has left by
 * a `deleteLink`.
 */
export function parseLink(body: Buffer): LinkPart | undefined {
  if (body.length < 16 || body.readUInt8(0) !== 0) return undefined;
  const attributes = parseAttributes(body, 16);
  const info = parseAttributes(attributes.get(linkAttributes.info) ?? empty, 0);
  const name = textOf(attributes.get(linkAttributes.name));
  if (name === '') return undefined;
  return {
    index: body.readInt32LE(4),
    name,
    mac: Buffer.from(body.readUInt16LE(2) === ethernet ? (attributes.get(linkAttributes.mac) ?? empty) : empty),
    mtu: numberOf(attributes.get(linkAttributes.mtu)),
    kind: textOf(info.get(infoAttributes.kind)),
    flags: body.readUInt32LE(8),
    master: numberOf(attributes.get(linkAttributes.master)),
    masterKind: textOf(info.get(infoAttributes.masterKind)),
  };
}

export interface AddressPart {
  readonly index: number;
  readonly bytes: Buffer;
  readonly prefixLength: number;
}

const addressAttributes = { address: 1, local: 2 } as const;

/** Between two points the prefix is the other end's, and this end is alone. */
export function parseAddress(body: Buffer): AddressPart | undefined {
  if (body.length < 8) return undefined;
  const attributes = parseAttributes(body, 8);
  const peer = attributes.get(addressAttributes.address);
  const bytes = attributes.get(addressAttributes.local) ?? peer;
  if (bytes === undefined || !isAddressOf(body.readUInt8(0), bytes)) return undefined;
  const bits = 8 * bytes.length;
  const isAlone = peer !== undefined && !peer.equals(bytes);
  return {
    index: body.readInt32LE(4),
    bytes: Buffer.from(bytes),
    prefixLength: isAlone ? bits : Math.min(body.readUInt8(1), bits),
  };
}

export interface GatewayPart {
  readonly index: number;
  readonly bytes: Buffer;
}

const routeAttributes = { interface: 4, gateway: 5, multipath: 9 } as const;

/** Next hops of a default route, several where it has several ways; none of any other route. */
export function parseGateways(body: Buffer): readonly GatewayPart[] {
  if (body.length < 12 || body.readUInt8(1) !== 0) return [];
  const attributes = parseAttributes(body, 12);
  const hops = [gatewayOf(numberOf(attributes.get(routeAttributes.interface)), attributes)];
  const ways = attributes.get(routeAttributes.multipath) ?? empty;
  // struct rtnexthop: size, flags, weight, index of the interface, then attributes.
  for (let offset = 0; offset + 8 <= ways.length; ) {
    const size = ways.readUInt16LE(offset);
    if (size < 8 || offset + size > ways.length) break;
    hops.push(gatewayOf(ways.readInt32LE(offset + 4), parseAttributes(ways.subarray(offset, offset + size), 8)));
    offset += align(size);
  }
  return hops.flatMap(hop => hop ?? []);
}

const empty = Buffer.alloc(0);

function gatewayOf(index: number, attributes: ReadonlyMap<number, Buffer>): GatewayPart | undefined {
  const bytes = attributes.get(routeAttributes.gateway);
  return bytes?.length === 4 || bytes?.length === 16 ? { index, bytes: Buffer.from(bytes) } : undefined;
}

function isAddressOf(addressFamily: number, { length }: Buffer): boolean {
  return (addressFamily === 2 && length === 4) || (addressFamily === 10 && length === 16);
}

/** By type, the last of several; stops at the first that does not hold what it says. */
function parseAttributes(bytes: Buffer, start: number): ReadonlyMap<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  let offset = start;
  while (offset + attributeHeaderSize <= bytes.length) {
    const size = bytes.readUInt16LE(offset);
    if (size < attributeHeaderSize || offset + size > bytes.length) break;
    const type = bytes.readUInt16LE(offset + 2) & attributeTypeMask;
    attributes.set(type, bytes.subarray(offset + attributeHeaderSize, offset + size));
    offset += align(size);
  }
  return attributes;
}

function textOf(bytes: Buffer | undefined): string {
  return bytes?.toString('latin1').split('\0', 1)[0] ?? '';
}

function numberOf(bytes: Buffer | undefined): number {
  return bytes === undefined || bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
}

function align(size: number): number {
  return (size + 3) & ~3;
}
