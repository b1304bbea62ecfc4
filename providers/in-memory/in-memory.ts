import type { LoadBalancer, LoadBalancerRef, Provider, ProviderContext } from '../../src/provider/provider.ts';
import { AddressPool } from './address-pool.ts';
import { chooseAddress } from './choose-address.ts';
import { readConfig } from './config.ts';

/**
 * The reference provider: gives each balancer an address of a pool, and nothing else. Copy this file to begin a provider of your own,
 * and put your cloud's API in the place of `outside`.
 *
 * `outside` stands for the cloud. Tests hand in one of their own, so that it outlives the provider as a cloud does; otherwise it ends
 * with the process, and `restore` fills it again from what is published.
 */
export function createProvider(context: ProviderContext, outside?: AddressPool): Provider {
  const config = readConfig(context.config);
  const pool = outside ?? new AddressPool(config.pool);

  const provider: Provider = {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP'],
      mixedProtocols: true,
      ipFamilies: ['IPv4'],
      dualStack: false,
      sourceRanges: false,
      sessionAffinity: false,
      keepsOutside: config.keepsOutside,
      annotationPrefixes: [],
      labelPrefixes: [],
    },

    needs: () => ({ nodePorts: config.needsNodePorts }),

    async restore(held, call) {
      call.assertLeading();
      if (!config.keepsOutside) pool.clear();
      for (const loadBalancer of held) holdPublished(pool, loadBalancer);
    },

    async ensureLoadBalancer(loadBalancer, call) {
      call.assertLeading();
      holdPublished(pool, loadBalancer);
      const address = chooseAddress(pool, refOf(loadBalancer), loadBalancer.requestedAddresses);
      return { state: 'ready', ingress: [{ ip: address }], backends: { registered: loadBalancer.backends.length } };
    },

    async ensureLoadBalancerDeleted(ref, call) {
      call.assertLeading();
      pool.release(ref);
      return { state: 'deleted' };
    },
  };
  if (!config.keepsOutside) return provider;
  return { ...provider, listLoadBalancers: async () => pool.holders().filter(ref => ref.cluster === context.cluster) };
}

/** What users know already stays, whatever the pool is now; of two balancers with one address, the first keeps it. */
function holdPublished(pool: AddressPool, loadBalancer: LoadBalancer): void {
  const published = loadBalancer.ingress[0]?.ip;
  if (published !== undefined) pool.hold(refOf(loadBalancer), published);
}

/** What deletion needs, without the rest. */
function refOf({ id, cluster, service: { namespace, name, uid } }: LoadBalancer): LoadBalancerRef {
  return { id, cluster, service: { namespace, name, uid } };
}
