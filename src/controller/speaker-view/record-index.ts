import { announcedBefore } from '../../plan/announce/announced-before.ts';
import type { AnnouncedService } from '../../plan/announce/announced-service.ts';
import type { AnnouncedAddress } from '../../provider/announcer.ts';
import type { SpeakerRecord } from './speaker-record.ts';

type RecordedClaims = AnnouncedAddress['recordedClaims'];
const none: RecordedClaims = Object.freeze([]);

/** What the durable records of all speakers say of each address. */
export class RecordIndex {
  readonly #self: string;
  #records: ReadonlyMap<string, SpeakerRecord> = new Map();
  /** Address → node → time of the claim. */
  readonly #claims = new Map<string, Map<string, number>>();
  /** Addresses that count as announced before, until nobody has them any more. */
  readonly #announced = new Set<string>();

  constructor(self: string) {
    this.#self = self;
  }

  /** Takes over all records. Returns the addresses of which they say something else, or all where a record begins, ends or begins anew. */
  replace(records: readonly SpeakerRecord[]): Iterable<string> | 'all' {
    const next = new Map(records.map(record => [record.node, record]));
    const touched = new Set<string>();
    let isAnother = next.size !== this.#records.size;
    for (const [node, record] of next) {
      const previous = this.#records.get(node);
      if (previous === record) continue;
      isAnother ||= previous?.since !== record.since || previous?.isComplete !== record.isComplete;
      this.#replaceClaims(node, previous?.claims, record.claims, touched);
    }
    for (const [node, { claims }] of this.#records)
      if (!next.has(node)) this.#replaceClaims(node, claims, new Map(), touched);
    this.#records = next;
    return isAnother ? 'all' : touched;
  }

  nodes(): Iterable<string> {
    return this.#records.keys();
  }

  drained(): ReadonlySet<string> {
    return new Set([...this.#records.values()].filter(one => one.isDrained).map(one => one.node));
  }

  /** Of the other nodes, by name. */
  claims(address: string): RecordedClaims {
    const claims = [...(this.#claims.get(address) ?? [])].filter(([node]) => node !== this.#self);
    if (claims.length === 0) return none;
    const sorted = claims.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.freeze(sorted.map(([node, since]) => Object.freeze({ node, since })));
  }

  /** Once true, it stays so until `forget`: what is recorded of an address goes when its owner gives it up. */
  announcedBefore(address: string, services: readonly AnnouncedService[], candidates: readonly string[]): boolean {
    const isListed = this.#announced.has(address) || this.#claims.has(address);
    const recordsSince = isListed ? [] : candidates.map(node => this.#since(node));
    const is = announcedBefore({ recordsSince, publishedAt: publishedAt(services), isListed });
    if (is) this.#announced.add(address);
    return is;
  }

  /** No Service has the address any more. */
  forget(address: string): void {
    this.#announced.delete(address);
  }

  #since(node: string): number | undefined {
    const record = this.#records.get(node);
    return record?.isComplete === true ? record.since : undefined;
  }

  #replaceClaims(
    node: string,
    previous: ReadonlyMap<string, number> = new Map(),
    next: ReadonlyMap<string, number>,
    touched: Set<string>,
  ): void {
    for (const [address, since] of next) {
      if (previous.get(address) === since) continue;
      const nodes = this.#claims.get(address) ?? new Map<string, number>();
      this.#claims.set(address, nodes.set(node, since));
      touched.add(address);
    }
    for (const address of previous.keys()) {
      const nodes = this.#claims.get(address);
      if (next.has(address) || nodes === undefined) continue;
      nodes.delete(node);
      if (nodes.size === 0) this.#claims.delete(address);
      touched.add(address);
    }
  }
}

/** Of the one that was first. */
function publishedAt(services: readonly AnnouncedService[]): number | undefined {
  const times = services.map(({ servingSince }) => Date.parse(servingSince ?? ''));
  return times.length === 0 || times.some(Number.isNaN) ? undefined : Math.min(...times);
}
