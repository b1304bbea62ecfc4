import { type Address, addressOf } from '../address/address.ts';
import type { AddressRange } from '../address/address-range.ts';
import { isBuggy } from '../pools/pool.ts';

/**
 * The free addresses of one family of a pool, the next to be given first: those that nobody has had, once around the pool from `start`; then
 * those that were given back, the longest rested first. So giving one takes constant time: each address is passed once, and memory grows
 * with what was given back, not with the pool.
 *
 * It knows nothing of who holds what: `isTaken` does. An address that was passed over because it was taken must be given back.
 */
export class FreeAddresses {
  readonly #ranges: readonly AddressRange[];
  readonly #skipsBuggy: boolean;
  /** In the order in which they came back. */
  readonly #resting = new Map<string, Address>();
  readonly #start: bigint;
  #at: number;
  #next: bigint;
  #isAround: boolean;

  /** `ranges`: of one family, sorted. `start`: where to begin; behind what is held, so that addresses rest over a restart too. */
  constructor(ranges: readonly AddressRange[], skipsBuggy: boolean, start: bigint) {
    this.#ranges = ranges;
    this.#skipsBuggy = skipsBuggy;
    const at = ranges.findIndex(({ last }) => start <= last);
    this.#at = Math.max(at, 0);
    const first = ranges[this.#at]?.first ?? 0n;
    this.#start = at >= 0 && start > first ? start : first;
    this.#next = this.#start;
    this.#isAround = ranges.length === 0;
  }

  /** The next free one; stays the next until it is taken. */
  peek(isTaken: (address: Address) => boolean): Address | undefined {
    for (let address = this.#current(); address !== undefined; address = this.#current()) {
      const skips = this.#resting.has(address.text) || (this.#skipsBuggy && isBuggy(address));
      if (!skips && !isTaken(address)) return address;
      this.#advance();
    }
    for (const [text, address] of this.#resting) {
      if (!isTaken(address)) return address;
      this.#resting.delete(text);
    }
    return undefined;
  }

  /** Rests from now on, behind all others. */
  giveBack(address: Address): void {
    this.#resting.delete(address.text);
    this.#resting.set(address.text, address);
  }

  take(address: Address): void {
    this.#resting.delete(address.text);
  }

  resting(): Iterable<Address> {
    return this.#resting.values();
  }

  #current(): Address | undefined {
    const range = this.#ranges[this.#at];
    return this.#isAround || range === undefined ? undefined : addressOf(range.family, this.#next);
  }

  #advance(): void {
    const range = this.#ranges[this.#at];
    if (range === undefined) return;
    if (this.#next < range.last) this.#next++;
    else {
      this.#at = (this.#at + 1) % this.#ranges.length;
      this.#next = this.#ranges[this.#at]?.first ?? 0n;
    }
    this.#isAround = this.#next === this.#start;
  }
}
