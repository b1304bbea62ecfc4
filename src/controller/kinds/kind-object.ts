import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ObjectMeta } from '../../kube/objects.ts';
import { deepFreeze } from '../../plan/load-balancer.ts';
import type { Resource, ResourceKind } from '../../provider/provider.ts';

/** An object of a kind that a provider has named: nothing is known of its inside. */
export interface KindObject extends KubeObject {
  readonly metadata: ObjectMeta & { readonly generation?: number };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** What is kept of one: managedFields and annotations, with the last-applied copy among them, are most of a small object's size. */
export function trimKindObject({ metadata, spec, status }: KindObject): KindObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, generation, labels } = metadata;
  return {
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      resourceVersion,
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(generation !== undefined && { generation }),
      ...(labels !== undefined && { labels }),
    },
    ...(spec !== undefined && { spec }),
    ...(status !== undefined && { status }),
  };
}

const made = new WeakMap<KindObject, Resource>();

/** The object as providers see it: frozen, made once, sharing spec and status with the object. */
export function resourceOf(object: KindObject): Resource {
  const known = made.get(object);
  if (known !== undefined) return known;
  const { name, namespace = '', uid, generation = 0, creationTimestamp = '', labels = {} } = object.metadata;
  const { spec, status } = object;
  const resource = deepFreeze({ name, namespace, uid, generation, creationTimestamp, labels, spec, status });
  made.set(object, resource);
  return resource;
}

/** Whether a provider would see the same: a new resourceVersion alone is no news. Pure. */
export function saysTheSame(a: KindObject, b: KindObject): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.metadata.generation === b.metadata.generation &&
    isDeepStrictEqual([a.metadata.labels, a.spec, a.status], [b.metadata.labels, b.spec, b.status])
  );
}

/** One spelling for equal kinds: `fairlead.dev/v1beta1/addresspools/`, a namespace behind the last slash. */
export function kindKey({ group, version, plural, namespace = '' }: ResourceKind): string {
  return [group, version, plural, namespace].join('/');
}

/** For people: `addresspools.fairlead.dev`. */
export function kindName({ group, plural }: ResourceKind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** The path of the collection. */
export function kindPath({ group, version, plural, namespace }: ResourceKind): string {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${base}/${plural}` : `${base}/namespaces/${namespace}/${plural}`;
}
