import type { Heard } from './prober.ts';

/**
 * The longest time without a reply for somebody who asked: from the first question that was not answered to the next reply, 0 where all
 * were. What lies between two questions is no darkness. Of one address. Pure.
 *
 * | heard                                | →  |
 * |--------------------------------------|----|
 * | ask 0, reply 1, ask 2, reply 3       | 1  |
 * | ask 0, reply 1, ask 30, reply 31     | 1  |
 * | ask 0, reply 1, ask 2, ask 4, reply 9 | 7 |
 */
export function longestDark(heard: readonly Heard[]): number {
  let [longest, since]: [number, number | undefined] = [0, undefined];
  for (const { kind, at } of byTime(heard)) {
    if (kind === 'ask') since ??= at;
    if (kind !== 'reply') continue;
    longest = Math.max(longest, at - (since ?? at));
    since = undefined;
  }
  return longest;
}

export interface Doubles {
  /** From the first frame of the later to the last of the earlier. */
  readonly ms: number;
  /** Frames of the earlier in that time. */
  readonly frames: number;
}

/**
 * How long two hosts said that they have the address, of those who said so in `heard`: the earlier is who was heard first. Pure.
 *
 * | MACs, one a ms | ms | frames |
 * |----------------|----|--------|
 * | a a b b        | 0  | 0      |
 * | a a b a b a b  | 3  | 2      |
 */
export function doubles(heard: readonly Heard[]): Doubles {
  const said = byTime(heard).filter(({ mac }) => mac !== '');
  const earlier = said[0]?.mac;
  const from = said.find(({ mac }) => mac !== earlier)?.at;
  if (from === undefined) return { ms: 0, frames: 0 };
  const late = said.filter(({ mac, at }) => mac === earlier && at >= from);
  return { ms: (late.at(-1)?.at ?? from) - from, frames: late.length };
}

/** How often another host than before said that it has an address, of any number of addresses. Pure. */
export function ownerChanges(heard: readonly Heard[]): number {
  const owners = new Map<string, string>();
  let changes = 0;
  for (const { address, mac } of byTime(heard)) {
    if (mac === '') continue;
    if ((owners.get(address) ?? mac) !== mac) changes++;
    owners.set(address, mac);
  }
  return changes;
}

/** Frames are stamped by the kernel and questions by the prober, each in order but not both together. */
function byTime(heard: readonly Heard[]): readonly Heard[] {
  return heard.toSorted((a, b) => a.at - b.at);
}
