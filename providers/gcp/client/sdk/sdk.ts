/**
 * The SDK at run time: the only file that imports it, and itself imported by `import()` once this provider has been chosen and `seedProtos` has
 * run. Client by client: the whole package takes two seconds and 240 MB.
 */
import { AddressesClient } from '@google-cloud/compute/build/src/v1/addresses_client.js';
import { FirewallsClient } from '@google-cloud/compute/build/src/v1/firewalls_client.js';
import { ForwardingRulesClient } from '@google-cloud/compute/build/src/v1/forwarding_rules_client.js';
import { GlobalOperationsClient } from '@google-cloud/compute/build/src/v1/global_operations_client.js';
import { InstanceGroupsClient } from '@google-cloud/compute/build/src/v1/instance_groups_client.js';
import { RegionBackendServicesClient } from '@google-cloud/compute/build/src/v1/region_backend_services_client.js';
import { RegionHealthChecksClient } from '@google-cloud/compute/build/src/v1/region_health_checks_client.js';
import { RegionOperationsClient } from '@google-cloud/compute/build/src/v1/region_operations_client.js';
import { RegionTargetTcpProxiesClient } from '@google-cloud/compute/build/src/v1/region_target_tcp_proxies_client.js';
import { RegionsClient } from '@google-cloud/compute/build/src/v1/regions_client.js';
import { SubnetworksClient } from '@google-cloud/compute/build/src/v1/subnetworks_client.js';
import { ZoneOperationsClient } from '@google-cloud/compute/build/src/v1/zone_operations_client.js';
import gax from 'google-gax';

export const clients = {
  Addresses: AddressesClient,
  Firewalls: FirewallsClient,
  ForwardingRules: ForwardingRulesClient,
  GlobalOperations: GlobalOperationsClient,
  InstanceGroups: InstanceGroupsClient,
  RegionBackendServices: RegionBackendServicesClient,
  RegionHealthChecks: RegionHealthChecksClient,
  RegionOperations: RegionOperationsClient,
  RegionTargetTcpProxies: RegionTargetTcpProxiesClient,
  Regions: RegionsClient,
  Subnetworks: SubnetworksClient,
  ZoneOperations: ZoneOperationsClient,
} as const;

export const { GoogleAuth } = gax;

/** Each client would write the schema as a text and hash that, only to find that it has been read already. */
const { GrpcClient, protobufFromJSON } = gax.fallback;
let root: ReturnType<typeof protobufFromJSON> | undefined;
GrpcClient.prototype.loadProtoJSON = json => (root ??= protobufFromJSON(json));
