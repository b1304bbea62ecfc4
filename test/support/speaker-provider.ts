import type { AdvertisedService, Advertisement } from '../../src/provider/announcer.ts';
import type { Provider, ProviderContext } from '../../src/provider/provider.ts';
import { FakeAnnouncer } from './fake-announcer.ts';

/** What `config` may say. */
export interface SpeakerProviderConfig {
  /** Of the test: under it the announcers are found. */
  readonly world: string;
  /** False: the provider announces nothing. */
  readonly announces?: boolean;
}

/** What a test says of who may announce. */
export type Advertise = (address: string, service: AdvertisedService) => Advertisement;

const announcers = new Map<string, FakeAnnouncer>();
const rules = new Map<string, Advertise>();

/** The announcer that was made last for a node. */
export function announcerOf(world: string, node: string): FakeAnnouncer {
  const announcer = announcers.get(`${world}/${node}`);
  if (announcer === undefined) throw new Error(`no announcer on ${node}`);
  return announcer;
}

export function advertise(world: string, rule: Advertise): void {
  rules.set(world, rule);
}

/** A provider module that announces by a `FakeAnnouncer`. */
export function createProvider(context: ProviderContext): Provider {
  const { world, announces = true } = context.config as SpeakerProviderConfig;
  const provider: Provider = {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP'],
      mixedProtocols: true,
      ipFamilies: ['IPv4', 'IPv6'],
      dualStack: true,
      sourceRanges: false,
      sessionAffinity: false,
      keepsOutside: false,
      annotationPrefixes: ['speaker.test/'],
      labelPrefixes: [],
    },
    needs: () => ({ nodePorts: false }),
    ensureLoadBalancer: async () => ({ state: 'ready', ingress: [] }),
    ensureLoadBalancerDeleted: async () => ({ state: 'deleted' }),
    advertisement: (address, service) =>
      rules.get(world)?.(address, service) ?? { id: 'everywhere', interfacesOn: () => [] },
  };
  if (!announces) return provider;
  return {
    ...provider,
    async createAnnouncer(node) {
      const announcer = new FakeAnnouncer(node);
      announcers.set(`${world}/${node.node}`, announcer);
      return announcer;
    },
  };
}
