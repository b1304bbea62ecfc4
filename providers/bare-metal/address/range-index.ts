import type { Address } from './address.ts';
import { type AddressRange, byFirst, contains, overlaps } from './address-range.ts';

interface Entry<Value> {
  readonly range: AddressRange;
  readonly value: Value;
}

/** To whom an address belongs, of many ranges that do not overlap: found by halving. */
export class RangeIndex<Value> {
  readonly #entries: readonly Entry<Value>[];

  constructor(entries: readonly Entry<Value>[]) {
    this.#entries = entries.toSorted((one, other) => byFirst(one.range, other.range));
  }

  /** The first two neighbours that overlap, if any do: asked before anything else is. */
  findOverlap(): readonly [Entry<Value>, Entry<Value>] | undefined {
    let previous: Entry<Value> | undefined;
    for (const entry of this.#entries) {
      if (previous !== undefined && overlaps(previous.range, entry.range)) return [previous, entry];
      previous = entry;
    }
    return undefined;
  }

  find(address: Pick<Address, 'family' | 'value'>): Value | undefined {
    const point = { family: address.family, first: address.value, last: address.value };
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry === undefined) return undefined;
      if (contains(entry.range, address)) return entry.value;
      if (byFirst(entry.range, point) < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }
}
