import { badRequest, expired } from './api-errors.ts';
import { type ApiObject, type Resource, type Target } from './api-object.ts';

export interface HistoryEntry {
  readonly version: number;
  readonly resource: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
  readonly before: ApiObject | undefined;
}

export interface Page {
  readonly version: number;
  readonly items: readonly ApiObject[];
  readonly next: string | undefined;
}

/** etcd, as far as an API server shows it: objects under one growing version, their history back to the last compaction. */
export class ApiStorage {
  readonly #objects = new Map<string, Map<string, ApiObject>>();
  readonly #history: HistoryEntry[] = [];
  readonly #snapshots = new Map<string, readonly ApiObject[]>();
  readonly #listeners = new Set<(entry: HistoryEntry) => void>();
  #version: number;
  #compacted: number;

  /** Starting short of a power of ten makes versions grow in length during a run: they are numbers, not texts. */
  constructor(firstVersion: number) {
    this.#version = firstVersion;
    this.#compacted = firstVersion;
  }

  get version(): number {
    return this.#version;
  }

  /** Versions before this one are gone. */
  get compacted(): number {
    return this.#compacted;
  }

  get(resource: Resource, namespace: string | undefined, name: string): ApiObject | undefined {
    return this.#objects.get(resource.name)?.get(keyIn(namespace, name));
  }

  all(resource: string): readonly ApiObject[] {
    return [...(this.#objects.get(resource)?.entries() ?? [])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Stores the object under a new version and answers with what is stored. */
  put(resource: Resource, object: ApiObject): ApiObject {
    const objects = this.#of(resource);
    const key = keyIn(object.metadata.namespace, object.metadata.name);
    const before = objects.get(key);
    const stored = this.#versioned(object);
    objects.set(key, stored);
    this.#record({
      version: this.#version,
      resource: resource.name,
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      object: stored,
      before,
    });
    return stored;
  }

  /** Removes it; the last state carries the version of the removal. */
  remove(resource: Resource, object: ApiObject): ApiObject {
    const key = keyIn(object.metadata.namespace, object.metadata.name);
    const before = this.#of(resource).get(key);
    this.#of(resource).delete(key);
    const last = this.#versioned(object);
    this.#record({ version: this.#version, resource: resource.name, type: 'DELETED', object: last, before });
    return last;
  }

  /** One page of a list; every page of a list shows the state at its first. */
  page({ resource, namespace }: Target, limit: number, token: string | undefined): Page {
    if (token !== undefined) return this.#nextPage(token, limit);
    const all = this.all(resource.name).filter(
      object => namespace === undefined || object.metadata.namespace === namespace,
    );
    return this.#cut(all, 0, limit, this.#version);
  }

  /** What has happened to a resource after `version`; throws 410 where that is not known any more. */
  since(resource: string, version: number): readonly HistoryEntry[] {
    if (version < this.#compacted) throw expired(`too old resource version: ${version} (${this.#compacted})`);
    return this.#history.filter(entry => entry.resource === resource && entry.version > version);
  }

  compact(): void {
    this.#compacted = this.#version;
    this.#history.length = 0;
    this.#snapshots.clear();
  }

  onWrite(listener: (entry: HistoryEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #nextPage(token: string, limit: number): Page {
    const [version = '', from = ''] = token.split(':');
    if (!/^\d+$/.test(version) || !/^\d+$/.test(from))
      throw badRequest('invalid continue token: continue key is not valid');
    const all = this.#snapshots.get(version);
    if (all === undefined)
      throw expired('The provided continue parameter is too old to display a consistent list result.');
    return this.#cut(all, Number(from), limit, Number(version));
  }

  #cut(all: readonly ApiObject[], from: number, limit: number, version: number): Page {
    const end = limit === 0 ? all.length : from + limit;
    if (end >= all.length) return { version, items: all.slice(from), next: undefined };
    this.#snapshots.set(String(version), all);
    return { version, items: all.slice(from, end), next: `${version}:${end}` };
  }

  #of(resource: Resource): Map<string, ApiObject> {
    let objects = this.#objects.get(resource.name);
    if (objects === undefined) this.#objects.set(resource.name, (objects = new Map()));
    return objects;
  }

  #versioned(object: ApiObject): ApiObject {
    this.#version++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #record(entry: HistoryEntry): void {
    this.#history.push(entry);
    for (const listener of this.#listeners) listener(entry);
  }
}

function keyIn(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
