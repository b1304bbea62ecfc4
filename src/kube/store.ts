import { isNewer, type KubeObject, keyOf } from './objects.ts';

/** What became different under one key. `previous` is undefined for a new object, `current` for one that has gone. */
export interface Change<T> {
  readonly key: string;
  readonly previous: T | undefined;
  readonly current: T | undefined;
}

export interface StoreOptions<T> {
  /** Makes an object smaller, or refuses it (undefined: not kept; what was kept under its key goes). Must keep names, uid and version. */
  readonly keep?: (object: T) => T | undefined;
  /** Told of every change, after the store holds it. A throw harms nobody else. */
  readonly onChange?: (change: Change<T>) => void;
  /** Told of a throw in `keep` or `onChange`. */
  readonly onFault?: (error: unknown, key: string) => void;
}

/** A relist in the making: pages go in as they arrive, so that no page has to stay in memory as it was sent. */
export interface Replacement<T> {
  add(page: readonly T[]): void;
  commit(): void;
}

/**
 * The last known objects of one resource by key. An older version never replaces a newer one, whatever the order of a watch event, a
 * relist and the answer to our own write.
 *
 * | held              | `put`                | `remove`           | `applied`, `seen`             |
 * |-------------------|----------------------|--------------------|-------------------------------|
 * | nothing           | added                | –                  | – (it may have been deleted)  |
 * | an older version  | replaced             | removed            | replaced, if the uid is equal |
 * | the same or newer | –                    | removed if not newer | –                           |
 */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  /** Versions that our own writes have made and `keep` has refused: the watch still has older ones to tell. */
  readonly #refused = new Map<string, string>();
  readonly #options: StoreOptions<T>;

  constructor(options: StoreOptions<T> = {}) {
    this.#options = options;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** A watch's ADDED or MODIFIED. */
  put(object: T): void {
    const key = keyOf(object);
    const known = this.#objects.get(key)?.metadata.resourceVersion ?? this.#refused.get(key);
    if (known !== undefined && !isNewer(version(object), known)) return;
    this.#refused.delete(key);
    this.#emit(this.#set(key, this.#kept(object, key)));
  }

  /** A watch's DELETED. */
  remove(object: T): void {
    const key = keyOf(object);
    this.#refused.delete(key);
    const held = this.#objects.get(key);
    if (held !== undefined && !isNewer(version(held), version(object))) this.#emit(this.#set(key, undefined));
  }

  /** The answer to our own write: nothing that the writer does not know, so nobody is told. */
  applied(object: T): void {
    const key = keyOf(object);
    const held = this.#objects.get(key);
    if (held?.metadata.uid !== object.metadata.uid || !isNewer(version(object), version(held))) return;
    const kept = this.#kept(object, key);
    if (kept === undefined) this.#refused.set(key, version(object));
    this.#set(key, kept);
  }

  /** The answer to a read of one object: others may have changed it, so `onChange` is told. */
  seen(object: T): void {
    const held = this.#objects.get(keyOf(object));
    if (held?.metadata.uid === object.metadata.uid) this.put(object);
  }

  /** A complete list taken at `resourceVersion`; emits the differences. Objects written after it stay as they are. */
  replace(objects: readonly T[], resourceVersion: string): void {
    const replacement = this.replacement(resourceVersion);
    replacement.add(objects);
    replacement.commit();
  }

  /**
   * The same, page by page; nothing is seen of it before `commit`. `restored`: etcd came back from a backup, so versions count anew, and
   * what is held of a later one is a history that never was.
   */
  replacement(resourceVersion: string, restored = false): Replacement<T> {
    const listed = new Map<string, T>();
    return {
      add: page => {
        for (const object of page) this.#addTo(listed, object);
      },
      commit: () => this.#commit(listed, resourceVersion, restored),
    };
  }

  #addTo(listed: Map<string, T>, object: T): void {
    const key = keyOf(object);
    const held = this.#objects.get(key);
    const kept = held !== undefined && isSame(held, object) ? held : this.#kept(object, key);
    if (kept !== undefined) listed.set(key, kept);
  }

  #commit(listed: ReadonlyMap<string, T>, resourceVersion: string, restored: boolean): void {
    this.#refused.clear();
    const changes: (Change<T> | undefined)[] = [];
    for (const [key, held] of this.#objects) {
      const stays = listed.has(key) || (!restored && isNewer(version(held), resourceVersion));
      if (!stays) changes.push(this.#set(key, undefined));
    }
    for (const [key, object] of listed) {
      const held = this.#objects.get(key);
      if (held === undefined || (restored ? !isSame(held, object) : isNewer(version(object), version(held)))) {
        changes.push(this.#set(key, object));
      }
    }
    for (const change of changes) this.#emit(change);
  }

  #kept(object: T, key: string): T | undefined {
    const { keep } = this.#options;
    if (keep === undefined) return object;
    try {
      return keep(object);
    } catch (error) {
      this.#options.onFault?.(error, key);
      return object;
    }
  }

  #set(key: string, current: T | undefined): Change<T> | undefined {
    const previous = this.#objects.get(key);
    if (current !== undefined) this.#objects.set(key, current);
    else if (!this.#objects.delete(key)) return undefined;
    return { key, previous, current };
  }

  #emit(change: Change<T> | undefined): void {
    if (change === undefined) return;
    try {
      this.#options.onChange?.(change);
    } catch (error) {
      this.#options.onFault?.(error, change.key);
    }
  }
}

function version(object: KubeObject): string {
  return object.metadata.resourceVersion;
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.uid === b.metadata.uid && version(a) === version(b);
}
