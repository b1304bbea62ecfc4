import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';

/** What one kind of objects asks for beyond its schema. All of them throw an `ApiError`, and change nothing themselves. */
export interface KindRules {
  /** The fields of the new object, what is not given filled in. `path` is where it will lie. */
  insert(world: GceWorld, fields: Fields, path: string): Fields;
  /** The fields after a patch or an update; absent: the API has no such method. */
  change?(world: GceWorld, object: StoredObject, fields: Fields): Fields;
  /** Throws while something holds on to it. */
  remove(world: GceWorld, object: StoredObject): void;
}
