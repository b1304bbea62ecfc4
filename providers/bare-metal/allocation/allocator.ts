import type { IpFamily, Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { Address } from '../address/address.ts';
import type { Place, Pool } from '../pools/pool.ts';
import type { PoolSet } from '../pools/pool-set.ts';
import type { Labels } from '../reading/label-selector.ts';
import type { Surroundings } from '../reading/surroundings.ts';
import type { AddressRequest } from './address-request.ts';
import { candidatePools } from './candidate-pools.ts';
import { chooseAddresses, whyNotJoined } from './choose-addresses.ts';
import { type Holder, type Holding, Ledger } from './ledger.ts';
import { Queue } from './queue.ts';
import { whyNotShared } from './sharing.ts';

/** What a Service has now, and what people should know about it. */
export interface Grant {
  readonly addresses: readonly Address[];
  readonly warnings: readonly Warning[];
}

export interface AllocatorOptions {
  /** These Services, by id, would get another answer now. */
  readonly requeue: (ids: readonly string[], reason: string) => void;
  readonly namespaceLabels: (namespace: string) => Labels | undefined;
}

/**
 * Gives addresses of pools to Services. Synchronous; an address costs the same whatever the size of the pool.
 *
 * Whoever holds an address keeps it until the Service goes. The exceptions: a valid edit of the pools no longer covers it, an older Service
 * holds it and they cannot share, or another host had it before it was ever announced.
 */
export class Allocator {
  readonly ledger = new Ledger();
  readonly #options: AllocatorOptions;
  readonly #queue: Queue;
  #conflicts: Surroundings['firstConflicts'] = new Map();

  constructor(options: AllocatorOptions) {
    this.#options = options;
    this.#queue = new Queue(this.ledger, ids => options.requeue(ids, 'an address has come free'));
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** These addresses are published, the older holder first, and nobody has any others. */
  restore(set: PoolSet, requests: readonly AddressRequest[]): void {
    this.ledger.clear();
    this.#queue.clear();
    this.ledger.use(set);
    for (const request of requests) {
      const holder: Holder = { id: request.id, request, held: new Map() };
      for (const address of request.published) {
        if (whyHeldApart(this.ledger, request, address) === undefined) this.ledger.hold(holder, address);
      }
    }
    this.ledger.use(set);
  }

  /** It waits for pools to be there at all. */
  expect(request: AddressRequest): void {
    this.#queue.answer(request.id);
    this.#queue.add(request, [], request.families.slice(0, 1));
  }

  /** The Service's addresses. Throws a `ProviderError` where it cannot have what it wants; what it has it keeps. */
  ensure(request: AddressRequest): Grant {
    this.#queue.answer(request.id);
    try {
      return this.#grant(request);
    } finally {
      this.#queue.callNext();
    }
  }

  /** The Service has gone, or wants nothing any more. Nothing held is nothing to release. */
  release(id: string): void {
    const holder = this.ledger.holder(id);
    if (holder !== undefined) for (const family of holder.held.keys()) this.#leave(holder, family);
    this.standBack(id);
  }

  /** The Service wants nothing at present; what it has it keeps. */
  standBack(id: string): void {
    this.#queue.answer(id);
    this.#queue.callNext();
  }

  /** Other pools are in force. Those Services are looked at again that it makes a difference to. */
  usePools(set: PoolSet): void {
    this.ledger.use(set);
    const concerned = [...this.ledger.holders()].filter(holder => this.#isConcerned(holder)).map(({ id }) => id);
    if (concerned.length > 0) this.#options.requeue(concerned, 'the address pools have changed');
    this.reconsider();
  }

  /** Something that pools are chosen by has changed: who waits may wait for something else now. */
  reconsider(): void {
    this.#queue.reconsider(request => this.#poolsFor(request));
  }

  /** Others have, or had before us, these addresses now. */
  surround({ blockers, addresses, firstConflicts }: Surroundings): void {
    const before = this.#conflicts;
    this.#conflicts = firstConflicts;
    this.ledger.block(blockers, addresses);
    const moving = [...this.ledger.holders()].filter(({ held }) =>
      [...held.values()].some(({ address }) => firstConflicts.has(address.text) && !before.has(address.text)),
    );
    if (moving.length > 0)
      this.#options.requeue(
        moving.map(({ id }) => id),
        'another host has the address',
      );
    this.reconsider();
  }

  #grant(request: AddressRequest): Grant {
    const holder = this.ledger.holder(request.id) ?? { id: request.id, request, held: new Map<IpFamily, Holding>() };
    const warnings: Warning[] = [];
    this.#rewrite(holder, request, warnings);
    this.#takePublished(holder, warnings);
    const [kept, missing] = this.#sort(holder);
    this.#refuseOther(kept, request);
    if (missing.length > 0) this.#fill(holder, kept, missing, warnings);
    const addresses = request.families.flatMap(family => holder.held.get(family)?.address ?? []);
    return { addresses, warnings: [...warnings, ...this.#strayWarnings(holder)] };
  }

  /** Of two Services on one address that cannot share it any more the younger gives way. */
  #rewrite(holder: Holder, request: AddressRequest, warnings: Warning[]): void {
    const { key } = holder.request.sharing;
    this.ledger.rewrite(holder, request);
    for (const [family, holding] of holder.held) {
      for (const other of holding.holders) {
        const why = other === holder ? undefined : whyNotShared(request.sharing, other.request.sharing);
        if (why === undefined) continue;
        if (other.request.age < request.age) {
          warnings.push(givenUp(holding.address, why));
          this.#leave(holder, family);
          break;
        }
        this.#leave(other, family);
        this.#options.requeue([other.id], 'an older Service holds the address');
      }
      if (key !== request.sharing.key) this.#queue.sharingChanged(holding);
    }
  }

  /** What stands in the status although it is not held is asked for like any other: others may have it by now. */
  #takePublished(holder: Holder, warnings: Warning[]): void {
    const { request } = holder;
    for (const address of request.published) {
      if (holder.held.has(address.family) || !request.families.includes(address.family)) continue;
      const why = this.#whyNotKept(request, address);
      if (why === undefined) this.ledger.hold(holder, address);
      else if (request.adopts) throw refusal('unsupported', `the address ${address.text} cannot be taken over: ${why}`);
      else if (warnings.length === 0) warnings.push(givenUp(address, why));
    }
  }

  #whyNotKept(request: AddressRequest, address: Address): string | undefined {
    const blocker = this.ledger.blockerOf(address);
    if (blocker !== undefined) return `it is ${blocker.by}`;
    const pool = this.ledger.set.poolOf(address);
    if (pool === undefined) return 'it is in no address pool';
    const holding = this.ledger.holdingOf(address);
    if (holding !== undefined) {
      const why = whyNotJoined(request, holding);
      return why === undefined ? undefined : `another Service holds it, and ${why}`;
    }
    const candidates = request.adopts ? undefined : candidatePools(this.ledger.set, request, this.#placeOf(request));
    if (candidates === undefined) return undefined;
    return 'pools' in candidates && candidates.pools.includes(pool) ? undefined : 'its pool is not for this Service';
  }

  /** What stays, and the families that need an address; what is not wanted any more is given back. */
  #sort(holder: Holder): readonly [readonly Holding[], readonly IpFamily[]] {
    const { request } = holder;
    for (const family of holder.held.keys()) if (!request.families.includes(family)) this.#leave(holder, family);
    const kept = [...holder.held.values()].filter(holding => this.#whyMoved(holding) === undefined);
    const missing = request.families.filter(family => !kept.some(({ address }) => address.family === family));
    return [kept, missing];
  }

  #whyMoved({ address, isLost }: Holding): string | undefined {
    if (isLost) return 'is in no address pool any more';
    const mac = this.#conflicts.get(address.text);
    return mac === undefined ? undefined : `is in use by ${mac}, and was never announced`;
  }

  #refuseOther(kept: readonly Holding[], request: AddressRequest): void {
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

  #fill(holder: Holder, kept: readonly Holding[], missing: readonly IpFamily[], warnings: Warning[]): void {
    const { request } = holder;
    const candidates = this.#poolsFor(request);
    if ('problem' in candidates) return this.#wait(request, [], missing, 'unsupported', candidates.problem);
    const fixed = kept.find(({ pool }) => pool !== undefined)?.pool;
    const pools = fixed === undefined ? candidates.pools : [fixed];
    const elsewhere = request.addresses.find(one => fixed !== undefined && this.ledger.set.poolOf(one) !== fixed);
    if (elsewhere !== undefined)
      throw refusal(
        'unsupported',
        `the requested address ${elsewhere.text} is not in pool ${fixed?.name}, from which the Service has its other address: request one of that pool`,
      );
    const chosen = chooseAddresses(this.ledger, request, pools, missing);
    if ('code' in chosen) {
      if (kept.length > 0 && !request.needsAll) return this.#doWithout(holder, missing, warnings);
      return this.#wait(request, pools, missing, chosen.code, chosen.message);
    }
    for (const { address, blocker } of chosen.passed)
      warnings.push({ reason: 'AddressOccupied', message: `${address.text} is ${blocker.by}: it was skipped` });
    for (const address of chosen.addresses) {
      const before = holder.held.get(address.family);
      if (before !== undefined) {
        warnings.push(moved(before.address, this.#whyMoved(before), address));
        this.#leave(holder, address.family);
      }
      this.ledger.hold(holder, address);
    }
  }

  /** One family is better than none. */
  #doWithout(holder: Holder, missing: readonly IpFamily[], warnings: Warning[]): void {
    for (const family of missing) {
      const before = holder.held.get(family);
      if (before === undefined) continue;
      warnings.push(
        givenUp(before.address, `it ${this.#whyMoved(before)}, and its pool has no other ${family} address`),
      );
      this.#leave(holder, family);
    }
  }

  #wait(
    request: AddressRequest,
    pools: readonly Pool[],
    missing: readonly IpFamily[],
    code: 'rejected' | 'unsupported',
    message: string,
  ): never {
    this.#queue.add(request, pools, request.needsAll ? missing : missing.slice(0, 1));
    throw refusal(code, message);
  }

  #poolsFor(request: AddressRequest) {
    return candidatePools(this.ledger.set, request, this.#placeOf(request));
  }

  #placeOf({ namespace, labels }: AddressRequest): Place {
    return { namespace, namespaceLabels: this.#options.namespaceLabels(namespace), labels };
  }

  #leave(holder: Holder, family: IpFamily): void {
    const holding = holder.held.get(family);
    if (holding === undefined) return;
    if (this.ledger.leave(holder, family)) this.#queue.freed(holding);
    else this.#queue.sharingChanged(holding);
  }

  /** It has lost its address, or could have one of its second family now. */
  #isConcerned({ request, held }: Holder): boolean {
    const holdings = [...held.values()];
    if (holdings.some(({ isLost }) => isLost)) return true;
    return request.families.some(
      family =>
        !held.has(family) && holdings.some(({ pool }) => pool !== undefined && this.ledger.freeCount(pool, family) > 0),
    );
  }

  #strayWarnings({ held }: Holder): readonly Warning[] {
    return [...held.values()]
      .filter(({ pool }) => pool === undefined)
      .map(({ address }) => ({
        reason: 'AddressOutsidePools',
        message: `${address.text} is in none of the address pools that are known; it stays until all kinds of pools can be read`,
      }));
  }
}

const again = 'delete the Service and create it again';

/** Why a published address is not the Service's own, because an older one has it. */
function whyHeldApart(ledger: Ledger, request: AddressRequest, address: Address): string | undefined {
  for (const other of ledger.holdingOf(address)?.holders ?? []) {
    const why = whyNotShared(request.sharing, other.request.sharing);
    if (why !== undefined) return why;
  }
  return undefined;
}

function givenUp(address: Address, why: string): Warning {
  return { reason: 'AddressGivenUp', message: `the address ${address.text} was given up: ${why}` };
}

function moved(from: Address, why: string | undefined, to: Address): Warning {
  return { reason: 'AddressMoved', message: `${from.text} ${why ?? 'was given up'}: the Service has ${to.text} now` };
}

function refusal(code: 'rejected' | 'unsupported', message: string): ProviderError {
  return new ProviderError(code, message);
}
