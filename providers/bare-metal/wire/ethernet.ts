/** Ethernet II frames as AF_PACKET sockets give and take them: from the destination's MAC on, without preamble and checksum. */

export const headerSize = 14;

/** Shortest frame without checksum (IEEE 802.3, 64 bytes with it). */
export const minimumFrameSize = 60;

export const etherTypes = {
  arp: 0x0806,
  ipv6: 0x86dd,
  /** IEEE 802 local experimental EtherType 1: ours, for heartbeats. */
  heartbeat: 0x88b5,
} as const;

export const broadcastMac: Buffer = Buffer.alloc(6, 0xff);

/** Where a frame names its two ends. */
export const destinationAt = 0;
export const sourceAt = 6;

export function etherTypeOf(frame: Buffer): number {
  return frame.length < headerSize ? 0 : frame.readUInt16BE(12);
}

export function writeHeader(out: Buffer, destination: Uint8Array, source: Uint8Array, etherType: number): void {
  out.set(destination, destinationAt);
  out.set(source, sourceAt);
  out.writeUInt16BE(etherType, 12);
}

/**
 * Whether one interface can have this MAC for its own: groups (broadcast among them) and zero are nobody's. A frame in which somebody
 * gives such a MAC for theirs would have us, or the asker, send to everybody.
 */
export function isStationMac(frame: Buffer, at: number): boolean {
  return (frame.readUInt8(at) & 1) === 0 && (frame.readUInt32BE(at) !== 0 || frame.readUInt16BE(at + 4) !== 0);
}

export function sameBytes(frame: Buffer, at: number, other: Buffer, otherAt: number, size: number): boolean {
  return frame.compare(other, otherAt, otherAt + size, at, at + size) === 0;
}

/** `02:42:ac:11:00:02`, lower case as the kernel's tools print it. */
export function macText(bytes: Buffer, at = 0): string {
  return bytes.toString('hex', at, at + 6).replace(/..(?=.)/g, '$&:');
}

/** The six bytes of what `macText` gives; `undefined` for anything else. */
export function parseMac(text: string): Buffer | undefined {
  return /^[\da-f]{2}(?::[\da-f]{2}){5}$/i.test(text) ? Buffer.from(text.replaceAll(':', ''), 'hex') : undefined;
}
