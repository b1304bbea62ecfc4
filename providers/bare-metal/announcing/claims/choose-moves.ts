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
