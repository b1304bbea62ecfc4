import type { ClaimState, HeartbeatClaim } from '../../wire/heartbeat.ts';
import type { OwnState } from './judge-claim.ts';

export interface OwnClaim {
  readonly since: number;
  state: OwnState;
  /** Monotonic time from which it has been yielding. */
  yieldingFrom: number;
}

/** A change is told at once and once more with the next heartbeat; the rotation repeats it for ever. */
const repeats = 2;
/** Of a heartbeat's claims, the part that the rotation always has: listeners can tell from it what is claimed no more. */
const rotationShare = 0.25;

/** What this node claims on one segment, and how it is told. */
export class OwnClaims {
  readonly #claims = new Map<string, OwnClaim>();
  /** Addresses in the order of the rotation, and where each of them is. */
  readonly #order: string[] = [];
  readonly #places = new Map<string, number>();
  #cursor = 0;
  /** Changes → how often they are still to be told. */
  readonly #fresh = new Map<string, number>();
  #hasUntold = false;
  readonly #answering: (address: string, isAnswering: boolean) => void;

  constructor(answering: (address: string, isAnswering: boolean) => void) {
    this.#answering = answering;
  }

  get size(): number {
    return this.#claims.size;
  }

  /** Some change has not been told at all. */
  get hasUntold(): boolean {
    return this.#hasUntold;
  }

  get(address: string): OwnClaim | undefined {
    return this.#claims.get(address);
  }

  entries(): IterableIterator<[string, OwnClaim]> {
    return this.#claims.entries();
  }

  add(address: string, since: number, state: OwnState): void {
    this.release(address);
    this.#claims.set(address, { since, state, yieldingFrom: 0 });
    this.#places.set(address, this.#order.length);
    this.#order.push(address);
    if (state !== 'intended') this.#answering(address, true);
    this.#tell(address);
  }

  setState(address: string, state: OwnState): void {
    const claim = this.#claims.get(address);
    if (claim === undefined || claim.state === state) return;
    if (claim.state === 'intended') this.#answering(address, true);
    claim.state = state;
    this.#tell(address);
  }

  release(address: string): void {
    const claim = this.#claims.get(address);
    if (claim === undefined) return;
    this.#claims.delete(address);
    this.#leaveOrder(address);
    if (claim.state !== 'intended') this.#answering(address, false);
    this.#tell(address);
  }

  releaseAll(): void {
    for (const address of this.#claims.keys()) this.release(address);
    // Each heartbeat says how many there are: that there are none needs no list.
    this.#fresh.clear();
    this.#hasUntold = false;
  }

  /** Somebody has come who knows nothing yet. */
  retell(): void {
    for (const address of this.#claims.keys()) if (!this.#fresh.has(address)) this.#fresh.set(address, 1);
    this.#hasUntold = this.#fresh.size > 0;
  }

  /** The claims of the next heartbeats: as many as the changes need, at least one, at most `most`. */
  pages(perHeartbeat: number, most: number): readonly (readonly HeartbeatClaim[])[] {
    const rotation = Math.min(this.#claims.size, Math.ceil(perHeartbeat * rotationShare));
    const pages: HeartbeatClaim[][] = [];
    const queue = [...this.#fresh.keys()];
    let at = 0;
    do {
      const fresh = queue.slice(at, at + perHeartbeat - rotation);
      at += fresh.length;
      pages.push([...fresh.map(address => this.#told(address)), ...this.#turn(perHeartbeat - fresh.length)]);
    } while (at < queue.length && pages.length < most);
    this.#hasUntold = at < queue.length;
    return pages;
  }

  #told(address: string): HeartbeatClaim {
    const left = (this.#fresh.get(address) ?? 1) - 1;
    this.#fresh.delete(address);
    if (left > 0) this.#fresh.set(address, left);
    return this.#heard(address);
  }

  #turn(count: number): readonly HeartbeatClaim[] {
    const page: HeartbeatClaim[] = [];
    for (let left = Math.min(count, this.#order.length); left > 0; left--) {
      if (this.#cursor >= this.#order.length) this.#cursor = 0;
      const address = this.#order[this.#cursor++];
      if (address !== undefined) page.push(this.#heard(address));
    }
    return page;
  }

  #heard(address: string): HeartbeatClaim {
    const claim = this.#claims.get(address);
    const state: ClaimState = claim?.state ?? 'released';
    return { address, since: claim?.since ?? 0, state };
  }

  #tell(address: string): void {
    this.#fresh.delete(address);
    this.#fresh.set(address, repeats);
    this.#hasUntold = true;
  }

  /** The last one takes the place: the rotation is no order that anybody relies on. */
  #leaveOrder(address: string): void {
    const place = this.#places.get(address);
    const last = this.#order.pop();
    this.#places.delete(address);
    if (place === undefined || last === undefined || last === address) return;
    this.#order[place] = last;
    this.#places.set(last, place);
  }
}
