import type { Node } from '../kube/objects.ts';
import { eligibleBackends } from '../plan/backends.ts';
import type { LabelSelector } from '../plan/label-selector.ts';
import { type BackendSet, deepFreeze } from '../plan/load-balancer.ts';
import type { Backend } from '../provider/provider.ts';

interface Entry {
  readonly selector: LabelSelector;
  readonly set: BackendSet;
  /** What the Services have been told of, by `changes`. */
  readonly told: number;
  readonly text: string;
  readonly seen: number;
}

/**
 * The eligible nodes for each selector in use, computed when nodes have changed and shared by all Services that use the selector:
 * a thousand Services and a thousand nodes cost one list, not a million comparisons.
 */
export class BackendSets {
  readonly #nodes: () => Iterable<Node>;
  readonly #entries = new Map<string, Entry>();
  #generation = 0;

  constructor(nodes: () => Iterable<Node>) {
    this.#nodes = nodes;
  }

  /** Some node is different now. */
  invalidate(): void {
    this.#generation++;
  }

  get(selector: LabelSelector): BackendSet {
    const before = this.#entries.get(selector.text);
    if (before !== undefined && before.seen === this.#generation) return before.set;
    return this.#compute(selector, before).set;
  }

  /** The selectors whose backends differ from what was told before. Forgets those that `isUsed` denies: tenants write selectors. */
  changes(isUsed: (selector: string) => boolean): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const [text, entry] of this.#entries) {
      if (!isUsed(text)) {
        this.#entries.delete(text);
        continue;
      }
      const { set } = entry.seen === this.#generation ? entry : this.#compute(entry.selector, entry);
      if (set.version !== entry.told) changed.add(text);
      this.#entries.set(text, { ...this.#entry(text), told: set.version });
    }
    return changed;
  }

  #entry(text: string): Entry {
    const entry = this.#entries.get(text);
    if (entry === undefined) throw new Error(`no backends computed for selector ${text}`);
    return entry;
  }

  #compute(selector: LabelSelector, before: Entry | undefined): Entry {
    const backends: readonly Backend[] = eligibleBackends(this.#nodes(), selector);
    const text = JSON.stringify(backends);
    const seen = this.#generation;
    const entry =
      before?.text === text
        ? { ...before, seen }
        : {
            selector,
            text,
            seen,
            told: before?.told ?? seen,
            set: { selector: selector.text, version: seen, backends: deepFreeze(backends) },
          };
    this.#entries.set(selector.text, entry);
    return entry;
  }
}
