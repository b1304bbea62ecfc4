import type { LoadBalancer, Provider, ProviderContext } from '../../src/provider/provider.ts';
import { annotationPrefixes, annotationTable, restrictedAnnotations } from './annotations/annotation-table.ts';
import type { GceOptions } from './client/connect-gce.ts';
import type { GceApi } from './client/gce-api.ts';
import { type GcpConfig, readConfig } from './config.ts';
import { Balancers } from './ensure/balancers.ts';

/** Regional passthrough Network Load Balancers of Google Cloud, external and internal. `connection`: for tests. */
export async function createProvider(
  context: ProviderContext,
  connection: Partial<GceOptions> = {},
): Promise<Provider> {
  const config = readConfig(context.config);
  const api = await connect(context, config, connection);
  const balancers = new Balancers(api, context.cluster, config, context.clock);
  return {
    contractVersion: 1,
    capabilities: {
      protocols: ['TCP', 'UDP'],
      mixedProtocols: true,
      ipFamilies: config.subnetwork === undefined ? ['IPv4'] : ['IPv4', 'IPv6'],
      dualStack: config.subnetwork !== undefined,
      sourceRanges: config.firewall === 'managed',
      sessionAffinity: true,
      keepsOutside: true,
      annotationPrefixes,
      restrictedAnnotations: restrictedAnnotations(),
      labelPrefixes: [],
      // A firewall rule has at most 100 ports.
      maxListeners: 100,
    },
    needs: loadBalancer => ({ nodePorts: isProxied(loadBalancer) }),
    restore: (held, call) => balancers.restore(held, call),
    ensureLoadBalancer: (loadBalancer, call) => balancers.ensure(loadBalancer, call),
    ensureLoadBalancerDeleted: (ref, call) => balancers.delete(ref, call),
    listLoadBalancers: call => balancers.list(context.cluster, call),
    close: async () => balancers.close(),
  };
}

/** Packets that pass through arrive at the node with the balancer's address and port; a balancer stays what it is, whatever its annotation is now. */
function isProxied({ annotations, ingress }: Pick<LoadBalancer, 'annotations' | 'ingress'>): boolean {
  if (ingress.length > 0) return ingress.some(({ ipMode }) => ipMode === 'Proxy');
  return annotations[annotationTable.mode.key]?.trim() === 'proxy';
}

/** The SDK costs half a second and tens of megabytes: it is loaded here, and only for whoever chose this provider. */
async function connect(
  { clock }: ProviderContext,
  config: GcpConfig,
  connection: Partial<GceOptions>,
): Promise<GceApi> {
  const { connectGce } = await import('./client/connect-gce.ts');
  const { project, networkProject, region, endpoint, credentials } = config;
  return connectGce({
    clock,
    project,
    region,
    ...(networkProject === undefined ? {} : { networkProject }),
    ...(endpoint === undefined ? {} : { endpoint: `http://${endpoint.host}:${endpoint.port}` }),
    ...(credentials === undefined ? {} : { credentials }),
    ...connection,
  });
}
