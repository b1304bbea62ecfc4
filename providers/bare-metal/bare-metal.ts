import type { Provider, ProviderContext } from '../../src/provider/provider.ts';
import { annotations } from './allocation/address-request.ts';
import { AllocationDesk } from './allocation-desk.ts';
import { gauges } from './reporting/pool-reporter.ts';

/**
 * Bare metal: gives Services addresses of the operator's pools. Nothing is kept outside the cluster: the status of the Services is the
 * record, and `restore` reads it. The nodes themselves answer for the addresses.
 */
export function createProvider(context: ProviderContext, desk = new AllocationDesk(context)): Provider {
  return {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP', 'SCTP'],
      mixedProtocols: true,
      ipFamilies: ['IPv4', 'IPv6'],
      dualStack: true,
      // Packets arrive at one node with the client's address: kube-proxy filters them there, and knows the client again.
      sourceRanges: true,
      sessionAffinity: true,
      keepsOutside: false,
      annotationPrefixes: Object.values(annotations).flat(),
      labelPrefixes: [''],
      gauges,
    },

    needs: () => ({ nodePorts: false }),

    async restore(held, call) {
      call.assertLeading();
      desk.restore(held);
    },

    async ensureLoadBalancer(loadBalancer, call) {
      call.assertLeading();
      return desk.ensure(loadBalancer);
    },

    async ensureLoadBalancerDeleted(ref, call) {
      call.assertLeading();
      desk.release(ref.id);
      return { state: 'deleted' };
    },

    async close() {
      desk.close();
    },
  };
}
