import type { ObjectMeta } from '../../../src/kube/objects.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Any object of the API, as JSON. Never changed in place: the server's state, its history and its answers share parts. */
export interface ApiObject extends Fields {
  readonly metadata: ObjectMeta & Fields;
}

export interface Resource {
  readonly name: string;
  /** As messages name it: `leases.coordination.k8s.io`. */
  readonly qualified: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespaced: boolean;
}

function core(name: string, kind: string, namespaced: boolean): Resource {
  return { name, qualified: name, kind, apiVersion: 'v1', namespaced };
}

export const resources: readonly Resource[] = [
  core('services', 'Service', true),
  core('nodes', 'Node', false),
  core('namespaces', 'Namespace', false),
  core('events', 'Event', true),
  core('configmaps', 'ConfigMap', true),
  {
    name: 'leases',
    qualified: 'leases.coordination.k8s.io',
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    namespaced: true,
  },
  {
    name: 'endpointslices',
    qualified: 'endpointslices.discovery.k8s.io',
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    namespaced: true,
  },
];

/** What a path names; `name` undefined: the collection. */
export interface Target {
  readonly resource: Resource;
  /** Undefined: all namespaces, or not namespaced. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Reads a path; undefined where no such thing is served. */
export function targetOf(path: string): Target | undefined {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const apiVersion = parts[0] === 'api' ? parts[1] : `${parts[1]}/${parts[2]}`;
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
  const [first, second, third] = rest;
  const scoped = first === 'namespaces' && second !== undefined && third !== undefined;
  const [resourceName, name, subresource] = scoped ? rest.slice(2) : rest;
  const resource = resources.find(one => one.name === resourceName && one.apiVersion === apiVersion);
  return resource && { resource, namespace: scoped ? second : undefined, name, subresource };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
