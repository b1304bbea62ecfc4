import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { addresses, addressView } from './addresses.ts';
import { backendServices } from './backend-services.ts';
import { firewalls } from './firewalls.ts';
import { forwardingRules } from './forwarding-rules.ts';
import { healthChecks } from './health-checks.ts';
import { groupView, instanceGroups } from './instance-groups.ts';
import type { KindRules } from './kind-rules.ts';
import { targetTcpProxies } from './target-tcp-proxies.ts';

/** Services of the API that are answered here → the collection in their paths. */
export const collections: Readonly<Record<string, string>> = {
  ForwardingRules: 'forwardingRules',
  RegionBackendServices: 'backendServices',
  RegionHealthChecks: 'healthChecks',
  RegionTargetTcpProxies: 'targetTcpProxies',
  Addresses: 'addresses',
  Firewalls: 'firewalls',
  InstanceGroups: 'instanceGroups',
  Instances: 'instances',
  Networks: 'networks',
  Subnetworks: 'subnetworks',
  TargetPools: 'targetPools',
  Regions: 'regions',
  Zones: 'zones',
  RegionOperations: 'regionOperations',
  ZoneOperations: 'zoneOperations',
  GlobalOperations: 'globalOperations',
};

/** Kinds that can be made over the API; the others stand in the world from its beginning. */
export const kindRules: Readonly<Record<string, KindRules>> = {
  forwardingRules,
  backendServices,
  healthChecks,
  targetTcpProxies,
  addresses,
  firewalls,
  instanceGroups,
};

/** Kinds whose changes have to name the labels that they replace. */
export const labelled: ReadonlySet<string> = new Set(['forwardingRules', 'addresses', 'instances']);
export const fingerprinted: ReadonlySet<string> = new Set(['forwardingRules', 'backendServices', 'instanceGroups']);

/** `compute#forwardingRule`, … */
export const kindWord = (collection: string): string =>
  `compute#${collection.replace(/xies$/, 'xy').replace(/sses$/, 'ss').replace(/s$/, '')}`;

/** An object as a reader sees it. */
export function viewOf(world: GceWorld, object: StoredObject): Fields {
  if (object.kind === 'addresses') return addressView(world, object.fields);
  return object.kind === 'instanceGroups' ? groupView(object) : object.fields;
}
