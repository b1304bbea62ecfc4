import { solicitedNodeGroup } from '../wire/neighbor-discovery.ts';
import { type Errno, errnoOf, family, type Libc, socketType } from './libc.ts';

/** linux/in6.h */
const ipv6Level = 41;
const option = { join: 20, leave: 21 } as const;

interface Membership {
  readonly fd: number;
  readonly request: Buffer;
}

/**
 * Membership of one interface in the solicited-node groups of addresses, so that bridges and switches which listen to MLD pass their
 * solicitations on (a packet socket's own membership sends no MLD: measured). Needs no capability. One socket's option memory
 * (net.core.optmem_max) holds only so many groups: a full one is followed by the next.
 */
export class GroupJoins {
  readonly #libc: Libc;
  readonly #index: number;
  readonly #joined = new Map<string, Membership>();
  #sockets: readonly number[] = [];
  #wanted: ReadonlyMap<string, Buffer> = new Map();
  #toJoin: string[] = [];

  constructor(libc: Libc, index: number) {
    this.#libc = libc;
    this.#index = index;
  }

  /** Leaves the groups of none of these addresses at once; the missing ones are joined by `joinSome`. Several addresses may share one. */
  want(addresses: readonly Buffer[]): void {
    const groups = addresses.filter(({ length }) => length === 16).map(solicitedNodeGroup);
    this.#wanted = new Map(groups.map(group => [group.toString('latin1'), group]));
    for (const [key, { fd, request }] of this.#joined) {
      if (this.#wanted.has(key)) continue;
      this.#libc.setsockopt(fd, ipv6Level, option.leave, request, request.length);
      this.#joined.delete(key);
    }
    this.#toJoin = [...this.#wanted.keys()].filter(key => !this.#joined.has(key));
  }

  get pending(): number {
    return this.#toJoin.length;
  }

  /** Joins at most `count`: a join takes about 0.1 ms, and thousands at once would keep a heartbeat waiting. A group that fails is given up until the next `want`. */
  joinSome(count: number): Errno | undefined {
    let fault: Errno | undefined;
    for (const key of this.#toJoin.splice(0, count)) {
      const group = this.#wanted.get(key);
      if (group !== undefined) fault = this.#join(key, group) ?? fault;
    }
    return fault;
  }

  /** Leaves all of them. */
  close(): void {
    for (const fd of this.#sockets) this.#libc.close(fd);
    this.#sockets = [];
    this.#joined.clear();
    this.#toJoin = [];
  }

  #join(key: string, group: Buffer): Errno | undefined {
    const request = Buffer.alloc(20);
    request.set(group);
    request.writeInt32LE(this.#index, 16);
    const fd = this.#sockets.at(-1);
    const fault = fd === undefined ? 'ENOMEM' : this.#joinOn(fd, key, request);
    // Full: this one is kept for what it has, and asked no more.
    return fault === 'ENOMEM' || fault === 'ENOBUFS' ? this.#joinOnNext(key, request) : fault;
  }

  #joinOnNext(key: string, request: Buffer): Errno | undefined {
    const fd = this.#libc.socket(family.inet6, socketType.datagram, 0);
    if (fd < 0) return errnoOf(fd);
    this.#sockets = [...this.#sockets, fd];
    return this.#joinOn(fd, key, request);
  }

  #joinOn(fd: number, key: string, request: Buffer): Errno | undefined {
    const result = this.#libc.setsockopt(fd, ipv6Level, option.join, request, request.length);
    if (result < 0) return errnoOf(result);
    this.#joined.set(key, { fd, request });
    return undefined;
  }
}
