import type { Clock } from '../../kube/clock.ts';
import { keyOf } from '../../kube/objects.ts';
import type { Resource, ResourceView } from '../../provider/provider.ts';
import { type KindObject, resourceOf, saysTheSame } from './kind-object.ts';

/**
 * The last snapshot of one kind that could be trusted, and why there is no newer one; who has asked for it is told of what is different,
 * changes that come together together. Decides nothing: `KindWatch` does.
 */
export class KindView implements ResourceView {
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  readonly #listeners: (() => void)[] = [];
  #objects: Map<string, KindObject> | undefined;
  #items: readonly Resource[] | undefined;
  #problem: string | undefined = 'not read yet';
  #cancelTell: (() => void) | undefined;

  constructor(clock: Clock, onFault: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** By namespace and name; made when it is asked for. */
  get items(): readonly Resource[] | undefined {
    if (this.#objects === undefined) return undefined;
    this.#items ??= Object.freeze(
      [...this.#objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => resourceOf(object)),
    );
    return this.#items;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** One object has come, changed or gone; nothing, before the first `adopt`. */
  take(key: string, current: KindObject | undefined): void {
    if (this.#objects === undefined) return;
    const previous = this.#objects.get(key);
    if (current !== undefined) this.#objects.set(key, current);
    else this.#objects.delete(key);
    this.#items = undefined;
    if (previous === undefined || current === undefined ? previous !== current : !saysTheSame(previous, current))
      this.#changed();
  }

  /** One object has another version that its writer knows. */
  replace(key: string, object: KindObject): void {
    if (this.#objects?.has(key) !== true) return;
    this.#objects.set(key, object);
    this.#items = undefined;
  }

  /** All objects anew. */
  adopt(objects: Iterable<KindObject>): void {
    const next = new Map([...objects].map(object => [keyOf(object), object]));
    const isSame =
      this.#objects?.size === next.size &&
      [...this.#objects].every(([key, object]) => {
        const other = next.get(key);
        return other !== undefined && saysTheSame(object, other);
      });
    this.#objects = next;
    this.#items = undefined;
    if (!isSame) this.#changed();
  }

  /** Why the kind cannot be read at present; undefined: it can. */
  note(problem: string | undefined): void {
    if (this.#problem === problem) return;
    this.#problem = problem;
    this.#changed();
  }

  /** Tells at once what is to be told. */
  flush(): void {
    if (this.#cancelTell === undefined) return;
    this.#cancelTell();
    this.#cancelTell = undefined;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#onFault(error);
      }
    }
  }

  #changed(): void {
    this.#cancelTell ??= this.#clock.after(0, () => this.flush());
  }
}
