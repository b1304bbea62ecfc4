import { isFor, type Place, type Pool } from '../pools/pool.ts';
import type { PoolSet } from '../pools/pool-set.ts';
import type { AddressRequest } from './address-request.ts';

/** Pools to try, in this order; or why there is none, in one line for the user. */
export type Candidates = { readonly pools: readonly Pool[] } | { readonly problem: string };

/**
 * The pools that may serve a request. Pure.
 *
 * | the request names        | →                                                                                           |
 * |--------------------------|---------------------------------------------------------------------------------------------|
 * | a pool                   | that one, autoAssign or not; a problem where it is unknown or not for this Service           |
 * | an address               | the pool that has it, likewise; a problem where it is not the named one                      |
 * | neither                  | those with allocateTo that are for this Service, lower priorities first, 0 last; then those for every Service; without autoAssign none of them |
 */
export function candidatePools(set: PoolSet, request: AddressRequest, place: Place): Candidates {
  const [address] = request.addresses;
  if (request.pool !== undefined || address !== undefined) return namedPool(set, request, place);
  const pinned = set.pinned.filter(pool => isFor(pool, place));
  const pools = [...pinned, ...set.open];
  if (pools.length > 0) return { pools };
  return {
    problem: `none of the ${set.pools.length} address pools is for this Service: name one in the annotation fairlead.dev/address-pool, or ask the operator to open one`,
  };
}

function namedPool(set: PoolSet, request: AddressRequest, place: Place): Candidates {
  const named = request.pool === undefined ? undefined : set.named(request.pool);
  if (request.pool !== undefined && named === undefined)
    return {
      problem: `there is no address pool ${JSON.stringify(request.pool)}: correct the annotation, or remove it`,
    };
  for (const address of request.addresses) {
    const pool = set.poolOf(address);
    if (pool === undefined) return { problem: `the requested address ${address.text} ${whyNotGiven(set, address)}` };
    if (named !== undefined && pool !== named)
      return {
        problem: `the requested address ${address.text} is not in the requested pool ${named.name}: remove one`,
      };
  }
  const pools = new Set([
    ...(named === undefined ? [] : [named]),
    ...request.addresses.flatMap(one => set.poolOf(one) ?? []),
  ]);
  const [pool, other] = pools;
  if (pool === undefined || other !== undefined)
    return { problem: 'the requested addresses are in two pools: both families come from one' };
  if (isFor(pool, place)) return { pools: [pool] };
  return { problem: `the address pool ${pool.name} is not for this Service: its allocateTo leaves it out` };
}

function whyNotGiven(set: PoolSet, address: AddressRequest['addresses'][number]): string {
  const around = set.poolAround(address);
  if (around === undefined) return 'is in no address pool: request another, or none';
  return `is in the pool ${around.name}, which does not give it: it is reserved, or ends in .0 or .255; request another, or none`;
}
