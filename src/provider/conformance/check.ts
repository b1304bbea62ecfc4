import type { LoadBalancer, Provider } from '../provider.ts';
import type { Rig } from './rig.ts';
import type { Hook } from './test-world.ts';

/** Traits that some checks presuppose, with the words for a provider that has them not. */
export const traits = {
  keepsOutside: { has: (provider: Provider) => provider.capabilities.keepsOutside, without: 'keeps nothing outside' },
  lists: { has: (provider: Provider) => provider.listLoadBalancers !== undefined, without: 'has no listLoadBalancers' },
  filtersSources: { has: (provider: Provider) => provider.capabilities.sourceRanges, without: 'filters no sources' },
  sendsToPods: {
    has: (provider: Provider, sample: LoadBalancer) => provider.needs(sample).endpoints === true,
    without: 'sends to nodes',
  },
  recordsInStatus: {
    has: (provider: Provider) => provider.restore !== undefined && !provider.capabilities.keepsOutside,
    without: 'has a record of its own outside, or no restore',
  },
} as const satisfies Record<string, { has(provider: Provider, sample: LoadBalancer): boolean; without: string }>;

export type Trait = keyof typeof traits;

/** One promise of a provider, and how to see whether it is kept. */
export interface Check {
  /** A sentence about the provider that keeps it. */
  readonly name: string;
  readonly hooks: readonly Hook[];
  readonly traits: readonly Trait[];
  /** Rejects with an AssertionError where the promise is broken. */
  run(rig: Rig): Promise<void>;
}
