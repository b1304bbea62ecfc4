import type { Kind } from './resources.ts';

/**
 * Every method of Compute Engine that this provider uses, and none that it does not: `GceApi` has no other. The custom role and the page of
 * permissions are printed from it (`../iam/role.ts`).
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

/** A label that comes with an insert asks for the permission to set it as well, and a patch for the one to read what it changes. */
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
  'forwardingRules.patch': change(
    ['forwardingRules.update', 'forwardingRules.get'],
    'global access of an internal address',
  ),
  'forwardingRules.setLabels': change(['forwardingRules.setLabels'], 'labels that somebody has taken away'),
  'forwardingRules.delete': change(['forwardingRules.delete'], 'a Service or ports that go'),

  'backendServices.list': read('regionBackendServices.list', 'the sweep'),
  'backendServices.get': read('regionBackendServices.get', 'the fingerprint that a change has to name'),
  'backendServices.insert': change(
    ['regionBackendServices.create', 'instanceGroups.use', 'regionHealthChecks.useReadOnly', 'networks.use'],
    'a Service',
  ),
  'backendServices.patch': change(
    [
      'regionBackendServices.update',
      'regionBackendServices.get',
      'instanceGroups.use',
      'regionHealthChecks.useReadOnly',
    ],
    'session affinity, health check, zones',
  ),
  'backendServices.delete': change(['regionBackendServices.delete'], 'a Service that goes'),

  'healthChecks.list': read('regionHealthChecks.list', 'the sweep'),
  'healthChecks.insert': change(['regionHealthChecks.create'], 'the first Service; policy Local'),
  'healthChecks.patch': change(
    ['regionHealthChecks.update', 'regionHealthChecks.get'],
    'the annotations of health checks',
  ),
  'healthChecks.update': change(['regionHealthChecks.update'], 'a health check of another protocol'),
  'healthChecks.delete': change(['regionHealthChecks.delete'], 'the last Service that goes; policy Local'),

  'targetTcpProxies.list': read('regionTargetTcpProxies.list', 'the sweep, proxy variant'),
  'targetTcpProxies.insert': change(
    ['regionTargetTcpProxies.create', 'regionBackendServices.use'],
    'a port of a Service, proxy variant',
  ),
  'targetTcpProxies.delete': change(['regionTargetTcpProxies.delete'], 'a port that goes, proxy variant'),

  'addresses.list': read('addresses.list', 'the sweep; an address that is asked for by its value'),
  'addresses.get': read('addresses.get', 'an address that is asked for by its name, or has just been reserved'),
  'addresses.insert': change(
    ['addresses.create', 'addresses.createInternal', 'addresses.setLabels', 'subnetworks.use'],
    'an address that is to stay',
  ),
  'addresses.delete': change(
    ['addresses.delete', 'addresses.deleteInternal'],
    'an address that is not to stay any more',
  ),

  'firewalls.list': read('firewalls.list', 'the sweep'),
  'firewalls.insert': change(['firewalls.create', 'networks.updatePolicy'], 'who may connect to a Service'),
  'firewalls.patch': change(['firewalls.update', 'firewalls.get', 'networks.updatePolicy'], 'source ranges, ports'),
  'firewalls.update': change(['firewalls.update', 'networks.updatePolicy'], 'a list that becomes empty'),
  'firewalls.delete': change(['firewalls.delete', 'networks.updatePolicy'], 'a Service that goes'),

  'instanceGroups.list': read('instanceGroups.list', 'the groups of the cluster, and others that hold a node'),
  'instanceGroups.listInstances': read('instanceGroups.list', 'which nodes are in a group'),
  'instanceGroups.insert': change(['instanceGroups.create'], 'the first node of a zone'),
  'instanceGroups.addInstances': change(['instanceGroups.update', 'instances.use'], 'nodes that come'),
  'instanceGroups.removeInstances': change(['instanceGroups.update'], 'nodes that go'),
  'instanceGroups.setNamedPorts': change(['instanceGroups.update'], 'node ports, proxy variant'),
  'instanceGroups.delete': change(['instanceGroups.delete'], 'the last Service that goes'),

  'subnetworks.list': read('subnetworks.list', 'where proxies send from, proxy variant'),
  'regions.get': read('regions.get', 'the zones in which there may be groups'),

  'regionOperations.wait': read('regionOperations.get', 'the end of a change in the region'),
  'zoneOperations.wait': read('zoneOperations.get', 'the end of a change in a zone'),
  'globalOperations.wait': read('globalOperations.get', 'the end of a change of a firewall rule'),
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof methods;

/** The kinds that have this method. */
export type KindsWith<Verb extends string> = {
  [K in Kind]: `${K}.${Verb}` extends MethodName ? K : never;
}[Kind];
