import type { Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { Address } from '../address/address.ts';
import type { Holding, Ledger } from '../ledger/ledger.ts';
import type { AddressRequest } from './address-request.ts';
import type { Candidates } from './candidate-pools.ts';
import { whyNotJoined } from './sharing.ts';

/**
 * Why a published address that is not held cannot be taken up by its Service, for people; undefined: it can. Pure.
 *
 * | the address                          | of our own mark                          | of another controller, to be adopted |
 * |--------------------------------------|------------------------------------------|--------------------------------------|
 * | is another host's, or in no pool     | cannot                                   | cannot                               |
 * | is held by others                    | can where it may be shared               | the same                             |
 * | is of a pool not for this Service    | cannot: who writes a status by hand gets no more than by asking | can           |
 * | any other                            | can                                      | can                                  |
 */
export function whyNotTakenUp(
  ledger: Ledger,
  request: AddressRequest,
  address: Address,
  candidates: Candidates,
): string | undefined {
  const blocker = ledger.blockerOf(address);
  if (blocker !== undefined) return `it is ${blocker.by}`;
  const pool = ledger.set.poolOf(address);
  if (pool === undefined) return 'it is in no address pool';
  const holding = ledger.holdingOf(address);
  const why = holding === undefined ? undefined : whyNotJoined(request, holding);
  if (why !== undefined) return `another Service holds it, and ${why}`;
  const isOpen = request.adopts || ('pools' in candidates && candidates.pools.includes(pool));
  return isOpen ? undefined : 'its pool is not for this Service';
}

/** An address never changes under its users: throws where the Service asks for another than it keeps. */
export function refuseOther(kept: readonly Holding[], request: AddressRequest): void {
  const again = 'delete the Service and create it again';
  for (const { address, pool } of kept) {
    const other = request.addresses.find(({ family }) => family === address.family);
    if (other !== undefined && other.text !== address.text)
      throw refusal('unsupported', `the address is ${address.text} and cannot become ${other.text}: ${again}`);
    if (request.pool !== undefined && pool !== undefined && pool.name !== request.pool)
      throw refusal(
        'unsupported',
        `the address ${address.text} is of pool ${pool.name}, not ${JSON.stringify(request.pool)}: ${again}`,
      );
  }
}

export function givenUp(address: Address, why: string): Warning {
  return { reason: 'AddressGivenUp', message: `the address ${address.text} was given up: ${why}` };
}

export function moved(from: Address, why: string | undefined, to: Address | undefined): Warning {
  const instead = to === undefined ? 'no other of its family is to be had' : `the Service has ${to.text} now`;
  return { reason: 'AddressMoved', message: `${from.text} ${why ?? 'was given up'}: ${instead}` };
}

export function refusal(code: 'rejected' | 'unsupported', message: string): ProviderError {
  return new ProviderError(code, message);
}
