import type { LoadBalancerRef } from '../../../src/provider/provider.ts';

/** One thing outside the cluster, with the marks of whose it is. */
export interface Part {
  readonly key: string;
  readonly kind: 'address' | 'listener' | 'targets';
  readonly ref: LoadBalancerRef;
  /** An address; `nodePort`; or the nodes. */
  readonly value: string;
}

/** One request that has changed something, as it was executed. */
export interface JournalEntry {
  readonly at: number;
  readonly process: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly id: string;
  readonly op: 'put' | 'remove';
  readonly part: Part;
}

/**
 * The world outside the cluster: it outlives every process. Nothing in it helps its users: a second address for one balancer is simply
 * made, and whoever holds a key may overwrite it.
 */
export class World {
  readonly journal: JournalEntry[] = [];
  readonly #parts = new Map<string, Part>();
  readonly #listeners: ((entry: JournalEntry) => void)[] = [];
  #addresses = 0;

  parts(): readonly Part[] {
    return [...this.#parts.values()];
  }

  /** Every part with this mark. */
  partsOf(id: string): readonly Part[] {
    return this.parts().filter(part => part.ref.id === id);
  }

  /** A new address, each time: clouds do not know that you have one already. */
  newAddress(ref: LoadBalancerRef): Part {
    const number = ++this.#addresses;
    const value = `203.0.${113 + Math.floor(number / 250)}.${1 + (number % 250)}`;
    return { key: `${ref.id}/address/${number}`, kind: 'address', ref, value };
  }

  put(part: Part, by: Omit<JournalEntry, 'op' | 'part' | 'id'>): void {
    this.#parts.set(part.key, part);
    this.#tell({ ...by, id: part.ref.id, op: 'put', part });
  }

  remove(part: Part, by: Omit<JournalEntry, 'op' | 'part' | 'id'>): void {
    this.#parts.delete(part.key);
    this.#tell({ ...by, id: part.ref.id, op: 'remove', part });
  }

  /** By hand, past everybody: for what is there before anything begins. */
  place(part: Part): void {
    this.#parts.set(part.key, part);
  }

  onChange(listener: (entry: JournalEntry) => void): void {
    this.#listeners.push(listener);
  }

  #tell(entry: JournalEntry): void {
    this.journal.push(entry);
    for (const listener of this.#listeners) listener(entry);
  }
}
