import type { Resource } from '../../../src/provider/provider.ts';
import type { Account, Holding } from '../ledger/ledger.ts';
import type { PoolFault } from '../pools/plan-pools.ts';

/** The status of an AddressPool. Counts are decimal texts: an IPv6 /64 has more addresses than JSON numbers can tell apart. */
export interface PoolStatus {
  readonly total: string;
  readonly used: string;
  readonly available: string;
  readonly holders: readonly { readonly address: string; readonly services: readonly string[] }[];
  readonly conditions: readonly PoolCondition[];
}

export interface PoolCondition {
  readonly type: 'Accepted';
  readonly status: 'True' | 'False';
  readonly reason: 'Valid' | 'Invalid' | 'HeldBack';
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

const mostHolders = 100;

/**
 * What an AddressPool has to say. Pure; `accounts`: of the pool of that name that is in force, if any.
 *
 * | the object                                | Accepted        |
 * |-------------------------------------------|-----------------|
 * | is in force as it is written              | True Valid      |
 * | has a part in a fault                     | False Invalid   |
 * | is refused together with others           | False HeldBack  |
 */
export function poolStatus(
  resource: Resource,
  accounts: readonly Account[],
  isInForce: boolean,
  faults: readonly PoolFault[],
  now: number,
): PoolStatus {
  const total = accounts.reduce((sum, account) => sum + account.total, 0n);
  const used = accounts.reduce((sum, account) => sum + account.used.size, 0);
  const blocked = accounts.reduce((sum, account) => sum + account.blocked, 0);
  const holders = lowest(
    accounts.flatMap(account => lowest([...account.used], mostHolders)),
    mostHolders,
  );
  return {
    total: String(total),
    used: String(used),
    available: String(total - BigInt(used) - BigInt(blocked)),
    holders: holders.map(({ address, holders: all }) => ({
      address: address.text,
      services: [...all]
        .map(({ request }) => `${request.namespace}/${request.name}`)
        .sort()
        .slice(0, mostHolders),
    })),
    conditions: [conditionOf(resource, isInForce, faults, now)],
  };
}

function conditionOf(resource: Resource, isInForce: boolean, faults: readonly PoolFault[], now: number): PoolCondition {
  const own = faults.find(({ about }) => about.some(({ origin }) => origin?.uid === resource.uid));
  const verdict =
    own !== undefined
      ? ({ status: 'False', reason: 'Invalid', message: own.message } as const)
      : isInForce
        ? ({ status: 'True', reason: 'Valid', message: '' } as const)
        : ({
            status: 'False',
            reason: 'HeldBack',
            message: `refused with the rest of the change: ${faults[0]?.message ?? ''}`,
          } as const);
  return {
    type: 'Accepted',
    ...verdict,
    message: verdict.message.slice(0, 1_000),
    observedGeneration: resource.generation,
    lastTransitionTime:
      lastTransition(resource.status, verdict.status) ?? new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/** The time that stands there already, while the status is the same: so a restart writes nothing. */
function lastTransition(status: unknown, wanted: PoolCondition['status']): string | undefined {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: unknown };
  if (!Array.isArray(conditions)) return undefined;
  const before = (conditions as readonly Partial<PoolCondition>[]).find(one => one?.type === 'Accepted');
  return before?.status === wanted && typeof before.lastTransitionTime === 'string'
    ? before.lastTransitionTime
    : undefined;
}

/** The lowest addresses, IPv4 first; costs one pass and the sorting of those few. */
function lowest(holdings: readonly Holding[], most: number): readonly Holding[] {
  let kept: Holding[] = [];
  for (const holding of holdings) {
    kept.push(holding);
    if (kept.length >= 2 * most) kept = kept.sort(byAddress).slice(0, most);
  }
  return kept.sort(byAddress).slice(0, most);
}

function byAddress({ address: one }: Holding, { address: other }: Holding): number {
  if (one.family !== other.family) return one.family === 'IPv4' ? -1 : 1;
  return one.value < other.value ? -1 : Number(one.value > other.value);
}
