import type { LoadBalancerRef } from '../../src/provider/provider.ts';
import { ProviderError } from '../../src/provider/provider-error.ts';
import type { AddressPool } from './address-pool.ts';

/**
 * The balancer's address, held from now on.
 *
 * | it has | asks for              | →                                                  |
 * |--------|-----------------------|----------------------------------------------------|
 * | A      | nothing, or A         | A                                                  |
 * | A      | B                     | `unsupported`: an address never changes under users |
 * | none   | nothing               | the next free one; `rejected` where there is none   |
 * | none   | B                     | B; `unsupported` where it is not in the pool or taken |
 */
export function chooseAddress(pool: AddressPool, ref: LoadBalancerRef, requested: readonly string[]): string {
  const own = pool.addressOf(ref);
  const [wanted = own] = requested;
  if (own !== undefined && own === wanted) return own;
  if (own !== undefined) {
    return refuse(`the address is ${own} and cannot become ${wanted}: delete the Service and create it again`);
  }
  if (wanted === undefined) return pool.holdNext(ref) ?? rejectFull(pool);
  if (!pool.contains(wanted)) {
    return refuse(`the requested address ${wanted} is not in the pool ${pool.range}: request another, or none`);
  }
  if (pool.hold(ref, wanted)) return wanted;
  return refuse(`the requested address ${wanted} is taken by another Service: request another, or none`);
}

function refuse(message: string): never {
  throw new ProviderError('unsupported', message);
}

function rejectFull(pool: AddressPool): never {
  throw new ProviderError(
    'rejected',
    `the pool ${pool.range} has no free address: configure a larger one, or delete Services`,
  );
}
