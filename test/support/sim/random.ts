import type { Random } from '../../../src/kube/clock.ts';

/** mulberry32: 32 bits of state, the same sequence for the same seed on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One of `choices`; throws where there is none. */
export function oneOf<Choice>(random: Random, choices: readonly Choice[]): Choice {
  const index = Math.floor(random() * choices.length);
  if (index >= choices.length) throw new Error('nothing to choose from');
  return choices[index] as Choice;
}

export type Weights<Name extends string> = Readonly<Record<Name, number>>;

/** A name, each as likely as its weight says; weights need not add up to anything. */
export function weighted<Name extends string>(random: Random, weights: Weights<Name>): Name {
  const entries = Object.entries<number>(weights) as [Name, number][];
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  throw new Error('weights need a positive sum');
}
