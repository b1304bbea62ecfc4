import type { Backend, Capabilities, Endpoint, Ensured, LoadBalancer, LoadBalancerRef } from '../provider.ts';

/** The nodes behind every sample, unless a check says otherwise. */
export const sampleBackends: readonly Backend[] = ['node-a', 'node-b'].map(sampleBackend);

export function sampleBackend(node: string, index: number): Backend {
  const addresses = [{ type: 'InternalIP', address: `192.0.2.${10 + index}` }] as const;
  return { node, providerId: `conformance:///zone-a/${node}`, addresses, zone: 'zone-a' };
}

/** The balancer that the core would ask for, for the n-th of many Services with one port. */
export function sampleLoadBalancer(n: number, cluster: string, capabilities: Capabilities): LoadBalancer {
  const uid = `5eed0000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  const [protocol = 'TCP'] = capabilities.protocols;
  return {
    id: idOf(uid),
    cluster,
    service: { namespace: 'conformance', name: `service-${n}`, uid, labels: {} },
    listeners: [{ name: 'web', protocol, port: 80, nodePort: 30_000 + (n % 2_000) }],
    backends: sampleBackends,
    ipFamilies: capabilities.ipFamilies.slice(0, 1),
    requestedAddresses: [],
    sourceRanges: [],
    externalTrafficPolicy: 'Cluster',
    healthCheck: { path: '/healthz', port: 10_256 },
    sessionAffinity: { type: 'None' },
    annotations: {},
    ingress: [],
  };
}

/** Two pods behind each listener, unless `addresses` says otherwise. */
export function sampleEndpoints(
  { listeners }: Pick<LoadBalancer, 'listeners'>,
  addresses: readonly string[] = ['192.0.2.110', '192.0.2.111'],
): readonly Endpoint[] {
  return addresses.flatMap((address, index) =>
    listeners.map(({ name }) => ({
      listener: name,
      address,
      port: 8_080,
      node: index % 2 === 0 ? 'node-a' : 'node-b',
      zone: 'zone-a',
      ready: true,
      serving: true,
      terminating: false,
    })),
  );
}

/** As the core makes it: ids of neighbouring UIDs differ in the last character only. */
function idOf(uid: string): string {
  return `fl-${BigInt(`0x${uid.replaceAll('-', '')}`)
    .toString(36)
    .padStart(25, '0')}`;
}

/** What the core asks for once it has published the answer. */
export function published(loadBalancer: LoadBalancer, { ingress }: Ensured): LoadBalancer {
  return deepFreeze({ ...loadBalancer, ingress });
}

export function refOf({ id, cluster, service: { namespace, name, uid } }: LoadBalancer): LoadBalancerRef {
  return deepFreeze({ id, cluster, service: { namespace, name, uid } });
}

/** The addresses of an answer, by ip or by hostname. */
export function addressesOf({ ingress }: Pick<Ensured, 'ingress'>): readonly string[] {
  return ingress.map(({ ip, hostname }) => ip ?? hostname ?? '');
}

export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
