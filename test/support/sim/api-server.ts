import { isDeepStrictEqual } from 'node:util';
import { KubeError, type KubeRequest, patchType } from '../../../src/kube/client.ts';
import type { Clock, Random } from '../../../src/kube/clock.ts';
import { alreadyExists, badRequest, conflict, forbiddenField, invalid, invalidField, notFound } from './api-errors.ts';
import { type ApiObject, type Fields, isFields, type Resource, type Target, targetOf } from './api-object.ts';
import { jsonPatch, mergePatch, strategicMergePatch } from './api-patch.ts';
import { ApiStorage } from './api-storage.ts';
import { NodePortTable } from './node-port-table.ts';
import { between } from './random.ts';
import { admitNewService, admitServiceSpec, admitServiceStatus } from './service-rules.ts';

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Default 30000–32767. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
}

/**
 * A small API server in this process: what it keeps, and what it answers to one request, at once and without faults. The network and
 * its faults are `connection.ts`'s. `request-table.ts` holds it against a real kube-apiserver.
 */
export class ApiServer {
  readonly storage: ApiStorage;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly nodePorts: NodePortTable;

  constructor({ clock, random, nodePorts = { first: 30_000, last: 32_767 } }: ApiServerOptions) {
    this.#clock = clock;
    this.#random = random;
    this.storage = new ApiStorage(oneShortOfPower(random));
    this.nodePorts = new NodePortTable(nodePorts, random);
    for (const name of ['default', 'kube-system']) {
      this.handle({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
    }
  }

  /** Executes a request. Throws a KubeError for a refusal. */
  handle(given: KubeRequest): unknown {
    const request =
      given.body === undefined ? given : { ...given, body: JSON.parse(JSON.stringify(given.body)) as unknown };
    const target = targetOf(request.path);
    if (target === undefined) throw new KubeError(404, 'NotFound', 'the server could not find the requested resource');
    if (target.name === undefined)
      return request.method === 'POST' ? this.#create(target, request.body) : this.#list(target, request);
    switch (request.method) {
      case 'GET':
        return this.#existing(target);
      case 'PUT':
        return this.#put(target, request.body as ApiObject);
      case 'PATCH':
        return this.#patch(target, request);
      case 'DELETE':
        return this.#delete(target, request.body);
      case 'POST':
        throw new KubeError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
    }
  }

  #list(target: Target, { query = {} }: KubeRequest): unknown {
    const { version, items, next } = this.storage.page(target, Number(query.limit ?? 0), query.continue);
    const { kind, apiVersion } = target.resource;
    return {
      kind: `${kind}List`,
      apiVersion,
      metadata: { resourceVersion: String(version), ...(next && { continue: next }) },
      items,
    };
  }

  #existing(target: Target): ApiObject {
    const { resource, namespace, name = '' } = target;
    const object = this.storage.get(resource, namespace, name);
    if (object === undefined) throw notFound(resource, name);
    return object;
  }

  #create({ resource, namespace }: Target, body: unknown): ApiObject {
    const { metadata, ...rest } = body as ApiObject;
    const { name } = metadata;
    const space = resources.namespaces;
    if (resource.namespaced && this.storage.get(space, undefined, namespace ?? '') === undefined)
      throw notFound(space, namespace ?? '');
    if (this.storage.get(resource, namespace, name) !== undefined) throw alreadyExists(resource, name);
    const { deletionTimestamp: _, resourceVersion: __, ...given } = metadata;
    const object: ApiObject = {
      kind: resource.kind,
      apiVersion: resource.apiVersion,
      ...rest,
      metadata: {
        ...given,
        ...(namespace !== undefined && { namespace }),
        uid: this.#uid(),
        resourceVersion: '',
        creationTimestamp: this.#time(),
      },
    };
    const admitted = resource.name === 'services' ? admitNewService(object, this.nodePorts, this.#clusterIp()) : object;
    return this.storage.put(resource, admitted);
  }

