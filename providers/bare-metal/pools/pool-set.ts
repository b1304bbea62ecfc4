import type { Address } from '../address/address.ts';
import { RangeIndex } from '../address/range-index.ts';
import type { Advertisement } from './advertisement.ts';
import { isBuggy, type Pool } from './pool.ts';

/** All pools that are in force, and how they are announced. Does not change. */
export class PoolSet {
  static readonly empty = new PoolSet([], [], true);

  /** Those of the configuration first, as written there, then ours by name, then MetalLB's by name. */
  readonly pools: readonly Pool[];
  /** MetalLB's L2Advertisements; undefined: not known. */
  readonly advertisements: readonly Advertisement[] | undefined;
  /** Whether there can be no other pools: every kind is known, and all that is written is in force. */
  readonly isComplete: boolean;
  /** Those with allocateTo that are given without being asked for, by priority; equal ones by their order. */
  readonly pinned: readonly Pool[];
  /** Those for every Service that are given without being asked for. */
  readonly open: readonly Pool[];
  readonly #byName: ReadonlyMap<string, Pool>;
  readonly #written: RangeIndex<Pool>;
  readonly #usable: RangeIndex<Pool>;

  constructor(pools: readonly Pool[], advertisements: readonly Advertisement[] | undefined, isComplete: boolean) {
    this.pools = pools;
    this.advertisements = advertisements;
    this.isComplete = isComplete;
    const automatic = pools.filter(({ autoAssign }) => autoAssign);
    this.open = automatic.filter(({ allocateTo }) => allocateTo === undefined);
    this.pinned = automatic
      .filter(({ allocateTo }) => allocateTo !== undefined)
      .sort((one, other) => priorityOf(one) - priorityOf(other));
    this.#byName = new Map(pools.map(pool => [pool.name, pool]));
    this.#written = indexOf(pools, 'ranges');
    this.#usable = indexOf(pools, 'usable');
  }

  named(name: string): Pool | undefined {
    return this.#byName.get(name);
  }

  /** The pool that can give this address. */
  poolOf(address: Pick<Address, 'family' | 'value'>): Pool | undefined {
    const pool = this.#usable.find(address);
    return pool?.avoidBuggyIPs === true && isBuggy(address) ? undefined : pool;
  }

  /** The pool in which it is written, although it may be reserved there. */
  poolAround(address: Pick<Address, 'family' | 'value'>): Pool | undefined {
    return this.#written.find(address);
  }
}

function priorityOf({ allocateTo }: Pool): number {
  return allocateTo === undefined || allocateTo.priority === 0 ? Number.MAX_SAFE_INTEGER : allocateTo.priority;
}

/** Of pools whose ranges do not overlap. */
function indexOf(pools: readonly Pool[], which: 'ranges' | 'usable'): RangeIndex<Pool> {
  return new RangeIndex(pools.flatMap(pool => pool[which].map(range => ({ range, value: pool }))));
}
