import {
  destinationAt,
  etherTypeOf,
  etherTypes,
  headerSize,
  isStationMac,
  sameBytes,
  sourceAt,
  writeHeader,
} from './ethernet.ts';

/** Neighbour Solicitations and Advertisements over Ethernet (RFC 4861 §4.3, §4.4, §7; DAD: RFC 4862 §5.4). */

export const types = { solicitation: 135, advertisement: 136 } as const;

const optionTypes = { sourceMac: 1, targetMac: 2 } as const;

const at = {
  version: headerSize,
  payloadSize: headerSize + 4,
  nextHeader: headerSize + 6,
  hopLimit: headerSize + 7,
  source: headerSize + 8,
  destination: headerSize + 24,
  type: headerSize + 40,
  code: headerSize + 41,
  checksum: headerSize + 42,
  flags: headerSize + 44,
  target: headerSize + 48,
  options: headerSize + 64,
} as const;

const icmpv6 = 58;
const optionSize = 8;
const flags = { solicited: 0x40, override: 0x20 } as const;

/** Of an advertisement, and of a solicitation with its sender's MAC. */
export const ndFrameSize: number = at.options + optionSize;

const unspecified = Buffer.alloc(16);
const allNodes = Buffer.from('ff020000000000000000000000000001', 'hex');
const solicitedNodePrefix = Buffer.from('ff0200000000000000000001ff', 'hex');

export type NdFault =
  | 'not IPv6'
  | 'truncated'
  | 'not a neighbour message'
  | 'hop limit below 255'
  | 'wrong checksum'
  | 'bad option'
  | 'no station address'
  | 'no station MAC'
  | 'contradictory';

/**
 * Why a frame is not to be believed (the checks of RFC 4861 §7.1); `undefined` where it is a solicitation or an advertisement. Only then
 * the accessors below may be used. What stands behind the IPv6 payload is padding. Allocates nothing.
 */
export function ndFault(frame: Buffer): NdFault | undefined {
  if (etherTypeOf(frame) !== etherTypes.ipv6) return 'not IPv6';
  if (frame.length < at.options) return 'truncated';
  if (frame.readUInt8(at.version) >> 4 !== 6) return 'not IPv6';
  // An extension header hides nothing from us: what comes behind one is not believed.
  if (frame.readUInt8(at.nextHeader) !== icmpv6) return 'not a neighbour message';
  if (!isNeighborMessage(frame)) return 'not a neighbour message';
  if (frame.readUInt8(at.hopLimit) !== 255) return 'hop limit below 255';
  const end = at.type + frame.readUInt16BE(at.payloadSize);
  if (end < at.options || end > frame.length) return 'truncated';
  if (checksum(frame, end) !== 0) return 'wrong checksum';
  return optionsFault(frame, end) ?? contentFault(frame, end);
}

export function isSolicitation(frame: Buffer): boolean {
  return frame.readUInt8(at.type) === types.solicitation;
}

/** Sent by who looks whether the address is free (DAD), and so without an address of its own. */
export function isProbe(frame: Buffer): boolean {
  return isSolicitation(frame) && sameBytes(frame, at.source, unspecified, 0, 16);
}

/** Offsets of the address that a message is about, and of its sender's. */
export const ndTargetAt: number = at.target;
export const ndSourceAt: number = at.source;

/** Where the MAC stands that the message gives for its sender (solicitation) or target (advertisement): in its option, else in the frame. */
export function ndMacAt(frame: Buffer): number {
  const wanted = isSolicitation(frame) ? optionTypes.sourceMac : optionTypes.targetMac;
  const option = findOption(frame, at.type + frame.readUInt16BE(at.payloadSize), wanted);
  return option === 0 ? sourceAt : option + 2;
}

/**
 * The advertisement that answers a solicitation free of faults, in `out`: from the address itself (`ndisc6` believes no other), with S, O
 * and the MAC. A DAD probe, whose sender has no address, is answered to all nodes and without S (RFC 4861 §7.2.4). Allocates nothing.
 */
export function writeSolicitedAdvertisement(solicitation: Buffer, mac: Uint8Array, out: Buffer): number {
  if (isProbe(solicitation)) {
    writeAdvertisement(solicitation, at.target, mac, out);
    return ndFrameSize;
  }
  const macAt = ndMacAt(solicitation);
  solicitation.copy(out, destinationAt, macAt, macAt + 6);
  out.set(mac, sourceAt);
  out.writeUInt16BE(etherTypes.ipv6, 12);
  writeIpv6(out, ndFrameSize);
  solicitation.copy(out, at.source, at.target, at.target + 16);
  solicitation.copy(out, at.destination, at.source, at.source + 16);
  solicitation.copy(out, at.target, at.target, at.target + 16);
  finish(out, types.advertisement, flags.solicited | flags.override, optionTypes.targetMac, mac);
  return ndFrameSize;
}

/** To all nodes: `mac` has the address now. O = 1: without it no entry changes (measured on Linux, and RFC 4861 §7.2.5). */
export function unsolicitedAdvertisement(address: Uint8Array, mac: Uint8Array): Buffer {
  const out = Buffer.alloc(ndFrameSize);
  writeAdvertisement(Buffer.from(address), 0, mac, out);
  return out;
}

