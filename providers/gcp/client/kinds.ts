import type { MethodName } from './methods.ts';
import type { Kind } from './resources.ts';

/** How the SDK names a kind of objects. */
export interface SdkKind {
  /** As in the schema; also of the operations that its changes begin. */
  readonly service: string;
  readonly scope: 'region' | 'zone' | 'global' | 'none';
  /** Its networks are: in the host's project, with a shared VPC. */
  readonly inNetworkProject?: true;
  /** The field of a request that names one object. */
  readonly key: string;
  /** The field of a request that holds one, and its message. */
  readonly body: string;
  readonly message: string;
}

const kind = (service: string, scope: SdkKind['scope'], message: string, more: Partial<SdkKind> = {}): SdkKind => {
  const key = message.charAt(0).toLowerCase() + message.slice(1);
  return { service, scope, key, body: `${key}Resource`, message, ...more };
};

export const kinds = {
  forwardingRules: kind('ForwardingRules', 'region', 'ForwardingRule'),
  backendServices: kind('RegionBackendServices', 'region', 'BackendService'),
  healthChecks: kind('RegionHealthChecks', 'region', 'HealthCheck'),
  targetTcpProxies: kind('RegionTargetTcpProxies', 'region', 'TargetTcpProxy'),
  addresses: kind('Addresses', 'region', 'Address'),
  firewalls: kind('Firewalls', 'global', 'Firewall', { inNetworkProject: true }),
  instanceGroups: kind('InstanceGroups', 'zone', 'InstanceGroup'),
  subnetworks: kind('Subnetworks', 'region', 'Subnetwork', { inNetworkProject: true }),
  regions: kind('Regions', 'none', 'Region'),
} as const satisfies Record<Kind, SdkKind>;

/** Whom to ask about an operation, by the scope of what it changes. */
export const operationServices = {
  region: 'RegionOperations',
  zone: 'ZoneOperations',
  global: 'GlobalOperations',
} as const;

/** `forwardingRules.insert` → `ForwardingRules`, `Insert`: as in the schema. Pure. */
export function rpcOf(method: MethodName): { readonly service: string; readonly rpc: string } {
  const [word = '', verb = ''] = method.split('.');
  const service = (kinds as Readonly<Record<string, SdkKind>>)[word]?.service ?? capital(word);
  return { service, rpc: capital(verb) };
}

/** Service → the methods of it that are used: what the schema is trimmed to. Pure. */
export function usedRpcs(methods: readonly MethodName[]): Readonly<Record<string, readonly string[]>> {
  const used: Record<string, string[]> = {};
  for (const { service, rpc } of methods.map(rpcOf)) (used[service] ??= []).push(rpc);
  return used;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
