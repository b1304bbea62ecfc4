import type { SegmentInterface } from '../announcing/action.ts';
import type { Errno, Libc } from '../segment/libc.ts';
import type { PacketSocket } from '../segment/packet-socket.ts';
import { openSegment, Segment } from '../segment/segment.ts';
import { addressBytes } from '../wire/address-bytes.ts';
import { AnswerTable } from '../wire/answer-table.ts';
import { arpAnnouncements, arpProbe } from '../wire/arp.ts';
import { parseMac } from '../wire/ethernet.ts';
import { type Authentication, type Heartbeat, heartbeatFrame } from '../wire/heartbeat.ts';
import { neighborProbe, unsolicitedAdvertisement } from '../wire/neighbor-discovery.ts';

const noMac = Buffer.alloc(6);
/** Of one socket in one turn: a flood on one interface must not keep the heartbeat waiting. */
const mostFrames = 256;
/** Groups joined in one turn, about 0.1 ms each. */
const mostJoins = 20;

/** One interface with its sockets: what is sent there, and what is answered. */
export class Station {
  readonly name: string;
  readonly table = new AnswerTable();
  readonly #segment: Segment;
  readonly #out: Buffer = Buffer.alloc(128);
  #interface: SegmentInterface;
  #mac: Buffer;

  constructor(of: SegmentInterface, segment: Segment) {
    this.name = of.name;
    this.#interface = of;
    this.#segment = segment;
    this.#mac = parseMac(of.mac) ?? noMac;
  }

  get index(): number {
    return this.#segment.index;
  }

  get heartbeats(): PacketSocket {
    return this.#segment.heartbeat;
  }

  get sockets(): readonly PacketSocket[] {
    return this.#segment.sockets;
  }

  get pendingJoins(): number {
    return this.#segment.pendingJoins;
  }

  setInterface(of: SegmentInterface): void {
    this.#interface = of;
    this.#mac = parseMac(of.mac) ?? noMac;
  }

  /** The addresses that frames are heard about from now on. */
  hear(addresses: Iterable<string>): void {
    this.#segment.hear([...addresses].flatMap(address => addressBytes(address) ?? []));
  }

  joinSome(): void {
    this.#segment.joinSome(mostJoins);
  }

  /** Each frame that waits, valid only during the call. */
  receive(socket: PacketSocket, take: (frame: Buffer) => void): void {
    for (let left = mostFrames; left > 0; left--) {
      const frame = socket.receive();
      if (frame === undefined) return;
      // An errno: the interface is down or gone, and its events say so.
      if (typeof frame !== 'string') take(frame);
    }
  }

  /** Answers a question for an address of ours, unless the fence is closed: asked last, right before the frame goes. */
  answer(frame: Buffer, isOpen: () => boolean): boolean {
    const size = this.table.answer(frame, this.#mac, this.#out);
    return size > 0 && isOpen() && this.#send(this.#out, size);
  }

  announce(address: string): void {
    const bytes = addressBytes(address);
    if (bytes === undefined) return;
    const isIpv4 = bytes.length === 4;
    const frames = isIpv4 ? arpAnnouncements(bytes, this.#mac) : [unsolicitedAdvertisement(bytes, this.#mac)];
    for (const frame of frames) this.#send(frame);
  }

  probe(address: string): void {
    const bytes = addressBytes(address);
    if (bytes !== undefined)
      this.#send(bytes.length === 4 ? arpProbe(bytes, this.#mac) : neighborProbe(bytes, this.#mac));
  }

  /** True where it has been handed to the kernel. */
  heartbeat(heartbeat: Heartbeat, authentication: Authentication): boolean {
    return this.#send(heartbeatFrame(heartbeat, authentication, this.#interface.mtu).frame);
  }

  close(): void {
    this.#segment.close();
  }

  /** What the kernel refuses is lost, as a frame can be: the interface is down, gone, or its queue full. */
  #send(frame: Buffer, size?: number): boolean {
    return this.#segment.send(frame, size) === undefined;
  }

  static open(libc: Libc, of: SegmentInterface, clusterHash: Buffer): Station | Errno {
    const segment = openSegment(libc, of.index, clusterHash);
    return segment instanceof Segment ? new Station(of, segment) : segment;
  }
}
