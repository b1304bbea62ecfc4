import type { Resource } from '../../../src/provider/provider.ts';
import { rangeText } from '../address/address-range.ts';
import { RangeIndex } from '../address/range-index.ts';
import { type ReadAdvertisement, readL2Advertisement } from './advertisement.ts';
import type { Origin, Pool } from './pool.ts';
import { PoolSet } from './pool-set.ts';
import { type ReadPool, readAddressPool, readConfiguredPool, readIPAddressPool } from './read-pool.ts';

/** All that is written about pools. `undefined`: the kind is not known, and was never. */
export interface Written {
  readonly configured: readonly unknown[];
  readonly addressPools: readonly Resource[] | undefined;
  readonly ipAddressPools: readonly Resource[] | undefined;
  readonly l2Advertisements: readonly Resource[] | undefined;
  /** Whether another kind could have pools that are not seen. */
  readonly isEverythingKnown: boolean;
}

/** Something that is wrong, with those who have a part in it. */
export interface PoolFault {
  readonly message: string;
  readonly about: readonly { readonly name: string; readonly origin: Origin }[];
}

export interface PoolPlan {
  /** Of all that has no part in a fault. */
  readonly set: PoolSet;
  /** None: the whole change is valid. */
  readonly faults: readonly PoolFault[];
}

const mostPools = 10_000;

/**
 * Reads everything that is written about pools as one whole. Pure. The change is valid when there are no faults; the set holds what can be
 * used where there is nothing better to fall back on.
 *
 * | written                                                | →                                                        |
 * |--------------------------------------------------------|----------------------------------------------------------|
 * | something that cannot be read                          | a fault of that object                                   |
 * | two pools of one name in the configuration, or one there and an AddressPool | a fault of both                     |
 * | an IPAddressPool with the name of a pool of ours       | superseded: that is how MetalLB's pools are taken over   |
 * | two ranges that overlap, of one pool or of two         | a fault that names the pools and the ranges              |
 */
export function planPools(written: Written): PoolPlan {
  const own = [
    ...written.configured.map(readConfiguredPool),
    ...byName(written.addressPools ?? []).map(readAddressPool),
  ];
  const names = new Set(own.map(({ name }) => name));
  const theirs = byName(written.ipAddressPools ?? [])
    .map(readIPAddressPool)
    .filter(({ name }) => !names.has(name));
  const all = [...own, ...theirs];
  const advertisements = written.l2Advertisements?.map(readL2Advertisement);
  const faults = [...unreadable(all), ...unreadable(advertisements ?? []), ...twice(all), ...tooMany(all)];
  const blamed = new Set(faults.flatMap(({ about }) => about.map(keyOf)));
  const sound = all.flatMap(one => (one.pool === undefined || blamed.has(keyOf(one)) ? [] : [one.pool]));
  const { pools, overlaps } = withoutOverlaps(sound);
  const isComplete = written.isEverythingKnown && faults.length + overlaps.length === 0;
  const readable = advertisements?.flatMap(({ advertisement }) => advertisement ?? []);
  return { set: new PoolSet(pools, readable, isComplete), faults: [...faults, ...overlaps] };
}

function byName(resources: readonly Resource[]): readonly Resource[] {
  return resources.toSorted((one, other) => (one.name < other.name ? -1 : Number(one.name > other.name)));
}

function keyOf({ name, origin }: { readonly name: string; readonly origin: Origin }): string {
  return `${origin?.kind ?? ''}/${name}`;
}

function unreadable(all: readonly (ReadPool | ReadAdvertisement)[]): readonly PoolFault[] {
  return all.flatMap(({ name, origin, faults }) =>
    faults.length === 0
      ? []
      : [{ message: `${describe(name, origin)}: ${faults.slice(0, 3).join('; ')}`, about: [{ name, origin }] }],
  );
}

function twice(all: readonly ReadPool[]): readonly PoolFault[] {
  const byItsName = Map.groupBy(all, ({ name }) => name);
  return [...byItsName].flatMap(([name, same]) => {
    if (same.length === 1) return [];
    const whose = same.map(one => describe(one.name, one.origin)).join(' and ');
    return [{ message: `there are two pools of the name ${name}: ${whose}; rename one`, about: same }];
  });
}

function tooMany(all: readonly ReadPool[]): readonly PoolFault[] {
  if (all.length <= mostPools) return [];
  return [{ message: `there are more than ${mostPools} pools`, about: all.slice(mostPools) }];
}

/** Leaves out both of every two that overlap. */
function withoutOverlaps(sound: readonly Pool[]): {
  readonly pools: readonly Pool[];
  readonly overlaps: readonly PoolFault[];
} {
  const overlaps: PoolFault[] = [];
  for (let pools = sound; ; ) {
    const ranges = pools.flatMap(pool => pool.ranges.map(range => ({ range, value: pool })));
    const pair = new RangeIndex(ranges).findOverlap();
    if (pair === undefined) return { pools, overlaps };
    const [one, other] = pair;
    const shown = `${rangeText(one.range)} of ${describe(one.value.name, one.value.origin)}`;
    const around = `${rangeText(other.range)} of ${describe(other.value.name, other.value.origin)}`;
    const about = one.value === other.value ? [one.value] : [one.value, other.value];
    overlaps.push({ message: `${around} overlaps with ${shown}: give each address to one pool`, about });
    pools = pools.filter(pool => !about.includes(pool));
  }
}

function describe(name: string, origin: Origin): string {
  return origin === undefined ? `pool ${name} of the configuration` : `${origin.kind} ${name}`;
}
