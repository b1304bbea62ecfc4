import { randomBytes } from 'node:crypto';
import { type KubeClient, objectPath, patchType, statusOf } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/provider/provider.ts';
import { until } from './loop-until.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A kind that takes any spec, by default in a group that no other test uses; a test may delete it and make it again. */
export class CustomKind {
  readonly kind: ResourceKind;
  readonly #kindName: string;
  readonly #admin: KubeClient;

  constructor(admin: KubeClient, namespace?: string, name = 'IPAddressPool', group = uniqueGroup()) {
    const plural = `${name.toLowerCase()}s`;
    this.kind = { group, version: 'v1beta1', plural, ...(namespace !== undefined && { namespace }) };
    this.#kindName = name;
    this.#admin = admin;
  }

  get name(): string {
    return `${this.kind.plural}.${this.kind.group}`;
  }

  get path(): string {
    const { group, version, plural, namespace } = this.kind;
    const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
    return `/apis/${group}/${version}${scope}/${plural}`;
  }

  /** Resolves when objects of it can be made. */
  async define(): Promise<void> {
    const { group, version, plural, namespace } = this.kind;
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const status = { type: 'object', properties: { used: { type: 'integer' }, available: { type: 'integer' } } };
    const openAPIV3Schema = { type: 'object', properties: { spec: anything, status } };
    const served = {
      name: version,
      served: true,
      storage: true,
      schema: { openAPIV3Schema },
      subresources: { status: {} },
    };
    const kind = this.#kindName;
    const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() };
    const scope = namespace === undefined ? 'Cluster' : 'Namespaced';
    const body = { metadata: { name: this.name }, spec: { group, scope, names, versions: [served] } };
    await until('the definition can be made', () => this.#isDone({ method: 'POST', path: definitions, body }));
    await until('the kind is served', () => this.#isDone({ method: 'GET', path: this.path }));
  }

  async undefine(): Promise<void> {
    await this.#admin.request({ method: 'DELETE', path: objectPath(definitions, this.name) });
  }

  /** Waits until nothing is left of it. */
  async isGone(): Promise<void> {
    const path = objectPath(definitions, this.name);
    await until('the definition is gone', () =>
      this.#admin.request({ method: 'GET', path }).then(
        () => false,
        error => statusOf(error) === 404,
      ),
    );
  }

  async create(name: string, spec: object = {}, labels: Readonly<Record<string, string>> = {}): Promise<KubeObject> {
    const { group, version } = this.kind;
    const body = { apiVersion: `${group}/${version}`, kind: this.#kindName, metadata: { name, labels }, spec };
    return this.#admin.request<KubeObject>({ method: 'POST', path: this.path, body });
  }

  async patch(name: string, body: object): Promise<void> {
    const path = objectPath(this.path, name);
    await this.#admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
  }

  async get<T extends KubeObject>(name: string): Promise<T> {
    return this.#admin.request<T>({ method: 'GET', path: objectPath(this.path, name) });
  }

  async delete(name: string): Promise<void> {
    await this.#admin.request({ method: 'DELETE', path: objectPath(this.path, name) });
  }

  /** False while the API server is not ready for it: an old definition of the name goes, or the new one is being set up. */
  async #isDone(request: Parameters<KubeClient['request']>[0]): Promise<boolean> {
    try {
      await this.#admin.request(request);
      return true;
    } catch (error) {
      if ([404, 409, 429, 503].includes(statusOf(error) ?? 0)) return false;
      throw error;
    }
  }
}

function uniqueGroup(): string {
  return `t${randomBytes(4).toString('hex')}.example.com`;
}
