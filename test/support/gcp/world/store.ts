import { notFound, notReady } from './api-error.ts';

export type Fields = Readonly<Record<string, unknown>>;

/**
 * `creating`: its name is taken, and nobody sees it yet. `changing`: it can be read and referred to, not changed. `deleting`: it can be read
 * only.
 */
export type State = 'creating' | 'ready' | 'changing' | 'deleting';

export interface StoredObject {
  /** The collection in its path: `forwardingRules`. */
  readonly kind: string;
  readonly path: string;
  fields: Fields;
  state: State;
  /** Instance groups only: paths of the instances in it. */
  readonly members: Set<string>;
}

/** Every object there is, by path. */
export class Store {
  readonly #objects = new Map<string, StoredObject>();

  add(path: string, fields: Fields, state: State): StoredObject {
    const kind = path.split('/').at(-2) ?? '';
    const object: StoredObject = { kind, path, fields, state, members: new Set() };
    this.#objects.set(path, object);
    return object;
  }

  remove(path: string): void {
    this.#objects.delete(path);
    for (const { members } of this.#objects.values()) members.delete(path);
  }

  /** Whatever its state is. */
  find(path: string): StoredObject | undefined {
    return this.#objects.get(path);
  }

  /** As a reader sees it. */
  read(path: string): StoredObject {
    const found = this.#objects.get(path);
    if (found === undefined || found.state === 'creating') throw notFound(path);
    return found;
  }

  /** As something that is referred to, or put to use. */
  usable(path: string): StoredObject {
    const found = this.#objects.get(path);
    if (found === undefined) throw notFound(path);
    if (found.state === 'creating' || found.state === 'deleting') throw notReady(path);
    return found;
  }

  /** As something that is about to change. */
  changeable(path: string): StoredObject {
    const found = this.read(path);
    if (found.state !== 'ready') throw notReady(path);
    return found;
  }

  /** All of a kind, those that are being made as well. */
  all(kind: string): readonly StoredObject[] {
    return [...this.#objects.values()].filter(object => object.kind === kind);
  }

  everything(): readonly StoredObject[] {
    return [...this.#objects.values()];
  }

  /** The first object of these kinds that refers to the path in any of its fields. */
  userOf(path: string, kinds: readonly string[]): string | undefined {
    return this.everything().find(({ kind, fields }) => kinds.includes(kind) && refersTo(fields, path))?.path;
  }
}

function refersTo(value: unknown, path: string): boolean {
  if (typeof value === 'string') return value === path || value.endsWith(`/compute/v1/${path}`);
  return typeof value === 'object' && value !== null && Object.values(value).some(part => refersTo(part, path));
}
