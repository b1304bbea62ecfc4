import type { IpFamily } from '../../../src/provider/provider.ts';
import type { AddressRequest } from '../allocation/address-request.ts';
import type { Candidates } from '../allocation/candidate-pools.ts';
import { whyNotTaken } from '../allocation/choose-addresses.ts';
import { whyNotJoined } from '../allocation/sharing.ts';
import { families, type Holding, type Ledger } from '../ledger/ledger.ts';
import type { Pool } from '../pools/pool.ts';
import { type Waiting, WaitingList } from './waiting-list.ts';

/**
 * Calls those who wait the moment there is something for them, the oldest first, and no more than can be served. Whoever has been called
 * is counted as served until it has come, or gone. What it finds out by then is its own affair: it is not called again for the same.
 */
export class WaitingRoom {
  readonly #ledger: Ledger;
  readonly #call: (ids: readonly string[]) => void;
  readonly #list = new WaitingList();
  /** By id, with the name of the pool. */
  readonly #called = new Map<string, { readonly pool: string; readonly families: readonly IpFamily[] }>();
  /** How many addresses of a pool and family those who were called will take. */
  readonly #expected = new Map<string, number>();
  /** What there may be something of, since the last look. */
  readonly #pools = new Set<Pool>();
  readonly #addresses = new Set<string>();
  readonly #shared = new Set<Holding>();
  /** Grows whenever something comes free. */
  #turn = 0;

  constructor(ledger: Ledger, call: (ids: readonly string[]) => void) {
    this.#ledger = ledger;
    this.#call = call;
  }

  get size(): number {
    return this.#list.size;
  }

  add(request: AddressRequest, pools: readonly Pool[], missing: readonly IpFamily[]): void {
    this.#list.add({ request, families: missing, pools, since: this.#turn });
  }

  /** It has come, or has gone. */
  answer(id: string): void {
    this.#list.remove(id);
    const called = this.#called.get(id);
    if (called === undefined) return;
    this.#called.delete(id);
    this.#expect(called.pool, called.families, -1);
    const pool = this.#ledger.set.named(called.pool);
    if (pool !== undefined) this.#pools.add(pool);
  }

  clear(): void {
    this.#list.clear();
    this.#called.clear();
    this.#expected.clear();
  }

  freed({ pool, address }: Holding): void {
    this.#turn++;
    this.#addresses.add(address.text);
    if (pool !== undefined) this.#pools.add(pool);
  }

  /** Somebody has left a shared address, or its terms have changed: there may be room beside those who stay. */
  sharingChanged(holding: Holding): void {
    this.#turn++;
    this.#addresses.add(holding.address.text);
    this.#shared.add(holding);
  }

  /** Anything may be free now, and who waits may wait for other pools. */
  reconsider(poolsFor: (request: AddressRequest) => Candidates): void {
    this.#turn++;
    // A copy: who is entered again would come round again.
    for (const waiting of Array.from(this.#list.values())) {
      const candidates = poolsFor(waiting.request);
      this.#list.add({ ...waiting, pools: 'pools' in candidates ? candidates.pools : [] });
    }
    for (const pool of this.#list.pools()) this.#pools.add(pool);
    for (const text of this.#list.addresses()) this.#addresses.add(text);
    this.callNext();
  }

  callNext(): void {
    const chosen: Waiting[] = [];
    for (const text of this.#addresses) chosen.push(...this.#choose(this.#forAddress(text)));
    for (const holding of this.#shared) chosen.push(...this.#choose(this.#besides(holding)));
    for (const pool of this.#pools) chosen.push(...this.#choose(this.#forPool(pool)));
    this.#addresses.clear();
    this.#shared.clear();
    this.#pools.clear();
    if (chosen.length === 0) return;
    const oldestFirst = chosen.sort((one, other) => (one.request.age < other.request.age ? -1 : 1));
    this.#call(oldestFirst.map(({ request }) => request.id));
  }

  #choose(chosen: readonly (readonly [Waiting, Pool])[]): readonly Waiting[] {
    return chosen.map(([waiting, pool]) => {
      this.#list.remove(waiting.request.id);
      this.#called.set(waiting.request.id, { pool: pool.name, families: waiting.families });
      this.#expect(pool.name, waiting.families, 1);
      return waiting;
    });
  }

  /** The oldest who waits for this very address, and those who would share it. */
  #forAddress(text: string): readonly (readonly [Waiting, Pool])[] {
    const able = this.#list.forAddress(text).filter(waiting => {
      const { addresses } = waiting.request;
      return (
        this.#isDue(waiting) && addresses.every(one => whyNotTaken(this.#ledger, waiting.request, one) === undefined)
      );
    });
    const [oldest] = able;
    const key = oldest?.request.sharing.key ?? '';
    return able.flatMap(waiting => {
      const [pool] = waiting.pools;
      const isNext = waiting === oldest || (key !== '' && waiting.request.sharing.key === key);
      return isNext && pool !== undefined ? [[waiting, pool] as const] : [];
    });
  }

  /** Those in the same pool who could come in beside the holders of a shared address. */
  #besides(holding: Holding): readonly (readonly [Waiting, Pool])[] {
    const { pool, address } = holding;
    if (pool === undefined || this.#ledger.holdingOf(address) !== holding) return [];
    return this.#list
      .forPool(pool)
      .filter(
        one => one.request.sharing.key !== '' && this.#isDue(one) && whyNotJoined(one.request, holding) === undefined,
      )
      .map(waiting => [waiting, pool] as const);
  }

  #forPool(pool: Pool): readonly (readonly [Waiting, Pool])[] {
    const left = new Map(
      families.map(family => [family, this.#ledger.freeCount(pool, family) - this.#expectedOf(pool.name, family)]),
    );
    const chosen: (readonly [Waiting, Pool])[] = [];
    for (const waiting of this.#list.forPool(pool)) {
      if (families.every(family => (left.get(family) ?? 0) <= 0)) break;
      if (!this.#isDue(waiting) || waiting.families.some(family => (left.get(family) ?? 0) <= 0)) continue;
      for (const family of waiting.families) left.set(family, (left.get(family) ?? 0) - 1);
      chosen.push([waiting, pool]);
    }
    return chosen;
  }

  #isDue({ since }: Waiting): boolean {
    return since < this.#turn;
  }

  #expectedOf(pool: string, family: IpFamily): number {
    return this.#expected.get(`${family} ${pool}`) ?? 0;
  }

  #expect(pool: string, of: readonly IpFamily[], more: number): void {
    for (const family of of)
      this.#expected.set(`${family} ${pool}`, Math.max(0, this.#expectedOf(pool, family) + more));
  }
}
