// The in-memory provider, counting what it is asked and what that changes outside. On SIGUSR2 it logs the counts.
import { createProvider as createInMemory } from '../../providers/in-memory/in-memory.ts';
import type { Provider, ProviderContext } from '../../src/provider/provider.ts';

/** Since the process began. */
export interface Counts {
  readonly ensures: number;
  /** The most and the fewest that one balancer has had, of those that have had any. */
  readonly mostOfOne: number;
  readonly fewestOfOne: number;
  readonly balancers: number;
  /** Ensures whose answer was not what was published already, and deletes. */
  readonly mutations: number;
}

export function createProvider(context: ProviderContext): Provider {
  const inner = createInMemory(context);
  const ensures = new Map<string, number>();
  let mutations = 0;
  process.on('SIGUSR2', () => {
    const each = [...ensures.values()];
    const counts: Counts = {
      ensures: each.reduce((sum, one) => sum + one, 0),
      mostOfOne: Math.max(0, ...each),
      fewestOfOne: each.length === 0 ? 0 : Math.min(...each),
      balancers: each.length,
      mutations,
    };
    context.log.info({ counts }, 'counts');
  });
  return {
    ...inner,
    async ensureLoadBalancer(loadBalancer, call) {
      ensures.set(loadBalancer.id, (ensures.get(loadBalancer.id) ?? 0) + 1);
      const ensured = await inner.ensureLoadBalancer(loadBalancer, call);
      if (ensured.ingress[0]?.ip !== loadBalancer.ingress[0]?.ip) mutations++;
      return ensured;
    },
    async ensureLoadBalancerDeleted(ref, call) {
      mutations++;
      return inner.ensureLoadBalancerDeleted(ref, call);
    },
  };
}
