import type { IpFamily } from '../../../src/provider/provider.ts';
import { type Address, parseAddress } from '../address/address.ts';
import { rangesOf } from '../pools/pool.ts';
import type { PoolSet } from '../pools/pool-set.ts';
import { FreeAddresses } from './free-addresses.ts';

const families: readonly IpFamily[] = ['IPv4', 'IPv6'];

/**
 * The free addresses that are likely to be given next, the likeliest of each pool and family first: for those who ask on the wire whether
 * they really are free. Pure; costs a look at each published address, whatever the size of the pools. `published`: what stands in the
 * status of all Services.
 *
 * It repeats what an allocator would do that begins with what is published; what rests by the allocator's own memory it cannot know.
 */
export function probeCandidates(set: PoolSet, published: Iterable<string>, mostOfEach: number): readonly Address[] {
  const held = new Map<string, Address>();
  for (const text of published) {
    const address = parseAddress(text);
    if (address !== undefined) held.set(address.text, address);
  }
  const highest = highestHeld(set, held.values());
  return set.pools.flatMap(pool =>
    families.flatMap(family => {
      const start = (highest.get(`${pool.name} ${family}`) ?? -1n) + 1n;
      const free = new FreeAddresses(rangesOf(pool, family), pool.avoidBuggyIPs, start);
      const found = new Map<string, Address>();
      while (found.size < mostOfEach) {
        const address = free.peek(({ text }) => held.has(text) || found.has(text));
        if (address === undefined) break;
        found.set(address.text, address);
      }
      return [...found.values()];
    }),
  );
}

/** By `<pool> <family>`. Behind it allocation goes on after a restart. */
export function highestHeld(set: PoolSet, held: Iterable<Address>): ReadonlyMap<string, bigint> {
  const highest = new Map<string, bigint>();
  for (const address of held) {
    const pool = set.poolOf(address);
    if (pool === undefined) continue;
    const key = `${pool.name} ${address.family}`;
    if (address.value > (highest.get(key) ?? -1n)) highest.set(key, address.value);
  }
  return highest;
}
