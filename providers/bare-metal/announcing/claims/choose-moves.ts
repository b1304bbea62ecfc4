import type { Choosable } from './orphans.ts';

/** An imbalance is real from this difference on, and only where one node has half as much again as the other. */
const leastDifference = 8;
const leastRatio = 1.5;

/**
 * Whether a node should give an address away to level out, and to whom. Pure.
 *
 * | own | the least loaded | →         |
 * |-----|------------------|-----------|
 * | 10  | 3                | nobody: a difference below 8 |
 * | 30  | 22               | nobody: below one and a half times |
 * | 12  | 0                | that node |
 */
export function chooseReceiver(own: number, loads: ReadonlyMap<string, number>): string | undefined {
  let receiver: string | undefined;
  let least = own;
  for (const [node, load] of loads) {
    if (load < least) [receiver, least] = [node, load];
  }
  return own - least >= leastDifference && own >= leastRatio * least ? receiver : undefined;
}

/**
 * Which of the addresses that a node holds goes to another one: the first that a living candidate is preferred for; else the first that
 * `receiver` may have, to level out, without being preferred less. Pure.
 */
export function chooseMove(
  node: string,
  held: Iterable<Choosable>,
  livingOf: (candidates: readonly string[]) => readonly string[],
  receiver: string | undefined,
): string | undefined {
  let levelling: string | undefined;
  for (const { address, candidates, preferences } of held) {
    const gain = (other: string): number => (preferences?.get(other) ?? 0) - (preferences?.get(node) ?? 0);
    if (preferences !== undefined && livingOf(candidates).some(other => gain(other) > 0)) return address;
    const isMovable = levelling === undefined && receiver !== undefined && candidates.includes(receiver);
    if (isMovable && gain(receiver) >= 0) levelling = address;
  }
  return levelling;
}
