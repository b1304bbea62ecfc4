import type { Random } from '../../../src/kube/clock.ts';
import { internal } from './api-errors.ts';

/** Which Service holds which node port: numbers only, blind to protocols, as in kube-apiserver. */
export class NodePortTable {
  readonly first: number;
  readonly last: number;
  readonly #holders = new Map<number, string>();
  readonly #random: Random;

  constructor(range: { readonly first: number; readonly last: number }, random: Random) {
    this.first = range.first;
    this.last = range.last;
    this.#random = random;
  }

  get free(): number {
    return this.last - this.first + 1 - this.#holders.size;
  }

  isInRange(number: number): boolean {
    return number >= this.first && number <= this.last;
  }

  /** Undefined: free. */
  holderOf(number: number): string | undefined {
    return this.#holders.get(number);
  }

  /** A number that nobody holds and that is not in `also`; throws the server's 500 where there is none. Holds nothing. */
  propose(also: ReadonlySet<number>, what = 'a nodePort'): number {
    const size = this.last - this.first + 1;
    const start = Math.floor(this.#random() * size);
    for (let step = 0; step < size; step++) {
      const number = this.first + ((start + step) % size);
      if (!this.#holders.has(number) && !also.has(number)) return number;
    }
    throw internal(`failed to allocate ${what}: range is full`);
  }

  /** From now on `holder` holds exactly these. */
  hold(holder: string, numbers: ReadonlySet<number>): void {
    for (const [number, one] of this.#holders) if (one === holder && !numbers.has(number)) this.#holders.delete(number);
    for (const number of numbers) this.#holders.set(number, holder);
  }
}
