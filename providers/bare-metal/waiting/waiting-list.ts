import type { IpFamily } from '../../../src/provider/provider.ts';
import type { AddressRequest } from '../allocation/address-request.ts';
import type { Pool } from '../pools/pool.ts';

/** A Service without the address that it wants. */
export interface Waiting {
  readonly request: AddressRequest;
  /** What it cannot do without. */
  readonly families: readonly IpFamily[];
  /** Any of these would do. */
  readonly pools: readonly Pool[];
  /** When it found nothing: only what has come free later is a reason to look again. */
  readonly since: number;
}

/** Who waits for what, the oldest first. */
export class WaitingList {
  readonly #all = new Map<string, Waiting>();
  readonly #byPool = new Map<Pool, Waiting[]>();
  readonly #byAddress = new Map<string, Waiting[]>();

  get size(): number {
    return this.#all.size;
  }

  values(): Iterable<Waiting> {
    return this.#all.values();
  }

  /** Who would take any address of the pool, but has none in mind. */
  forPool(pool: Pool): readonly Waiting[] {
    return this.#byPool.get(pool) ?? [];
  }

  forAddress(text: string): readonly Waiting[] {
    return this.#byAddress.get(text) ?? [];
  }

  pools(): Iterable<Pool> {
    return this.#byPool.keys();
  }

  addresses(): Iterable<string> {
    return this.#byAddress.keys();
  }

  add(waiting: Waiting): void {
    this.remove(waiting.request.id);
    this.#all.set(waiting.request.id, waiting);
    const { addresses } = waiting.request;
    if (addresses.length > 0) for (const { text } of addresses) insert(this.#byAddress, text, waiting);
    else for (const pool of waiting.pools) insert(this.#byPool, pool, waiting);
  }

  remove(id: string): void {
    const waiting = this.#all.get(id);
    if (waiting === undefined) return;
    this.#all.delete(id);
    for (const { text } of waiting.request.addresses) take(this.#byAddress, text, waiting);
    for (const pool of waiting.pools) take(this.#byPool, pool, waiting);
  }

  clear(): void {
    this.#all.clear();
    this.#byPool.clear();
    this.#byAddress.clear();
  }
}

function insert<Key>(lists: Map<Key, Waiting[]>, key: Key, waiting: Waiting): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [waiting]);
  else list.splice(placeOf(list, waiting), 0, waiting);
}

function take<Key>(lists: Map<Key, Waiting[]>, key: Key, waiting: Waiting): void {
  const list = lists.get(key);
  if (list === undefined) return;
  const at = placeOf(list, waiting);
  if (list[at] === waiting) list.splice(at, 1);
  if (list.length === 0) lists.delete(key);
}

/** Where it stands, or would: found by halving, since ages differ in the UID at least. */
function placeOf(list: readonly Waiting[], { request: { age } }: Waiting): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.request.age ?? '') < age) low = middle + 1;
    else high = middle;
  }
  return low;
}
