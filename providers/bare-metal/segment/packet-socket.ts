import { type Errno, errnoOf, family, type Libc, socketType } from './libc.ts';
import type { Pollable } from './poller.ts';

/** asm-generic/socket.h and linux/if_packet.h; same on x64 and arm64. */
const level = { socket: 1, packet: 263 } as const;
const option = { receiveBuffer: 8, priority: 12, attachFilter: 26, ignoreOutgoing: 23 } as const;

/** As much as the kernel lets one have (net.core.rmem_max): the usual 208 KB lost 3 % of 20,000 requests a second in bursts (measured). */
const receiveBufferSize = 4 * 1024 * 1024;

/** TC_PRIO_INTERACTIVE, the highest without CAP_NET_ADMIN: a first-in-first-out queue full of bulk is passed. */
const priority = 6;

const messageTruncated = 0x20;

/** Longer than an Ethernet frame: what does not fit is none that we would answer. */
const frameBuffer = Buffer.alloc(2048);

/**
 * Frames of one EtherType on one interface, in both directions; never waits. Nothing that the interface does makes it throw: gone down,
 * deleted, its queue full, each is a result.
 */
export class PacketSocket implements Pollable {
  readonly fd: number;
  readonly index: number;
  readonly etherType: number;
  readonly #libc: Libc;

  constructor(libc: Libc, fd: number, index: number, etherType: number) {
    this.#libc = libc;
    this.fd = fd;
    this.index = index;
    this.etherType = etherType;
  }

  /**
   * The next frame, valid until the next call on any of these sockets; `undefined` where there is none. What the filter lets pass is
   * for this host and has no VLAN tag; longer frames than Ethernet's are passed over.
   */
  receive(): Buffer | Errno | undefined {
    for (;;) {
      const size = this.#libc.recv(this.fd, frameBuffer, frameBuffer.length, messageTruncated);
      if (size >= 0 && size <= frameBuffer.length) return frameBuffer.subarray(0, size);
      if (size > 0) continue;
      const errno = errnoOf(size);
      if (errno === 'EINTR') continue;
      return errno === 'EAGAIN' ? undefined : errno;
    }
  }

  /** ENOBUFS: lost, as frames can be; what must arrive is sent again. */
  send(frame: Buffer, size: number = frame.length): Errno | undefined {
    for (;;) {
      const result = this.#libc.send(this.fd, frame, size, 0);
      if (result >= 0) return undefined;
      const errno = errnoOf(result);
      if (errno !== 'EINTR') return errno === 'EAGAIN' ? 'ENOBUFS' : errno;
    }
  }

  /** Replaces the program at once; frames that wait already stay. */
  setFilter(program: Buffer): Errno | undefined {
    return attachFilter(this.#libc, this.fd, program);
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}

/** Only what `filter` accepts ever gets in: it is attached before the socket is bound to anything. */
export function openPacketSocket(libc: Libc, index: number, etherType: number, filter: Buffer): PacketSocket | Errno {
  const fd = libc.socket(family.packet, socketType.raw, 0);
  if (fd < 0) return errnoOf(fd);
  setNumber(libc, fd, level.socket, option.receiveBuffer, receiveBufferSize);
  setNumber(libc, fd, level.socket, option.priority, priority);
  // Linux 4.20; before it the filter's look at the packet's type drops them as well.
  setNumber(libc, fd, level.packet, option.ignoreOutgoing, 1);
  const address = Buffer.alloc(20);
  address.writeUInt16LE(family.packet, 0);
  address.writeUInt16BE(etherType, 2);
  address.writeInt32LE(index, 4);
  const fault = attachFilter(libc, fd, filter) ?? failureOf(libc.bind(fd, address, address.length));
  if (fault === undefined) return new PacketSocket(libc, fd, index, etherType);
  libc.close(fd);
  return fault;
}

/** SO_ATTACH_FILTER with a struct sock_fprog: the number of instructions, and behind padding a pointer to them. */
export function attachFilter(libc: Libc, fd: number, program: Buffer): Errno | undefined {
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length / 8, 0);
  header.writeBigUInt64LE(libc.addressOf(program), 8);
  return failureOf(libc.setsockopt(fd, level.socket, option.attachFilter, header, header.length));
}

export function setReceiveBuffer(libc: Libc, fd: number): void {
  setNumber(libc, fd, level.socket, option.receiveBuffer, receiveBufferSize);
}

function setNumber(libc: Libc, fd: number, at: number, name: number, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  libc.setsockopt(fd, at, name, bytes, bytes.length);
}

export function failureOf(result: number): Errno | undefined {
  return result < 0 ? errnoOf(result) : undefined;
}
