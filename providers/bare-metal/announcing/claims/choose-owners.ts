import { rankOf } from './hash.ts';

export interface Orphan {
  readonly address: string;
  readonly hash: number;
  /** Nodes that live, are heard, and may have it. */
  readonly candidates: readonly string[];
  /** Nodes that were to claim it and did not. */
  readonly passedOver: ReadonlySet<string>;
}

/**
 * Who takes which orphan: in the order of the addresses' hashes, the candidate with the fewest addresses, then of the lowest rank.
 * Pure: who knows the same orphans, candidates and loads comes to the same result, so that nobody has to be asked. An orphan without a
 * candidate is left out.
 */
export function chooseOwners(
  orphans: readonly Orphan[],
  loads: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> {
  const counts = new Map(loads);
  const owners = new Map<string, string>();
  for (const { address, candidates, passedOver } of orphans.toSorted(byHash)) {
    const owner = fewest(address, candidates, passedOver, counts);
    if (owner === undefined) continue;
    owners.set(address, owner);
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return owners;
}

function fewest(
  address: string,
  candidates: readonly string[],
  passedOver: ReadonlySet<string>,
  counts: ReadonlyMap<string, number>,
): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const node of candidates) {
    if (passedOver.has(node)) continue;
    const count = counts.get(node) ?? 0;
    if (count > least) continue;
    if (best !== undefined && count === least && rankOf(best, address) <= rankOf(node, address)) continue;
    best = node;
    least = count;
  }
  return best;
}

function byHash(a: Orphan, b: Orphan): number {
  if (a.hash !== b.hash) return a.hash - b.hash;
  return a.address < b.address ? -1 : 1;
}
