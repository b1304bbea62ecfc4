import { rankOf } from './hash.ts';

export interface Orphan {
  readonly address: string;
  readonly hash: number;
  /** Nodes that live, are heard, and may have it. */
  readonly candidates: readonly string[];
  /** How much each candidate is preferred; undefined: all alike. */
  readonly preferences?: ReadonlyMap<string, number> | undefined;
  /** Nodes that were to claim it and did not. */
  readonly passedOver: ReadonlySet<string>;
}

/**
 * Who takes which orphan: in the order of the addresses' hashes, the candidate that is preferred most, then with the fewest addresses, then
 * of the lowest rank.
 * Pure: who knows the same orphans, candidates and loads comes to the same result, so that nobody has to be asked. An orphan without a
 * candidate is left out.
 */
export function chooseOwners(
  orphans: readonly Orphan[],
  loads: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> {
  const counts = new Map(loads);
  const owners = new Map<string, string>();
  for (const orphan of orphans.toSorted(byHash)) {
    const { address } = orphan;
    const owner = mostSuitable(orphan, counts);
    if (owner === undefined) continue;
    owners.set(address, owner);
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return owners;
}

function mostSuitable(
  { address, candidates, preferences, passedOver }: Orphan,
  counts: ReadonlyMap<string, number>,
): string | undefined {
  let best: string | undefined;
  let [most, least] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const node of candidates) {
    if (passedOver.has(node)) continue;
    const [preference, count] = [preferences?.get(node) ?? 0, counts.get(node) ?? 0];
    if (preference < most || (preference === most && count > least)) continue;
    const isTie = preference === most && count === least;
    if (best !== undefined && isTie && rankOf(best, address) <= rankOf(node, address)) continue;
    [best, most, least] = [node, preference, count];
  }
  return best;
}

function byHash(a: Orphan, b: Orphan): number {
  if (a.hash !== b.hash) return a.hash - b.hash;
  return a.address < b.address ? -1 : 1;
}
