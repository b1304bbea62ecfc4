import type { Kind } from './resources.ts';

/**
 * Every method of Compute Engine that this provider uses; `GceApi` calls no other. The custom role and the page of permissions are printed from
 * it (`../iam/role.ts`).
 */
export interface Method {
  /** Checks the Lease right before it goes out, and carries a request id. */
  readonly mutating: boolean;
  /** What the caller needs, after `compute.`. */
  readonly permissions: readonly string[];
  readonly purpose: string;
}

const read = (permission: string, purpose: string): Method => ({ mutating: false, permissions: [permission], purpose });
const change = (permissions: readonly string[], purpose: string): Method => ({ mutating: true, permissions, purpose });

/** A label that comes with an insert asks for the permission to set it as well. */
export const methods = {
  'forwardingRules.list': read('forwardingRules.list', 'the sweep'),
  'forwardingRules.get': read('forwardingRules.get', 'the address that a new rule has got'),
  'forwardingRules.insert': change(
    [
      'forwardingRules.create',
      'forwardingRules.setLabels',
      'addresses.use',
      'addresses.useInternal',
      'networks.use',
      'regionBackendServices.use',
      'regionTargetTcpProxies.use',
      'subnetworks.use',
      'subnetworks.useExternalIp',
    ],
    'the ports of a Service',
  ),
  'forwardingRules.patch': change(['forwardingRules.update'], 'global access of an internal address'),
  'forwardingRules.setLabels': change(['forwardingRules.setLabels'], 'labels that somebody has taken away'),
  'forwardingRules.delete': change(['forwardingRules.delete'], 'a Service or ports that go'),

  'backendServices.list': read('regionBackendServices.list', 'the sweep'),
  'backendServices.get': read('regionBackendServices.get', 'drift'),
  'backendServices.getHealth': read('regionBackendServices.get', 'how many backends answer'),
  'backendServices.insert': change(
    ['regionBackendServices.create', 'instanceGroups.use', 'regionHealthChecks.useReadOnly', 'networks.use'],
    'a Service',
  ),
  'backendServices.patch': change(
    ['regionBackendServices.update', 'instanceGroups.use', 'regionHealthChecks.useReadOnly'],
    'session affinity, health check, zones',
  ),
  'backendServices.update': change(
    ['regionBackendServices.update', 'instanceGroups.use', 'regionHealthChecks.useReadOnly'],
    'a list that becomes empty',
  ),
  'backendServices.delete': change(['regionBackendServices.delete'], 'a Service that goes'),

  'healthChecks.list': read('regionHealthChecks.list', 'the sweep'),
  'healthChecks.get': read('regionHealthChecks.get', 'drift'),
  'healthChecks.insert': change(['regionHealthChecks.create'], 'the first Service; policy Local'),
  'healthChecks.patch': change(['regionHealthChecks.update'], 'the annotations of health checks'),
  'healthChecks.update': change(['regionHealthChecks.update'], 'a health check of another protocol'),
  'healthChecks.delete': change(['regionHealthChecks.delete'], 'the last Service that goes; policy Local'),

  'targetTcpProxies.list': read('regionTargetTcpProxies.list', 'the sweep, proxy variant'),
  'targetTcpProxies.get': read('regionTargetTcpProxies.get', 'drift, proxy variant'),
  'targetTcpProxies.insert': change(
    ['regionTargetTcpProxies.create', 'regionBackendServices.use'],
    'a port of a Service, proxy variant',
  ),
  'targetTcpProxies.delete': change(['regionTargetTcpProxies.delete'], 'a port that goes, proxy variant'),

  'addresses.list': read('addresses.list', 'the sweep; an address that is asked for by its value'),
  'addresses.get': read('addresses.get', 'an address that is asked for by its name'),
  'addresses.insert': change(
    ['addresses.create', 'addresses.createInternal', 'addresses.setLabels', 'subnetworks.use'],
    'an address that is to stay',
  ),
  'addresses.setLabels': change(['addresses.setLabels'], 'labels that somebody has taken away'),
  'addresses.delete': change(
    ['addresses.delete', 'addresses.deleteInternal'],
    'an address that is not to stay any more',
  ),

  'firewalls.list': read('firewalls.list', 'the sweep'),
  'firewalls.get': read('firewalls.get', 'drift'),
  'firewalls.insert': change(['firewalls.create', 'networks.updatePolicy'], 'who may connect to a Service'),
  'firewalls.patch': change(['firewalls.update', 'networks.updatePolicy'], 'source ranges, ports'),
  'firewalls.update': change(['firewalls.update', 'networks.updatePolicy'], 'a list that becomes empty'),
  'firewalls.delete': change(['firewalls.delete', 'networks.updatePolicy'], 'a Service that goes'),

  'instanceGroups.list': read('instanceGroups.list', 'the groups of the cluster, and others that hold a node'),
  'instanceGroups.get': read('instanceGroups.get', 'named ports, proxy variant'),
  'instanceGroups.listInstances': read('instanceGroups.list', 'which nodes are in a group'),
  'instanceGroups.insert': change(['instanceGroups.create'], 'the first node of a zone'),
  'instanceGroups.addInstances': change(['instanceGroups.update', 'instances.use'], 'nodes that come'),
  'instanceGroups.removeInstances': change(['instanceGroups.update'], 'nodes that go'),
  'instanceGroups.setNamedPorts': change(['instanceGroups.update'], 'node ports, proxy variant'),
  'instanceGroups.delete': change(['instanceGroups.delete'], 'the last Service that goes'),

  'instances.list': read('instances.list', 'network tags of the nodes'),
  'instances.get': read('instances.get', 'network tags of the nodes'),
  'networks.get': read('networks.get', 'the network of the cluster'),
  'subnetworks.get': read('subnetworks.get', 'where an internal address lies'),
  'subnetworks.list': read('subnetworks.list', 'where an internal address lies'),
  'targetPools.list': read('targetPools.list', 'what another controller has made'),
  'regions.get': read('regions.get', 'the zones of the region'),

  'regionOperations.wait': read('regionOperations.get', 'the end of a change in the region'),
  'zoneOperations.wait': read('zoneOperations.get', 'the end of a change in a zone'),
  'globalOperations.wait': read('globalOperations.get', 'the end of a change of a firewall rule'),
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof methods;

/** The kinds that have this method. */
export type KindsWith<Verb extends string> = {
  [K in Kind]: `${K}.${Verb}` extends MethodName ? K : never;
}[Kind];