  #put(target: Target, body: ApiObject): ApiObject {
    const { resource, namespace, name = '' } = target;
    const before = this.storage.get(resource, namespace, name);
    const { uid, resourceVersion } = body.metadata as Partial<ApiObject['metadata']>;
    if (uid !== undefined && uid !== before?.metadata.uid) {
      throw conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before?.metadata.uid ?? ''}`,
      );
    }
    if (before === undefined) {
      if (resource.name !== 'leases') throw notFound(resource, name);
      return this.#create(target, body);
    }
    if (resourceVersion === undefined && resource.name === 'leases') {
      throw invalid(resource, name, [invalidField('metadata.resourceVersion', 0, 'must be specified for an update')]);
    }
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw conflict(resource, name);
    return this.#update(target, before, body);
  }

  #patch(target: Target, { body, contentType }: KubeRequest): ApiObject {
    const { resource, name = '' } = target;
    const before = this.#existing(target);
    const patched = applyPatch(before, body, contentType) as ApiObject;
    if (patched.metadata.name !== name) {
      throw badRequest(
        `the name of the object (${patched.metadata.name}) does not match the name on the URL (${name})`,
      );
    }
    if (patched.metadata.resourceVersion !== before.metadata.resourceVersion) throw conflict(resource, name);
    if (patched.metadata.uid !== before.metadata.uid) {
      throw invalid(resource, name, [invalidField('metadata.uid', patched.metadata.uid, 'field is immutable')]);
    }
    return this.#update(target, before, patched);
  }

  /** `object` takes the place of `before`, as far as the path allows it to. */
  #update({ resource, name = '', subresource }: Target, before: ApiObject, object: ApiObject): ApiObject {
    const metadata = systemMetadata(before, object);
    this.#checkFinalizers(resource, name, before, metadata);
    const wanted: ApiObject = { ...object, kind: resource.kind, apiVersion: resource.apiVersion, metadata };
    const after = this.#admit(resource, subresource, wanted, before);
    const isDone = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
    if (isDone) {
      this.#removed(resource, after);
      return after;
    }
    return isDeepStrictEqual(after, before) ? before : this.storage.put(resource, after);
  }

  #admit(resource: Resource, subresource: string | undefined, object: ApiObject, before: ApiObject): ApiObject {
    if (resource.name !== 'services') return object;
    if (subresource === 'status') return admitServiceStatus(object, before);
    return admitServiceSpec(object, before, this.nodePorts, this.#clusterIp());
  }

  #checkFinalizers(resource: Resource, name: string, before: ApiObject, metadata: ApiObject['metadata']): void {
    const known = before.metadata.finalizers ?? [];
    const added = (metadata.finalizers ?? []).filter(one => !known.includes(one));
    const unqualified = added.findIndex(one => !one.includes('/'));
    if (unqualified !== -1) {
      const why = 'name is neither a standard finalizer name nor is it fully qualified';
      throw invalid(resource, name, [invalidField(`metadata.finalizers[${unqualified}]`, added[unqualified], why)]);
    }
    if (added.length === 0 || metadata.deletionTimestamp === undefined) return;
    const list = added.map(one => `"${one}"`).join(', ');
    const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
    throw invalid(resource, name, [forbiddenField('metadata.finalizers', why)]);
  }

  #delete(target: Target, options: unknown): unknown {
    const { resource, name = '' } = target;
    const before = this.#existing(target);
    const { uid, resourceVersion } = ((options as Fields | undefined)?.preconditions ?? {}) as Partial<
      ApiObject['metadata']
    >;
    if (uid !== undefined && uid !== before.metadata.uid)
      throw conflict(resource, name, 'the UID in the precondition does not match the UID in record');
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) {
      throw conflict(
        resource,
        name,
        'the ResourceVersion in the precondition does not match the ResourceVersion in record',
      );
    }
    if ((before.metadata.finalizers ?? []).length > 0) {
      if (before.metadata.deletionTimestamp !== undefined) return before;
      return this.storage.put(resource, {
        ...before,
        metadata: { ...before.metadata, deletionTimestamp: this.#time(), deletionGracePeriodSeconds: 0 },
      });
    }
    const last = this.#removed(resource, before);
    return resource.name === 'services' ? last : { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  }

  #removed(resource: Resource, object: ApiObject): ApiObject {
    if (resource.name === 'services')
      this.nodePorts.hold(`${object.metadata.namespace}/${object.metadata.name}`, new Set());
    return this.storage.remove(resource, object);
  }

  #uid(): string {
    const hex = (length: number): string =>
      between(this.#random, 0, 16 ** length - 1)
        .toString(16)
        .padStart(length, '0');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(6)}${hex(6)}`;
  }

  #clusterIp(): string {
    return `10.96.${between(this.#random, 0, 255)}.${between(this.#random, 1, 254)}`;
  }

  #time(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
  }
}

const resources = {
  namespaces: targetOf('/api/v1/namespaces')?.resource as Resource,
};

function oneShortOfPower(random: Random): number {
  return 10 ** between(random, 2, 4) - between(random, 20, 60);
}

function applyPatch(before: ApiObject, body: unknown, contentType: string | undefined): unknown {
  if (contentType === patchType.json) return jsonPatch(before, body);
  if (contentType === patchType.merge) return mergePatch(before, body);
  if (contentType === patchType.strategicMerge) return strategicMergePatch(before, body);
  throw new KubeError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format: ${contentType}`);
}

/** What no client decides. Empty lists and maps count as absent. */
function systemMetadata(before: ApiObject, { metadata }: ApiObject): ApiObject['metadata'] {
  const { name, namespace, uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, resourceVersion } =
    before.metadata;
  const { labels, annotations, finalizers } = metadata;
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    uid,
    resourceVersion,
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp, deletionGracePeriodSeconds }),
    ...(!isEmpty(labels) && { labels }),
    ...(!isEmpty(annotations) && { annotations }),
    ...(!isEmpty(finalizers) && { finalizers }),
  };
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    (Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0)
  );
}
