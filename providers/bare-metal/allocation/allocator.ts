import type { IpFamily, Warning } from '../../../src/provider/provider.ts';
import type { Address } from '../address/address.ts';
import { type Holder, type Holding, Ledger } from '../ledger/ledger.ts';
import type { Place, Pool } from '../pools/pool.ts';
import type { PoolSet } from '../pools/pool-set.ts';
import type { Labels } from '../reading/label-selector.ts';
import type { Surroundings } from '../reading/surroundings.ts';
import { WaitingRoom } from '../waiting/waiting-room.ts';
import type { AddressRequest } from './address-request.ts';
import { type Candidates, candidatePools } from './candidate-pools.ts';
import { chooseAddresses, type Refusal } from './choose-addresses.ts';
import { givenUp, moved, refusal, refuseOther, whyNotTakenUp } from './keeping.ts';
import { whyNotHeldTogether, whyNotShared } from './sharing.ts';

/** What a Service has now, and what people should know about it. */
export interface Grant {
  readonly addresses: readonly Address[];
  readonly warnings: readonly Warning[];
  /** Why it has not all that it wants, although another Service has what is published for it: it waits. */
  readonly lacks?: string;
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
  readonly #waiting: WaitingRoom;
  #conflicts: Surroundings['firstConflicts'] = new Map();