/** A DAD probe: a solicitation from nobody, to the few that listen for the address. Without a MAC option, as RFC 4861 §4.3 has it. */
export function neighborProbe(address: Uint8Array, mac: Uint8Array): Buffer {
  const out = Buffer.alloc(at.options);
  const group = solicitedNodeGroup(address);
  writeHeader(out, groupMac(group), mac, etherTypes.ipv6);
  writeIpv6(out, at.options);
  out.set(group, at.destination);
  out.set(address, at.target);
  out.writeUInt8(types.solicitation, at.type);
  out.writeUInt16BE(checksum(out, at.options), at.checksum);
  return out;
}

/** ff02::1:ffXX:XXXX with the last 24 bits of the address (RFC 4291 §2.7.1). */
export function solicitedNodeGroup(address: Uint8Array): Buffer {
  const group = Buffer.alloc(16);
  group.set(solicitedNodePrefix);
  group.set(address.subarray(13, 16), 13);
  return group;
}

/** 33:33 and the last four bytes of the group (RFC 2464 §7). */
export function groupMac(group: Uint8Array): Buffer {
  return Buffer.from([0x33, 0x33, ...group.subarray(12, 16)]);
}

function isNeighborMessage(frame: Buffer): boolean {
  const type = frame.readUInt8(at.type);
  return frame.readUInt8(at.code) === 0 && (type === types.solicitation || type === types.advertisement);
}

/** What the fields say of each other: who may send what to whom, and what may be claimed. */
function contentFault(frame: Buffer, end: number): NdFault | undefined {
  if (!isStationMac(frame, sourceAt) || !isStationMac(frame, ndMacAt(frame))) return 'no station MAC';
  if (!isUnicast(frame, at.target)) return 'no station address';
  if (isProbe(frame))
    return isForSolicitedNode(frame) && findOption(frame, end, optionTypes.sourceMac) === 0
      ? undefined
      : 'contradictory';
  if (!isUnicast(frame, at.source)) return 'no station address';
  if (isSolicitation(frame))
    return isForSolicitedNode(frame) || sameBytes(frame, at.destination, frame, at.target, 16)
      ? undefined
      : 'contradictory';
  const toGroup = frame.readUInt8(at.destination) === 0xff;
  return toGroup && (frame.readUInt8(at.flags) & flags.solicited) !== 0 ? 'contradictory' : undefined;
}

function isForSolicitedNode(frame: Buffer): boolean {
  return (
    sameBytes(frame, at.destination, solicitedNodePrefix, 0, 13) &&
    sameBytes(frame, at.destination + 13, frame, at.target + 13, 3)
  );
}

/** Neither a group, nor unspecified or loopback, nor IPv4 in disguise. */
function isUnicast(frame: Buffer, offset: number): boolean {
  if (frame.readUInt8(offset) === 0xff) return false;
  return frame.readUInt32BE(offset) !== 0 || frame.readUInt32BE(offset + 4) !== 0;
}

/** RFC 4861 §4.6: a size of zero would never end, and none may reach over the message's end. A MAC option holds an Ethernet MAC. */
function optionsFault(frame: Buffer, end: number): NdFault | undefined {
  let offset = at.options;
  while (offset < end) {
    if (offset + 2 > end) return 'bad option';
    const size = 8 * frame.readUInt8(offset + 1);
    if (size === 0 || offset + size > end) return 'bad option';
    const type = frame.readUInt8(offset);
    if ((type === optionTypes.sourceMac || type === optionTypes.targetMac) && size !== optionSize) return 'bad option';
    offset += size;
  }
  return undefined;
}

/** Offset of the first option of the type; 0 where there is none. Only for options without fault. */
function findOption(frame: Buffer, end: number, type: number): number {
  for (let offset = at.options; offset < end; offset += 8 * frame.readUInt8(offset + 1))
    if (frame.readUInt8(offset) === type) return offset;
  return 0;
}

function writeAdvertisement(from: Buffer, addressAt: number, mac: Uint8Array, out: Buffer): void {
  writeHeader(out, allNodesMac, mac, etherTypes.ipv6);
  writeIpv6(out, ndFrameSize);
  from.copy(out, at.source, addressAt, addressAt + 16);
  out.set(allNodes, at.destination);
  from.copy(out, at.target, addressAt, addressAt + 16);
  finish(out, types.advertisement, flags.override, optionTypes.targetMac, mac);
}

const allNodesMac = groupMac(allNodes);

function writeIpv6(out: Buffer, frameSize: number): void {
  out.writeUInt32BE(0x6000_0000, at.version);
  out.writeUInt16BE(frameSize - at.type, at.payloadSize);
  out.writeUInt8(icmpv6, at.nextHeader);
  out.writeUInt8(255, at.hopLimit);
}

function finish(out: Buffer, type: number, flagBits: number, optionType: number, mac: Uint8Array): void {
  out.writeUInt8(type, at.type);
  out.writeUInt8(0, at.code);
  out.writeUInt16BE(0, at.checksum);
  out.writeUInt32BE(flagBits * 2 ** 24, at.flags);
  out.writeUInt8(optionType, at.options);
  out.writeUInt8(1, at.options + 1);
  out.set(mac, at.options + 2);
  out.writeUInt16BE(checksum(out, ndFrameSize), at.checksum);
}

/**
 * The Internet checksum over pseudo-header and message (RFC 4443 §2.3): what to write where the field is zero, and 0 where the field is
 * right. Works for every payload shorter than 64 KB: the sum of its words stays below 2^32.
 */
function checksum(frame: Buffer, end: number): number {
  let sum = end - at.type + icmpv6;
  for (let offset = at.source; offset + 1 < end; offset += 2) sum += frame.readUInt16BE(offset);
  if ((end - at.source) % 2 === 1) sum += frame.readUInt8(end - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
