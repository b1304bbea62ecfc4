import { annotationPrefix } from '../../../providers/aws/annotations/annotation-table.ts';
import { type ParsedSettings, parseSettings } from '../../../providers/aws/annotations/parse-settings.ts';
import type { Settings } from '../../../providers/aws/annotations/settings.ts';
import { parseConfig } from '../../../providers/aws/config.ts';
import { type Desired, desiredBalancer } from '../../../providers/aws/desired/desired-balancer.ts';
import type { Network, Present } from '../../../providers/aws/desired/network.ts';
import type { ObservedSubnet } from '../../../providers/aws/model/observed.ts';
import type { Backend, Endpoint, Listener, LoadBalancer } from '../../../src/provider/provider.ts';

/** The fixture of the reference: a VPC with public subnets in two zones (A, B) and private ones beside them (C, D), three nodes, Service web. */

export const elb = { 'kubernetes.io/role/elb': '1' };
export const internalElb = { 'kubernetes.io/role/internal-elb': '1' };

export function subnet(
  id: string,
  zone: string,
  cidr: string,
  tags: Readonly<Record<string, string>> = {},
  more: Partial<ObservedSubnet> = {},
): ObservedSubnet {
  return { id, zone, cidr, tags, vpcId: 'vpc-1', ipv6Cidrs: [], freeAddresses: 251, ...more };
}

export const subnets: readonly ObservedSubnet[] = [
  subnet('subnet-a', 'us-west-2a', '10.0.0.0/24', elb),
  subnet('subnet-b', 'us-west-2b', '10.0.1.0/24', elb),
  subnet('subnet-c', 'us-west-2a', '10.0.2.0/24', internalElb),
  subnet('subnet-d', 'us-west-2b', '10.0.3.0/24', internalElb),
];

export const withIpv6 = (all: readonly ObservedSubnet[]): readonly ObservedSubnet[] =>
  all.map((one, index) => ({ ...one, ipv6Cidrs: [`2001:db8:0:${index + 1}::/64`] }));

export const node = (number: number, more: Partial<Backend> = {}): Backend => ({
  node: `n${number}`,
  providerId: `aws:///us-west-2a/i-${number}`,
  addresses: [{ type: 'InternalIP', address: `10.0.2.${number}` }],
  zone: 'us-west-2a',
  ...more,
});

export const port = (number: number, more: Partial<Listener> = {}): Listener => ({
  name: `p${number}`,
  protocol: 'TCP',
  port: number,
  nodePort: 30_000 + number,
  ...more,
});

export const pod = (address: string, more: Partial<Endpoint> = {}): Endpoint => ({
  listener: 'http',
  address,
  port: 8_080,
  node: 'n1',
  zone: 'us-west-2a',
  ready: true,
  serving: true,
  terminating: false,
  ...more,
});

export const web: LoadBalancer = {
  id: 'fl-web',
  cluster: 'cluster-1',
  service: { namespace: 'default', name: 'web', uid: '8e6d8e0a-0000-4000-8000-000000000001', labels: {} },
  listeners: [port(80, { name: 'http' })],
  backends: [node(1), node(2), node(3)],
  ipFamilies: ['IPv4'],
  requestedAddresses: [],
  sourceRanges: [],
  externalTrafficPolicy: 'Cluster',
  healthCheck: { path: '/healthz', port: 10_256 },
  sessionAffinity: { type: 'None' },
  annotations: {},
  ingress: [],
};

/** Annotations without their common beginning. */
export type Asked = Readonly<Record<string, string>>;

export function annotated(asked: Asked): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(asked).map(([suffix, value]) => [annotationPrefix + suffix, value]));
}

export function parsed(asked: Asked): ParsedSettings {
  return parseSettings(annotated(asked));
}

export function settings(asked: Asked = {}): Settings {
  return parsed(asked).settings;
}

export interface Wish {
  readonly service?: Partial<LoadBalancer>;
  readonly asked?: Asked;
  readonly config?: unknown;
  readonly network?: Partial<Network>;
  readonly present?: Present;
}

/** What is desired for Service web, changed in this. */
export function desired({ service, asked, config, network, present }: Wish = {}): Desired {
  return desiredBalancer({
    loadBalancer: { ...web, ...service },
    settings: settings(asked),
    config: parseConfig(config),
    network: { subnets, ...network },
    ...(present !== undefined && { present }),
  });
}

/** The message of what it throws; empty where it throws nothing. */
export function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}
