import { rankOf } from './hash.ts';

export type OwnState = 'intended' | 'held' | 'yielding';

export interface Claim {
  readonly node: string;
  readonly since: number;
  readonly state: OwnState;
}

/** What is to be done with a claim of our own. */
export type Verdict = 'keep' | 'yield' | 'drop';

/** Of two claims the older holds; of the same millisecond, the one of lower rank. Pure, and the same on every node. */
export function isOlder(a: Claim, b: Claim, address: string): boolean {
  if (a.since !== b.since) return a.since < b.since;
  const [rankA, rankB] = [rankOf(a.node, address), rankOf(b.node, address)];
  return rankA === rankB ? a.node < b.node : rankA < rankB;
}

/**
 * Whether a node goes on with its claim. Pure.
 *
 * | own claim | a rival's               | wanted here | somebody to take it | →     |
 * |-----------|-------------------------|-------------|---------------------|-------|
 * | held      | held, older             |             |                     | drop  |
 * | intended  | held; intended, older   |             |                     | drop  | (who answers already is not unseated by who does not)
 * | yielding  | held, however young     |             |                     | drop  |
 * | held      | any other               | yes         |                     | keep  | (the rival drops)
 * | intended  |                         | no          |                     | drop  |
 * | other     |                         | no          | yes                 | yield |
 * | other     |                         | no          | no                  | drop  |
 *
 * `isWanted`: the node is a candidate and neither leaves nor gives the address away.
 */
export function judgeClaim(
  own: Claim,
  rivals: readonly Claim[],
  address: string,
  { isWanted, hasTaker }: { readonly isWanted: boolean; readonly hasTaker: boolean },
): Verdict {
  if (rivals.some(rival => prevails(rival, own, address))) return 'drop';
  if (isWanted) return 'keep';
  return hasTaker && own.state !== 'intended' ? 'yield' : 'drop';
}

function prevails(rival: Claim, own: Claim, address: string): boolean {
  if (rival.state === 'yielding') return false;
  if (rival.state === 'held') return own.state !== 'held' || isOlder(rival, own, address);
  return own.state === 'intended' && isOlder(rival, own, address);
}

/**
 * An address that is not ours, by what others claim. Pure.
 *
 * | claims                 | →       |
 * |------------------------|---------|
 * | one that is not yielding | settled |
 * | yielding ones only     | offered |
 * | none                   | orphan  |
 */
export function judgeOthers(rivals: readonly Claim[]): 'settled' | 'offered' | 'orphan' {
  if (rivals.length === 0) return 'orphan';
  return rivals.every(({ state }) => state === 'yielding') ? 'offered' : 'settled';
}
