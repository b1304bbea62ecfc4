import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { addressBytes, addressText } from './address-bytes.ts';
import {
  broadcastMac,
  etherTypeOf,
  etherTypes,
  headerSize,
  macText,
  minimumFrameSize,
  parseMac,
  writeHeader,
} from './ethernet.ts';

/**
 * What a speaker broadcasts on each segment: that it lives, and what it announces there. A frame behind the Ethernet header, numbers big-endian:
 *
 * | offset | size | what                                                                                   |
 * |--------|------|----------------------------------------------------------------------------------------|
 * | 0      | 4    | `FLHB`: the EtherType is everybody's for experiments                                   |
 * | 4      | 1    | version                                                                                |
 * | 5      | 1    | flags: 1 leaving, 2 listening; bits unknown are passed over                            |
 * | 6      | 2    | size of all this, with the HMAC, without padding                                       |
 * | 8      | 8    | cluster hash                                                                           |
 * | 16     | 16   | boot id                                                                                |
 * | 32     | 8    | counter, below 2^53                                                                    |
 * | 40     | 6    | MAC that the sender announces with (a bridge on the way may rewrite the header's)      |
 * | 46     | 4    | number of all its claims on this segment                                               |
 * | 50     | 1    | number of claims in this frame                                                         |
 * | 51     | 1    | size of the node's name, then the name                                                 |
 * |        |      | claims: 1 byte with the state in its high half and 4 or 6 in its low one, 6 bytes Unix |
 * |        |      | ms of the claim, 4 or 16 bytes address                                                 |
 * | end    | 32   | HMAC-SHA-256 over all before; zero without a key                                       |
 */
export interface Heartbeat {
  readonly node: string;
  /** A UUID. */
  readonly bootId: string;
  /** Grows with every frame: what is not above the last one heard is a replay. */
  readonly counter: number;
  readonly isLeaving: boolean;
  readonly isListening: boolean;
  /** As `macText` gives it. */
  readonly mac: string;
  /** Of all claims, of which `claims` are some. */
  readonly total: number;
  readonly claims: readonly HeartbeatClaim[];
}

export interface HeartbeatClaim {
  readonly address: string;
  /** Unix milliseconds. */
  readonly since: number;
  readonly state: ClaimState;
}

/** In the order of their numbers on the wire. What they mean is the election's to say. */
const states = ['released', 'intended', 'held', 'yielding'] as const;
export type ClaimState = (typeof states)[number];

const flags = { leaving: 1, listening: 2 } as const;

export const heartbeatVersion = 1;

/** Where filters find the cluster. */
export const magicAt = headerSize;
export const clusterAt: number = headerSize + 8;
export const magic = 0x464c4842;

const at = {
  version: headerSize + 4,
  flags: headerSize + 5,
  size: headerSize + 6,
  bootId: headerSize + 16,
  counter: headerSize + 32,
  mac: headerSize + 40,
  total: headerSize + 46,
  claimCount: headerSize + 50,
  nameSize: headerSize + 51,
  name: headerSize + 52,
} as const;

const hmacSize = 32;
const longestName = 253;
/** Of a claim, before its address. */
const claimHeadSize = 7;
const mostClaims = 255;

/** A DNS subdomain, as Kubernetes has it for nodes: nothing else gets into logs and maps. */
const nodeName = /^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/;

export interface Authentication {
  readonly clusterHash: Buffer;
  /** Without a key nothing is proved, and every frame of the cluster is believed, those with an HMAC too. */
  readonly key: Uint8Array | undefined;
}

/** Eight bytes that tell clusters on one segment apart. */
export function clusterHashOf(clusterId: string): Buffer {
  return createHash('sha256').update(clusterId).digest().subarray(0, 8);
}

/**
 * A frame with as many of the claims, in order, as fit behind an MTU. `written` says how many: the next frame goes on from there. Throws
 * where the node's name, MAC, boot id or an address is none: these are our own.
 */
export function heartbeatFrame(
  heartbeat: Heartbeat,
  authentication: Authentication,
  mtu: number,
): { readonly frame: Buffer; readonly written: number } {
  const out = Buffer.alloc(headerSize + Math.min(mtu, 1500));
  let end = writeHead(out, heartbeat, authentication.clusterHash);
  let written = 0;
  for (const claim of heartbeat.claims.slice(0, mostClaims)) {
    const next = writeClaim(out, end, claim);
    if (next === undefined) break;
    end = next;
    written++;
  }
  out.writeUInt8(written, at.claimCount);
  const size = end + hmacSize - headerSize;
  out.writeUInt16BE(size, at.size);
  if (authentication.key !== undefined) out.set(hmacOf(out, end, authentication.key), end);
  else out.fill(0, end, end + hmacSize);
  return { frame: out.subarray(0, Math.max(headerSize + size, minimumFrameSize)), written };
}

export type HeartbeatFault =
  | 'not a heartbeat'
  | 'truncated'
  | 'another version'
  | 'another cluster'
  | 'wrong HMAC'
  | 'bad node name'
  | 'bad MAC'
  | 'bad counter'
  | 'bad claims';

