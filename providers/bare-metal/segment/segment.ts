import { etherTypeOf, etherTypes } from '../wire/ethernet.ts';
import { arpFilter, heartbeatFilter, neighborFilter } from '../wire/filters.ts';
import { GroupJoins } from './group-joins.ts';
import type { Errno, Libc } from './libc.ts';
import { openPacketSocket, PacketSocket } from './packet-socket.ts';

/**
 * One interface's broadcast domain, as seen by a speaker: a socket each for ARP, for neighbour discovery and for heartbeats, so that a
 * flood on one does not push out the others' frames. Once the interface is deleted the segment is dead, which sending tells
 * (`isInterfaceGone`): another is opened for the new one.
 */
export class Segment {
  readonly index: number;
  readonly arp: PacketSocket;
  readonly neighbor: PacketSocket;
  readonly heartbeat: PacketSocket;
  readonly #groups: GroupJoins;

  constructor(index: number, sockets: SegmentSockets, groups: GroupJoins) {
    this.index = index;
    this.arp = sockets.arp;
    this.neighbor = sockets.neighbor;
    this.heartbeat = sockets.heartbeat;
    this.#groups = groups;
  }

  /** What a poller listens to. */
  get sockets(): readonly PacketSocket[] {
    return [this.heartbeat, this.arp, this.neighbor];
  }

  /**
   * The addresses (4 or 16 bytes) about which frames are to be heard, in place of those before. Whoever may have to answer for an address
   * later says so early: then nothing is left to do when it takes over. Groups are joined by `joinSome`.
   */
  hear(addresses: readonly Buffer[]): Errno | undefined {
    this.#groups.want(addresses);
    return this.arp.setFilter(arpFilter(addresses)) ?? this.neighbor.setFilter(neighborFilter(addresses));
  }

  /** Multicast groups that are still to be joined. */
  get pendingJoins(): number {
    return this.#groups.pending;
  }

  /** Joins at most `count` of them. */
  joinSome(count: number): Errno | undefined {
    return this.#groups.joinSome(count);
  }

  /** By the socket of the frame's EtherType, which must be one of the three. */
  send(frame: Buffer, size: number = frame.length): Errno | undefined {
    const etherType = etherTypeOf(frame);
    if (etherType === etherTypes.arp) return this.arp.send(frame, size);
    return (etherType === etherTypes.ipv6 ? this.neighbor : this.heartbeat).send(frame, size);
  }

  close(): void {
    this.#groups.close();
    for (const socket of this.sockets) socket.close();
  }
}

interface SegmentSockets {
  readonly arp: PacketSocket;
  readonly neighbor: PacketSocket;
  readonly heartbeat: PacketSocket;
}

/** Hears heartbeats of the cluster from now on, and nothing else until `hear`. ENODEV: the interface has gone in the meantime. */
export function openSegment(libc: Libc, index: number, clusterHash: Buffer): Segment | Errno {
  const opened: PacketSocket[] = [];
  const open = (etherType: number, filter: Buffer): PacketSocket | Errno => {
    const socket = openPacketSocket(libc, index, etherType, filter);
    if (socket instanceof PacketSocket) opened.push(socket);
    return socket;
  };
  const arp = open(etherTypes.arp, arpFilter([]));
  const neighbor = open(etherTypes.ipv6, neighborFilter([]));
  const heartbeat = open(etherTypes.heartbeat, heartbeatFilter(clusterHash));
  if (arp instanceof PacketSocket && neighbor instanceof PacketSocket && heartbeat instanceof PacketSocket)
    return new Segment(index, { arp, neighbor, heartbeat }, new GroupJoins(libc, index));
  for (const socket of opened) socket.close();
  return [arp, neighbor, heartbeat].find(socket => typeof socket === 'string') ?? 'ENODEV';
}
