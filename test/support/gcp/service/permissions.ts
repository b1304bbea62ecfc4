import { listOf, partOf, textOf } from '../rules/fields.ts';
import { isRecord } from '../schema/check-value.ts';
import type { Fields } from '../world/store.ts';

const regionalWords: Readonly<Record<string, string>> = {
  backendServices: 'regionBackendServices',
  healthChecks: 'regionHealthChecks',
  targetTcpProxies: 'regionTargetTcpProxies',
};

const verbs: Readonly<Record<string, string>> = {
  insert: 'create',
  patch: 'update',
  addInstances: 'update',
  removeInstances: 'update',
  setNamedPorts: 'update',
  listInstances: 'list',
  getHealth: 'get',
  wait: 'get',
};

/** What a caller needs for a request, without `compute.`: by method, and by what stands in the body. Written down apart from the provider's own table, which is tested against it. */
export function permissionsFor(
  collection: string,
  rpc: string,
  body: unknown,
  existing: Fields | undefined,
): readonly string[] {
  const word = regionalWords[collection] ?? collection;
  const own = `${word}.${verbs[rpc] ?? rpc}`;
  const fields = isRecord(body) ? body : {};
  // The API's pages name `get` for a patch as well: it is what is read that is changed.
  const before = rpc === 'patch' ? [`${word}.get`] : [];
  return [own, ...before, ...(further[`${collection}.${rpc}`]?.(fields, existing ?? {}) ?? [])];
}

const further: Readonly<Record<string, (body: Fields, existing: Fields) => readonly string[]>> = {
  'forwardingRules.insert': body => [
    ...(textOf(body, 'backendService') === undefined ? [] : ['regionBackendServices.use']),
    ...(textOf(body, 'target')?.includes('/targetTcpProxies/') === true ? ['regionTargetTcpProxies.use'] : []),
    ...(textOf(body, 'IPAddress') === undefined ? [] : [isInternal(body) ? 'addresses.useInternal' : 'addresses.use']),
    ...(textOf(body, 'network') === undefined ? [] : ['networks.use']),
    ...(textOf(body, 'subnetwork') === undefined
      ? []
      : [isInternal(body) ? 'subnetworks.use' : 'subnetworks.useExternalIp']),
    ...labels(body, 'forwardingRules'),
  ],
  'backendServices.insert': backends,
  'backendServices.patch': backends,
  'backendServices.update': backends,
  'targetTcpProxies.insert': () => ['regionBackendServices.use'],
  'addresses.insert': body => [
    ...(isInternal(body) ? ['addresses.createInternal', 'subnetworks.use'] : []),
    ...labels(body, 'addresses'),
  ],
  'addresses.delete': (_body, existing) => (isInternal(existing) ? ['addresses.deleteInternal'] : []),
  'firewalls.insert': () => ['networks.updatePolicy'],
  'firewalls.patch': () => ['networks.updatePolicy'],
  'firewalls.update': () => ['networks.updatePolicy'],
  'firewalls.delete': () => ['networks.updatePolicy'],
  'instanceGroups.addInstances': () => ['instances.use'],
};

function backends(body: Fields): readonly string[] {
  return [
    ...(listOf(body, 'backends').length > 0 ? ['instanceGroups.use'] : []),
    ...(listOf(body, 'healthChecks').length > 0 ? ['regionHealthChecks.useReadOnly'] : []),
    ...(textOf(body, 'network') === undefined ? [] : ['networks.use']),
  ];
}

const isInternal = (fields: Fields): boolean =>
  textOf(fields, 'loadBalancingScheme')?.startsWith('INTERNAL') === true || fields['addressType'] === 'INTERNAL';

const labels = (body: Fields, collection: string): readonly string[] =>
  Object.keys(partOf(body, 'labels') ?? {}).length > 0 ? [`${collection}.setLabels`] : [];