  constructor(options: AllocatorOptions) {
    this.#options = options;
    this.#waiting = new WaitingRoom(this.ledger, ids => options.requeue(ids, 'an address has come free'));
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** These addresses are published, the older holder first, and nobody has any others. */
  restore(set: PoolSet, requests: readonly AddressRequest[]): void {
    this.ledger.clear();
    this.#waiting.clear();
    this.ledger.use(set);
    for (const request of requests) {
      const holder: Holder = { id: request.id, request, held: new Map() };
      for (const address of request.published) {
        if (whyNotHeldTogether(request, this.ledger.holdingOf(address)) === undefined)
          this.ledger.hold(holder, address);
      }
    }
    this.ledger.use(set);
  }

  /** It waits for pools to be there at all. */
  expect(request: AddressRequest): void {
    this.#waiting.answer(request.id);
    this.#waiting.add(request, [], request.families.slice(0, 1));
  }

  /** The Service's addresses. Throws a `ProviderError` where it cannot have what it wants; what it has it keeps. */
  ensure(request: AddressRequest): Grant {
    this.#waiting.answer(request.id);
    try {
      return this.#grant(request);
    } finally {
      this.#waiting.callNext();
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
    this.#waiting.answer(id);
    this.#waiting.callNext();
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
    this.#waiting.reconsider(request => this.#poolsFor(request));
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
    refuseOther(kept, request);
    const refused = missing.length > 0 ? this.#fill(holder, kept, missing, warnings) : undefined;
    if (refused !== undefined && !this.#isWithoutPublished(holder)) throw refusal(refused.code, refused.message);
    // Only now: after a refusal all that is published stays so, and must not be given to others.
    for (const family of holder.held.keys()) if (!request.families.includes(family)) this.#leave(holder, family);
    const addresses = request.families.flatMap(family => holder.held.get(family)?.address ?? []);
    const lacks = refused === undefined ? {} : { lacks: refused.message };
    return { addresses, warnings: [...warnings, ...this.#strayWarnings(holder)], ...lacks };
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
      if (key !== request.sharing.key) this.#waiting.sharingChanged(holding);
    }
  }

  /** What stands in the status although it is not held is asked for like any other: others may have it by now. */
  #takePublished(holder: Holder, warnings: Warning[]): void {
    const { request } = holder;
    for (const address of request.published) {
      if (holder.held.has(address.family) || !request.families.includes(address.family)) continue;
      const why = whyNotTakenUp(this.ledger, request, address, this.#poolsFor(request));
      if (why === undefined) this.ledger.hold(holder, address);
      else if (request.adopts) throw refusal('unsupported', `the address ${address.text} cannot be taken over: ${why}`);
      else if (warnings.length === 0) warnings.push(givenUp(address, why));
    }
  }

  /** What stays, and the families that need an address. */
  #sort(holder: Holder): readonly [readonly Holding[], readonly IpFamily[]] {
    const { request } = holder;
    const wanted = [...holder.held.values()].filter(({ address }) => request.families.includes(address.family));
    const kept = wanted.filter(holding => this.#whyMoved(holding) === undefined);
    const missing = request.families.filter(family => !kept.some(({ address }) => address.family === family));
    return [kept, missing];
  }

  #whyMoved({ address, isLost }: Holding): string | undefined {
    if (isLost) return 'is in no address pool any more';
    const mac = this.#conflicts.get(address.text);
    return mac === undefined ? undefined : `is in use by ${mac}, and was never announced`;
  }

  /** Gives what is missing, or has the Service wait and tells why. */
  #fill(
    holder: Holder,
    kept: readonly Holding[],
    missing: readonly IpFamily[],
    warnings: Warning[],
  ): Refusal | undefined {
    const { request } = holder;
    const source = this.#poolsToFillFrom(kept, request);
    if ('problem' in source) return this.#wait(request, [], missing, { code: 'unsupported', message: source.problem });
    const chosen = chooseAddresses(this.ledger, request, source.pools, missing);
    const isEnough = kept.length > 0 && !request.needsAll;
    if ('code' in chosen && !isEnough) return this.#wait(request, source.pools, missing, chosen);
    const { addresses, passed } = 'code' in chosen ? { addresses: [], passed: [] } : chosen;
    for (const { address, blocker } of passed)
      warnings.push({ reason: 'AddressOccupied', message: `${address.text} is ${blocker.by}: it was skipped` });
    for (const family of missing) {
      const now = addresses.find(address => address.family === family);
      const before = holder.held.get(family);
      if (before !== undefined) {
        warnings.push(moved(before.address, this.#whyMoved(before), now));
        this.#leave(holder, family);
      }
      if (now !== undefined) this.ledger.hold(holder, now);
    }
    return undefined;
  }

  /** What is kept decides for the other family too: both come from one pool. */
  #poolsToFillFrom(kept: readonly Holding[], request: AddressRequest): Candidates {
    const fixed = kept.find(({ pool }) => pool !== undefined)?.pool;
    if (fixed === undefined) return this.#poolsFor(request);
    const elsewhere = request.addresses.find(one => this.ledger.set.poolOf(one) !== fixed);
    if (elsewhere === undefined) return { pools: [fixed] };
    return {
      problem: `the requested address ${elsewhere.text} is not in pool ${fixed.name}, which the Service has its other address from: request one of that pool`,
    };
  }

  #wait(request: AddressRequest, pools: readonly Pool[], missing: readonly IpFamily[], why: Refusal): Refusal {
    this.#waiting.add(request, pools, request.needsAll ? missing : missing.slice(0, 1));
    return why;
  }

  /** An older Service has what stands in the status. */
  #isWithoutPublished(holder: Holder): boolean {
    return holder.request.published.some(address => {
      const holding = this.ledger.holdingOf(address);
      return holding !== undefined && !holding.holders.has(holder);
    });
  }

  #poolsFor(request: AddressRequest): Candidates {
    return candidatePools(this.ledger.set, request, this.#placeOf(request));
  }

  #placeOf({ namespace, labels }: AddressRequest): Place {
    return { namespace, namespaceLabels: this.#options.namespaceLabels(namespace), labels };
  }

  #leave(holder: Holder, family: IpFamily): void {
    const holding = holder.held.get(family);
    if (holding === undefined) return;
    if (this.ledger.leave(holder, family)) this.#waiting.freed(holding);
    else this.#waiting.sharingChanged(holding);
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
