import { DueHeap } from './due-heap.ts';

/**
 * When an address is told of unasked. Linux ignores some forms within a second of an earlier update (its neighbour locktime), and a frame
 * can be lost: so once at the claim and again after 1.1 s and 2.2 s. After that about once a minute, because switches forget ports
 * (usually after 300 s) that routers' ARP caches still point to.
 */
const rounds = [0, 1_100, 2_200];
const repeatMs = 60_000;
const jitter = 0.1;
/** Repetitions wait for each other so long: waking up costs more than sending. */
const togetherMs = 250;
/** Rounds in one tick: what has just been claimed by the thousand must not hold up the heartbeat. */
const mostPerTick = 100;

export class Gratuitous {
  readonly #due = new DueHeap();
  readonly #round = new Map<string, number>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  get next(): number {
    return this.#due.next;
  }

  /** From the first round; `now` is the moment of that. */
  start(address: string, now: number): void {
    this.#round.set(address, 0);
    this.#due.set(address, now);
  }

  stop(address: string): void {
    this.#round.delete(address);
    this.#due.delete(address);
  }

  /** The addresses to tell of now. */
  take(now: number): readonly string[] {
    const addresses: string[] = [];
    while (addresses.length < mostPerTick) {
      const address = this.#due.take(now);
      if (address === undefined) break;
      addresses.push(address);
      this.#appoint(address, now);
    }
    return addresses;
  }

  #appoint(address: string, now: number): void {
    const round = this.#round.get(address) ?? 0;
    this.#round.set(address, round + 1);
    const [at, next] = [rounds[round], rounds[round + 1]];
    if (at !== undefined && next !== undefined) this.#due.set(address, now + next - at);
    else {
      const later = now + repeatMs * (1 + jitter * (2 * this.#random() - 1));
      this.#due.set(address, Math.ceil(later / togetherMs) * togetherMs);
    }
  }
}
