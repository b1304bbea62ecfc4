const nowhere: ReadonlySet<string> = new Set();

interface SliceNodes {
  readonly slice: string;
  readonly nodes: readonly string[];
}

/** For each Service the nodes with an endpoint that takes traffic, gathered from its slices, of which nearly all have one. */
export class EndpointIndex {
  readonly #slices = new Map<string, readonly SliceNodes[]>();
  /** A list of nodes → the same as a set, shared by all Services with that list alone. */
  readonly #sets = new WeakMap<readonly string[], ReadonlySet<string>>();

  /** `nodes` undefined: the slice is gone. Returns whether the Service's nodes can be others now. */
  set(service: string, slice: string, nodes: readonly string[] | undefined): boolean {
    const before = this.#slices.get(service) ?? [];
    const known = before.find(one => one.slice === slice)?.nodes;
    if (known === nodes || known?.join() === nodes?.join()) return false;
    const others = before.filter(one => one.slice !== slice);
    const after = nodes === undefined ? others : [...others, { slice, nodes }];
    if (after.length === 0) this.#slices.delete(service);
    else this.#slices.set(service, after);
    return true;
  }

  of(service: string): ReadonlySet<string> {
    const slices = this.#slices.get(service);
    if (slices === undefined) return nowhere;
    const [first] = slices;
    if (first === undefined || slices.length > 1) return new Set(slices.flatMap(({ nodes }) => nodes));
    const set = this.#sets.get(first.nodes) ?? new Set(first.nodes);
    this.#sets.set(first.nodes, set);
    return set;
  }
}
