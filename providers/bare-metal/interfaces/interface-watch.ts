import { type Errno, errnoOf, family, type Libc, socketType } from '../segment/libc.ts';
import { attachFilter, failureOf, setReceiveBuffer } from '../segment/packet-socket.ts';
import type { Pollable } from '../segment/poller.ts';
import { filterProgram } from '../wire/filters.ts';
import { InterfaceTable } from './interface-table.ts';
import { dumpRequest, type Message, messageTypes, parseMessages } from './netlink-messages.ts';
import type { NetworkInterface } from './network-interface.ts';

/** linux/rtnetlink.h: links, addresses and routes of both families. */
const groups = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/** A dump comes in pieces of 32 KB at most; so many are read at once, and a heartbeat does not wait for a table of a million routes. */
const datagramsAtOnce = 32;
const datagramSize = 64 * 1024;
const messageTruncated = 0x20;

/** Of a start; one is enough but for nodes with thousands of interfaces. */
const mostReads = 1000;

/** What is told, in this order: an address needs its link, a route both. */
const dumps = [messageTypes.getLink, messageTypes.getAddress, messageTypes.getRoute] as const;

/**
 * Classic BPF: an event about a route that is no default route wakes nobody; nodes with thousands of pods have thousands of those. What is
 * part of a dump (NLM_F_MULTI, 2) passes: there one piece has many.
 */
const filter = filterProgram([
  // Loads are big-endian, and netlink is not: bytes.
  [0x30, 0, 0, 4],
  [0x15, 1, 0, messageTypes.newRoute],
  [0x15, 0, 4, messageTypes.deleteRoute],
  [0x30, 0, 0, 6],
  [0x45, 2, 0, 2],
  [0x30, 0, 0, 17],
  [0x15, 0, 1, 0],
  [0x06, 0, 0, 0xffffffff],
  [0x06, 0, 0, 0],
]);

/**
 * The interfaces of this network namespace, followed by rtnetlink events; needs no capability. Where the kernel could not keep all events
 * (ENOBUFS), or something changed while it told, everything is asked for anew.
 */
export class InterfaceWatch implements Pollable {
  readonly fd: number;
  readonly #libc: Libc;
  readonly #datagram: Buffer = Buffer.alloc(datagramSize);
  readonly #sender: Buffer = Buffer.alloc(12);
  readonly #senderSize: Buffer = Buffer.alloc(4);
  #interfaces: ReadonlyMap<number, NetworkInterface> = new Map();
  #table = new InterfaceTable();
  /** Which of `dumps` is being told; past the last: none. */
  #dump: number = dumps.length;
  /** Something was missed; from which dump on to ask again, when the present one is over. */
  #again: number = dumps.length;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.fd = fd;
    this.#start(0);
  }

  /** By index; complete and consistent: while the kernel still tells, what was known before. */
  get interfaces(): ReadonlyMap<number, NetworkInterface> {
    return this.#interfaces;
  }

  /** Takes what the kernel has told since. True where `interfaces` may be others now. */
  read(): boolean {
    if (this.#dump >= dumps.length && this.#again < dumps.length) this.#start(this.#again);
    let hasNews = false;
    for (let count = 0; count < datagramsAtOnce; count++) {
      const messages = this.#receive();
      if (messages === undefined) break;
      for (const message of messages) this.#take(message);
      hasNews ||= messages.length > 0;
    }
    if (!hasNews || this.#dump < dumps.length) return false;
    this.#interfaces = this.#table.interfaces();
    return true;
  }

  close(): void {
    this.#libc.close(this.fd);
  }

  /** Empty for one that was lost or is not the kernel's; `undefined` where nothing waits. */
  #receive(): readonly Message[] | undefined {
    this.#senderSize.writeUInt32LE(this.#sender.length, 0);
    const size = this.#libc.recvfrom(
      this.fd,
      this.#datagram,
      datagramSize,
      messageTruncated,
      this.#sender,
      this.#senderSize,
    );
    if (size < 0) return this.#missed(errnoOf(size));
    if (size > datagramSize) return this.#missed('ENOBUFS');
    // Port 0 is the kernel; another process may write to us where it is privileged.
    return this.#sender.readUInt32LE(4) === 0 ? parseMessages(this.#datagram.subarray(0, size)) : [];
  }

  #missed(errno: Errno): readonly Message[] | undefined {
    if (errno === 'EINTR') return [];
    if (errno !== 'ENOBUFS') return undefined;
    this.#askAgain(0);
    return [];
  }

  #take(message: Message): void {
    const { type, isDumped } = message;
    if (message.isInterrupted) this.#again = 0;
    if (type === messageTypes.done || type === messageTypes.error) this.#finish();
    // A change of one default route does not say what is left of the others.
    else if ((isRoute(type) && !isDumped) || this.#table.apply(message))
      this.#askAgain(dumps.indexOf(messageTypes.getRoute));
  }

  /** A kernel that refuses a dump (IPv6 may be missing) is not asked again: what it told of the rest holds. */
  #finish(): void {
    if (this.#dump < dumps.length) this.#start(Math.min(this.#again, this.#dump + 1));
  }

  #askAgain(from: number): void {
    this.#again = Math.min(this.#again, from);
    if (this.#dump >= dumps.length) this.#start(this.#again);
  }

  #start(dump: number): void {
    this.#dump = dump;
    const type = dumps[dump];
    if (type === undefined) return;
    // What was missed later than here is missed still.
    if (this.#again >= dump) this.#again = dumps.length;
    if (dump === 0) this.#table = new InterfaceTable();
    if (type === messageTypes.getRoute) this.#table.forgetGateways();
    const request = dumpRequest(type);
    if (this.#libc.send(this.fd, request, request.length, 0) >= 0) return;
    // No memory just now: the next reading asks again.
    this.#again = dump;
    this.#dump = dumps.length;
  }
}

/** Has all interfaces from the start. */
export function watchInterfaces(libc: Libc): InterfaceWatch {
  const fd = libc.socket(family.netlink, socketType.raw, 0);
  if (fd < 0) throw new Error(`no netlink socket: ${errnoOf(fd)}`);
  const address = Buffer.alloc(12);
  address.writeUInt16LE(family.netlink, 0);
  address.writeUInt32LE(groups, 8);
  setReceiveBuffer(libc, fd);
  const fault = attachFilter(libc, fd, filter) ?? failureOf(libc.bind(fd, address, address.length));
  if (fault !== undefined) {
    libc.close(fd);
    throw new Error(`no events of network interfaces: ${fault}`);
  }
  const watch = new InterfaceWatch(libc, fd);
  // The kernel tells while it is read: nothing has to be waited for.
  for (let count = 0; count < mostReads; count++) if (watch.read()) return watch;
  watch.close();
  throw new Error('the kernel tells nothing about network interfaces');
}

function isRoute(type: number): boolean {
  return type === messageTypes.newRoute || type === messageTypes.deleteRoute;
}
