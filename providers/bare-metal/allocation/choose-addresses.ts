import type { IpFamily } from '../../../src/provider/provider.ts';
import type { Address } from '../address/address.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Pool } from '../pools/pool.ts';
import type { Blocker } from '../reading/surroundings.ts';
import type { AddressRequest } from './address-request.ts';
import { whyNotJoined } from './sharing.ts';

export interface Chosen {
  readonly addresses: readonly Address[];
  /** Addresses that were skipped because somebody has been found to answer for them. */
  readonly passed: readonly { readonly address: Address; readonly blocker: Blocker }[];
}

export interface Refusal {
  /** `rejected`: as things are now; `unsupported`: until the Service changes. */
  readonly code: 'rejected' | 'unsupported';
  readonly message: string;
}

/** A key that thousands use with the same port must not cost thousands of looks each time. */
const mostSharersTried = 100;

/**
 * Addresses for the `missing` families, all of one pool. Takes none.
 *
 * | the request                        | of each family                                                                      |
 * |------------------------------------|-------------------------------------------------------------------------------------|
 * | names one                          | that one, or a refusal                                                              |
 * | has a sharing key                  | one that is shared under the key and fits, as MetalLB's lowest-first comes to; else the next |
 * | anything else                      | the next free one                                                                   |
 *
 * A pool that has all comes before one that has some; of the latter the first counts that has the first missing family, unless all are
 * needed.
 */
export function chooseAddresses(
  ledger: Ledger,
  request: AddressRequest,
  pools: readonly Pool[],
  missing: readonly IpFamily[],
): Chosen | Refusal {
  for (const address of request.addresses) {
    const refusal = missing.includes(address.family) ? whyNotTaken(ledger, request, address) : undefined;
    if (refusal !== undefined) return refusal;
  }
  const passed: { address: Address; blocker: Blocker }[] = [];
  let partial: readonly Address[] | undefined;
  for (const pool of pools) {
    const found = missing.map(family => addressFrom(ledger, request, pool, family, passed));
    const addresses = found.filter(one => one !== undefined);
    if (addresses.length === missing.length) return { addresses, passed };
    if (found[0] !== undefined && !request.needsAll) partial ??= addresses;
  }
  return partial === undefined ? noneFree(pools, missing, request.needsAll) : { addresses: partial, passed };
}

function addressFrom(
  ledger: Ledger,
  request: AddressRequest,
  pool: Pool,
  family: IpFamily,
  passed: { address: Address; blocker: Blocker }[],
): Address | undefined {
  return (
    request.addresses.find(address => address.family === family) ??
    sharedFrom(ledger, request, pool, family) ??
    ledger.next(pool, family, (address, blocker) => passed.push({ address, blocker }))
  );
}

function sharedFrom(ledger: Ledger, request: AddressRequest, pool: Pool, family: IpFamily): Address | undefined {
  if (request.sharing.key === '') return undefined;
  let tried = 0;
  for (const holding of ledger.sharedUnder(request.sharing.key)) {
    if (holding.pool !== pool || holding.address.family !== family) continue;
    if (ledger.blockerOf(holding.address) !== undefined) continue;
    if (whyNotJoined(request, holding) === undefined) return holding.address;
    if (++tried >= mostSharersTried) return undefined;
  }
  return undefined;
}

/** Why an address that is asked for by name cannot be had; undefined: it can. */
export function whyNotTaken(ledger: Ledger, request: AddressRequest, address: Address): Refusal | undefined {
  const what = `the requested address ${address.text}`;
  const blocker = ledger.blockerOf(address);
  if (blocker !== undefined) return { code: 'rejected', message: `${what} is ${blocker.by}: request another, or none` };
  const holding = ledger.holdingOf(address);
  const why = holding === undefined ? undefined : whyNotJoined(request, holding);
  if (why === undefined) return undefined;
  return { code: 'rejected', message: `${what} is held by another Service, and ${why}: request another, or none` };
}

function noneFree(pools: readonly Pool[], missing: readonly IpFamily[], all: boolean): Refusal {
  const names = pools
    .slice(0, 5)
    .map(({ name }) => name)
    .join(', ');
  const more = pools.length > 5 ? ` and ${pools.length - 5} others` : '';
  const what = all && missing.length > 1 ? 'pair of IPv4 and IPv6 addresses in one pool' : `${missing[0]} address`;
  return {
    code: 'rejected',
    message: `no free ${what}: pool ${names}${more} is exhausted; widen it, or delete Services`,
  };
}
