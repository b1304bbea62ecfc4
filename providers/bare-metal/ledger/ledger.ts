import type { IpFamily } from '../../../src/provider/provider.ts';
import type { Address } from '../address/address.ts';
import type { AddressRequest } from '../allocation/address-request.ts';
import { type Pool, rangesOf, totalOf } from '../pools/pool.ts';
import { PoolSet } from '../pools/pool-set.ts';
import type { Blocker } from '../reading/surroundings.ts';
import { FreeAddresses } from './free-addresses.ts';
import { highestHeld } from './probe-candidates.ts';

/** A Service that has addresses. */
export interface Holder {
  readonly id: string;
  /** The last that was heard of it; changed by the ledger only. */
  request: AddressRequest;
  readonly held: Map<IpFamily, Holding>;
}

/** An address that somebody has. */
export interface Holding {
  readonly address: Address;
  /** In the order in which they came. */
  readonly holders: Set<Holder>;
  /** Undefined: in none that is in force. */
  pool: Pool | undefined;
  /** Whether no pool has it any more because the operator has decided so. */
  isLost: boolean;
}

/** The numbers of one family of a pool. */
export interface Account {
  readonly pool: Pool;
  readonly family: IpFamily;
  readonly total: bigint;
  readonly free: FreeAddresses;
  /** Addresses that somebody has; a shared one counts once. */
  readonly used: Set<Holding>;
  /** How many can be given by nobody, although nobody has them. */
  blocked: number;
}

export const families: readonly IpFamily[] = ['IPv4', 'IPv6'];

/** Who holds what, and what is free. Decides nothing. */
export class Ledger {
  readonly #holders = new Map<string, Holder>();
  readonly #holdings = new Map<string, Holding>();
  /** Of those that are shared, or could be. */
  readonly #byKey = new Map<string, Set<Holding>>();
  #accounts = new Map<Pool, Map<IpFamily, Account>>();
  #set = PoolSet.empty;
  #blockers: ReadonlyMap<string, Blocker> = new Map();
  #blocked: readonly Address[] = [];

  get set(): PoolSet {
    return this.#set;
  }

  holder(id: string): Holder | undefined {
    return this.#holders.get(id);
  }

  holders(): Iterable<Holder> {
    return this.#holders.values();
  }

  holdingOf(address: Address): Holding | undefined {
    return this.#holdings.get(address.text);
  }

  blockerOf(address: Address): Blocker | undefined {
    return this.#blockers.get(address.text);
  }

  account(pool: Pool, family: IpFamily): Account | undefined {
    return this.#accounts.get(pool)?.get(family);
  }

  accountsOf(pool: Pool): Iterable<Account> {
    return this.#accounts.get(pool)?.values() ?? [];
  }

