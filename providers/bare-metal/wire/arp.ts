import {
  broadcastMac,
  destinationAt,
  etherTypeOf,
  etherTypes,
  headerSize,
  isStationMac,
  sourceAt,
  writeHeader,
} from './ethernet.ts';

/** ARP for IPv4 over Ethernet (RFC 826), and its use to find and defend addresses (RFC 5227). */

export const arpFrameSize = headerSize + 28;

export const operations = { request: 1, reply: 2 } as const;

const at = {
  hardwareType: 14,
  protocolType: 16,
  hardwareSize: 18,
  protocolSize: 19,
  operation: 20,
  senderMac: 22,
  sender: 28,
  targetMac: 32,
  target: 38,
} as const;

/** Hardware type, protocol type, hardware size, protocol size of ARP for IPv4 over Ethernet. */
const fixedPart = Buffer.from([0x00, 0x01, 0x08, 0x00, 6, 4]);

export type ArpFault =
  | 'not ARP'
  | 'truncated'
  | 'not for IPv4 over Ethernet'
  | 'unknown operation'
  | 'no station MAC'
  | 'no station address';

/**
 * Why a frame is not to be believed; `undefined` where it is a request or reply by one station. Only then the accessors below may be used.
 * Bytes behind the message are padding. Allocates nothing.
 */
export function arpFault(frame: Buffer): ArpFault | undefined {
  if (etherTypeOf(frame) !== etherTypes.arp) return 'not ARP';
  if (frame.length < arpFrameSize) return 'truncated';
  if (fixedPart.compare(frame, at.hardwareType, at.operation) !== 0) return 'not for IPv4 over Ethernet';
  const operation = arpOperation(frame);
  if (operation !== operations.request && operation !== operations.reply) return 'unknown operation';
  if (!isStationMac(frame, at.senderMac) || !isStationMac(frame, sourceAt)) return 'no station MAC';
  const sender = arpSender(frame);
  // Zero is the sender of a probe, which asks and never tells.
  if (sender === 0 ? operation === operations.reply : !isStationAddress(sender)) return 'no station address';
  return undefined;
}

export function arpOperation(frame: Buffer): number {
  return frame.readUInt16BE(at.operation);
}

/** The sender's address as a number; 0 in a probe. */
export function arpSender(frame: Buffer): number {
  return frame.readUInt32BE(at.sender);
}

/** The address that is asked for. */
export function arpTarget(frame: Buffer): number {
  return frame.readUInt32BE(at.target);
}

/** Offsets of the sender's address and MAC, to print them. */
export const arpSenderAt: number = at.sender;
export const arpTargetAt: number = at.target;
export const arpSenderMacAt: number = at.senderMac;

/** Turns a request that is free of faults into the reply by `mac`, in `out`. Allocates nothing; returns the reply's size. */
export function writeArpReply(request: Buffer, mac: Uint8Array, out: Buffer): number {
  request.copy(out, destinationAt, at.senderMac, at.senderMac + 6);
  out.set(mac, sourceAt);
  out.writeUInt16BE(etherTypes.arp, 12);
  out.set(fixedPart, at.hardwareType);
  out.writeUInt16BE(operations.reply, at.operation);
  out.set(mac, at.senderMac);
  request.copy(out, at.sender, at.target, at.target + 4);
  request.copy(out, at.targetMac, at.senderMac, at.senderMac + 6);
  request.copy(out, at.target, at.sender, at.sender + 4);
  return arpFrameSize;
}

const noMac = Buffer.alloc(6);
const noAddress = Buffer.alloc(4);

/** RFC 5227 §1.1: who has the address? Sent without one of our own, so that no cache is changed by it. */
export function arpProbe(address: Uint8Array, mac: Uint8Array): Buffer {
  return arpFrame(operations.request, { mac, address: noAddress }, { mac: noMac, address });
}

/** An ordinary question, which tells the asked one who asks. */
export function arpRequest(sender: { mac: Uint8Array; address: Uint8Array }, address: Uint8Array): Buffer {
  return arpFrame(operations.request, sender, { mac: noMac, address });
}

/**
 * Gratuitous ARP in both of its forms, broadcast: `mac` has the address now. Linux takes both, even within a second of an earlier update;
 * measured, it ignores in that second the reply form whose target MAC is broadcast, so here the target's MAC is the sender's (RFC 5944 §4.6).
 */
export function arpAnnouncements(address: Uint8Array, mac: Uint8Array): readonly [request: Buffer, reply: Buffer] {
  const own = { mac, address };
  return [arpFrame(operations.request, own, { mac: noMac, address }), arpFrame(operations.reply, own, own)];
}

interface Party {
  readonly mac: Uint8Array;
  readonly address: Uint8Array;
}

function arpFrame(operation: number, sender: Party, target: Party): Buffer {
  const out = Buffer.alloc(arpFrameSize);
  writeHeader(out, broadcastMac, sender.mac, etherTypes.arp);
  out.set(fixedPart, at.hardwareType);
  out.writeUInt16BE(operation, at.operation);
  out.set(sender.mac, at.senderMac);
  out.set(sender.address, at.sender);
  out.set(target.mac, at.targetMac);
  out.set(target.address, at.target);
  return out;
}

/** Neither 0.0.0.0/8 nor loopback, a group, reserved, or broadcast: what one host can have for its own. */
export function isStationAddress(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}