/** What a frame says, or why it is not to be believed. That it is no replay is for whoever remembers counters to say. */
export function parseHeartbeat(frame: Buffer, { clusterHash, key }: Authentication): Heartbeat | HeartbeatFault {
  if (etherTypeOf(frame) !== etherTypes.heartbeat) return 'not a heartbeat';
  if (frame.length < at.name + hmacSize) return 'truncated';
  if (frame.readUInt32BE(magicAt) !== magic) return 'not a heartbeat';
  if (frame.readUInt8(at.version) !== heartbeatVersion) return 'another version';
  if (clusterHash.compare(frame, clusterAt, clusterAt + 8) !== 0) return 'another cluster';
  const end = headerSize + frame.readUInt16BE(at.size) - hmacSize;
  const claimsAt = at.name + frame.readUInt8(at.nameSize);
  if (claimsAt > end || end + hmacSize > frame.length) return 'truncated';
  if (key !== undefined && !timingSafeEqual(hmacOf(frame, end, key), frame.subarray(end, end + hmacSize)))
    return 'wrong HMAC';
  return parseContent(frame, claimsAt, end);
}

function parseContent(frame: Buffer, claimsAt: number, end: number): Heartbeat | HeartbeatFault {
  const node = frame.toString('latin1', at.name, claimsAt);
  if (node.length > longestName || !nodeName.test(node)) return 'bad node name';
  const mac = macText(frame, at.mac);
  if ((frame.readUInt8(at.mac) & 1) !== 0) return 'bad MAC';
  const claims = parseClaims(frame, claimsAt, end);
  if (claims === undefined) return 'bad claims';
  const counter = Number(frame.readBigUInt64BE(at.counter));
  if (!Number.isSafeInteger(counter)) return 'bad counter';
  const flagBits = frame.readUInt8(at.flags);
  return {
    node,
    bootId: uuidText(frame, at.bootId),
    counter,
    isLeaving: (flagBits & flags.leaving) !== 0,
    isListening: (flagBits & flags.listening) !== 0,
    mac,
    total: frame.readUInt32BE(at.total),
    claims,
  };
}

const addressSizes: ReadonlyMap<number, 4 | 16> = new Map([
  [4, 4],
  [6, 16],
]);

/** `undefined` unless they fill their part of the frame to the byte, and are as many as the frame says. */
function parseClaims(frame: Buffer, start: number, end: number): readonly HeartbeatClaim[] | undefined {
  const claims: HeartbeatClaim[] = [];
  let offset = start;
  while (offset < end) {
    const kind = frame.readUInt8(offset);
    const size = addressSizes.get(kind & 0xf);
    const state = states[kind >> 4];
    const addressAt = offset + claimHeadSize;
    if (size === undefined || state === undefined || addressAt + size > end) return undefined;
    claims.push({ address: addressText(frame, addressAt, size), since: frame.readUIntBE(offset + 1, 6), state });
    offset = addressAt + size;
  }
  return claims.length === frame.readUInt8(at.claimCount) ? claims : undefined;
}

/** Returns where the claims begin. */
function writeHead(out: Buffer, heartbeat: Heartbeat, clusterHash: Buffer): number {
  const { node, bootId } = heartbeat;
  const mac = parseMac(heartbeat.mac);
  if (mac === undefined) throw new Error(`not a MAC: ${heartbeat.mac}`);
  if (node.length > longestName || !nodeName.test(node)) throw new Error(`not a node's name: ${node}`);
  if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(bootId)) throw new Error(`boot id is not a UUID: ${bootId}`);
  writeHeader(out, broadcastMac, mac, etherTypes.heartbeat);
  out.writeUInt32BE(magic, magicAt);
  out.writeUInt8(heartbeatVersion, at.version);
  out.writeUInt8((heartbeat.isLeaving ? flags.leaving : 0) | (heartbeat.isListening ? flags.listening : 0), at.flags);
  out.set(clusterHash, clusterAt);
  out.write(bootId.replaceAll('-', ''), at.bootId, 'hex');
  out.writeBigUInt64BE(BigInt(heartbeat.counter), at.counter);
  out.set(mac, at.mac);
  out.writeUInt32BE(heartbeat.total, at.total);
  out.writeUInt8(node.length, at.nameSize);
  return at.name + out.write(node, at.name, 'latin1');
}

/** Returns where it ends; `undefined` where it does not fit before the HMAC. */
function writeClaim(out: Buffer, offset: number, { address, since, state }: HeartbeatClaim): number | undefined {
  const bytes = addressBytes(address);
  if (bytes === undefined) throw new Error(`not an address: ${address}`);
  const end = offset + claimHeadSize + bytes.length;
  if (end + hmacSize > out.length) return undefined;
  out.writeUInt8((states.indexOf(state) << 4) | (bytes.length === 4 ? 4 : 6), offset);
  out.writeUIntBE(since, offset + 1, 6);
  out.set(bytes, offset + claimHeadSize);
  return end;
}

function hmacOf(frame: Buffer, end: number, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(frame.subarray(headerSize, end)).digest();
}

function uuidText(frame: Buffer, offset: number): string {
  return frame.toString('hex', offset, offset + 16).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