  *accounts(): Iterable<Account> {
    for (const byFamily of this.#accounts.values()) yield* byFamily.values();
  }

  /** The next to be given; `passed` hears of those that are skipped because somebody has been found to answer for them. */
  next(pool: Pool, family: IpFamily, passed: (address: Address, blocker: Blocker) => void): Address | undefined {
    return this.account(pool, family)?.free.peek(address => {
      if (this.#holdings.has(address.text)) return true;
      const blocker = this.#blockers.get(address.text);
      if (blocker?.mac !== undefined) passed(address, blocker);
      return blocker !== undefined;
    });
  }

  freeCount(pool: Pool, family: IpFamily): number {
    const account = this.account(pool, family);
    return account === undefined ? 0 : Number(account.total) - account.used.size - account.blocked;
  }

  /** Addresses of which a holder has this sharing key. */
  sharedUnder(key: string): Iterable<Holding> {
    return this.#byKey.get(key) ?? [];
  }

  /** The holder's Service has other wishes now. */
  rewrite(holder: Holder, request: AddressRequest): void {
    const { key } = holder.request.sharing;
    holder.request = request;
    if (key === request.sharing.key) return;
    for (const holding of holder.held.values()) {
      this.#unlist(holding, key);
      this.#list(holding, request.sharing.key);
    }
  }

  /** From now on it is the holder's, alone or beside others: who may share is not asked here. */
  hold(holder: Holder, address: Address): void {
    const holding = this.#holdings.get(address.text) ?? this.#open(address);
    holding.holders.add(holder);
    holder.held.set(address.family, holding);
    this.#holders.set(holder.id, holder);
    this.#list(holding, holder.request.sharing.key);
  }

  /** True when nobody has the address any more. */
  leave(holder: Holder, family: IpFamily): boolean {
    const holding = holder.held.get(family);
    if (holding === undefined) return false;
    holder.held.delete(family);
    if (holder.held.size === 0) this.#holders.delete(holder.id);
    holding.holders.delete(holder);
    this.#unlist(holding, holder.request.sharing.key);
    if (holding.holders.size > 0) return false;
    this.#holdings.delete(holding.address.text);
    this.#accountOf(holding)?.used.delete(holding);
    this.#becomeFree(holding.address);
    return true;
  }

  clear(): void {
    this.#holders.clear();
    this.#holdings.clear();
    this.#byKey.clear();
    this.#rebuild();
  }

  /** Other pools are in force. Whoever holds an address keeps it; which are lost is told by their holdings. */
  use(set: PoolSet): void {
    this.#set = set;
    for (const holding of this.#holdings.values()) {
      const before = holding.pool;
      holding.pool = set.poolOf(holding.address);
      holding.isLost = holding.pool === undefined && (holding.isLost || before !== undefined || set.isComplete);
    }
    this.#rebuild();
  }

  /** Others have these addresses: nodes, gateways, whoever answers on the wire. */
  block(blockers: ReadonlyMap<string, Blocker>, addresses: readonly Address[]): void {
    const lifted = this.#blocked;
    this.#blockers = blockers;
    this.#blocked = addresses;
    for (const address of lifted) {
      if (!blockers.has(address.text) && !this.#holdings.has(address.text)) this.#becomeFree(address);
    }
    this.#countBlocked();
  }

  #list(holding: Holding, key: string): void {
    if (key === '') return;
    const listed = this.#byKey.get(key);
    if (listed === undefined) this.#byKey.set(key, new Set([holding]));
    else listed.add(holding);
  }

  #unlist(holding: Holding, key: string): void {
    const listed = this.#byKey.get(key);
    if (listed === undefined || [...holding.holders].some(({ request }) => request.sharing.key === key)) return;
    listed.delete(holding);
    if (listed.size === 0) this.#byKey.delete(key);
  }

  #open(address: Address): Holding {
    const pool = this.#set.poolOf(address);
    const holding: Holding = { address, holders: new Set(), pool, isLost: pool === undefined && this.#set.isComplete };
    this.#holdings.set(address.text, holding);
    const account = this.#accountOf(holding);
    account?.used.add(holding);
    account?.free.take(address);
    if (account !== undefined && this.#blockers.has(address.text)) account.blocked--;
    return holding;
  }

  #becomeFree(address: Address): void {
    const pool = this.#set.poolOf(address);
    const account = pool === undefined ? undefined : this.account(pool, address.family);
    if (account === undefined) return;
    if (this.#blockers.has(address.text)) account.blocked++;
    else account.free.giveBack(address);
  }

  #accountOf({ pool, address }: Holding): Account | undefined {
    return pool === undefined ? undefined : this.account(pool, address.family);
  }

  /** New accounts for the pools in force. What rested goes on resting. */
  #rebuild(): void {
    const resting = [...this.accounts()].flatMap(({ free }) => [...free.resting()]);
    const highest = highestHeld(
      this.#set,
      Array.from(this.#holdings.values(), ({ address }) => address),
    );
    this.#accounts = new Map(
      this.#set.pools.map(pool => {
        const accounts = families.map(family => openAccount(pool, family, highest.get(`${pool.name} ${family}`)));
        return [pool, new Map(accounts.map(account => [account.family, account]))];
      }),
    );
    for (const holding of this.#holdings.values()) this.#accountOf(holding)?.used.add(holding);
    for (const address of resting) if (!this.#holdings.has(address.text)) this.#becomeFree(address);
    this.#countBlocked();
  }

  #countBlocked(): void {
    for (const account of this.accounts()) account.blocked = 0;
    for (const address of this.#blocked) {
      const pool = this.#set.poolOf(address);
      const account = pool === undefined ? undefined : this.account(pool, address.family);
      if (account !== undefined && !this.#holdings.has(address.text)) account.blocked++;
    }
  }
}

function openAccount(pool: Pool, family: IpFamily, highest: bigint | undefined): Account {
  const free = new FreeAddresses(rangesOf(pool, family), pool.avoidBuggyIPs, (highest ?? -1n) + 1n);
  return { pool, family, total: totalOf(pool, family), free, used: new Set(), blocked: 0 };
}
