import type { Capabilities, Provider, ProviderContext } from '../../src/provider/provider.ts';
import { annotations } from './allocation/address-request.ts';
import { AllocationDesk } from './allocation-desk.ts';
import { readConfig } from './config.ts';
import { probeCandidates } from './ledger/probe-candidates.ts';
import { advertisementOf } from './pools/announcing.ts';
import { PoolSource } from './pools/pool-source.ts';
import { gauges } from './reporting/pool-reporter.ts';
import { type BareMetalAnnouncer, createAnnouncer } from './speaker/create-announcer.ts';

const capabilities: Capabilities = {
  protocols: ['TCP', 'UDP', 'SCTP'],
  mixedProtocols: true,
  ipFamilies: ['IPv4', 'IPv6'],
  dualStack: true,
  // Packets arrive at one node with the client's address: kube-proxy filters them there, and knows the client again.
  sourceRanges: true,
  sessionAffinity: true,
  keepsOutside: false,
  annotationPrefixes: Object.values(annotations).flat(),
  // Pools choose Services by any label.
  labelPrefixes: [''],
  gauges,
};

/**
 * Bare metal: gives Services addresses of the operator's pools. Nothing is kept outside the cluster: the status of the Services is the
 * record, and `restore` reads it. The nodes themselves answer for the addresses.
 */
export function createProvider(context: ProviderContext, desk?: AllocationDesk): Provider {
  return context.role === 'speaker' ? announcingSide(context) : allocatingSide(desk ?? new AllocationDesk(context));
}

function allocatingSide(desk: AllocationDesk): Provider {
  return {
    contractVersion: 1,
    capabilities,

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

/** Of each pool and family, the addresses that will be given next: asked for before they are, two a second. */
const mostProbed = 16;

/** On a node: knows the pools, and gives nothing. */
function announcingSide(context: ProviderContext): Provider {
  let announcer: BareMetalAnnouncer | undefined;
  const pools = new PoolSource(context, readConfig(context.config), () => announcer?.poolsChanged());
  const givesNothing = async (): Promise<never> => {
    throw new Error('a speaker gives no addresses: the controller does');
  };
  return {
    contractVersion: 1,
    capabilities,
    needs: () => ({ nodePorts: false }),
    ensureLoadBalancer: givesNothing,
    ensureLoadBalancerDeleted: givesNothing,
    advertisement: (address, service) => advertisementOf(pools.set, address, service),
    async createAnnouncer(node) {
      const freeAddresses = (published: readonly string[]): readonly string[] =>
        probeCandidates(pools.set, published, mostProbed).map(({ text }) => text);
      announcer = await createAnnouncer(context, node, { freeAddresses });
      return announcer;
    },
  };
}
