const nowhere: ReadonlySet<string> = new Set();

/** For each Service the nodes with an endpoint that takes traffic, gathered from its slices. */
export class EndpointIndex {
  /** Key of a Service → key of a slice → nodes. */
  readonly #slices = new Map<string, Map<string, readonly string[]>>();
  readonly #nodes = new Map<string, ReadonlySet<string>>();

  /** `nodes` undefined: the slice is gone. Returns whether the Service's nodes can be others now. */
  set(service: string, slice: string, nodes: readonly string[] | undefined): boolean {
    const slices = this.#slices.get(service) ?? new Map<string, readonly string[]>();
    if (slices.get(slice)?.join() === nodes?.join()) return false;
    if (nodes === undefined) slices.delete(slice);
    else slices.set(slice, nodes);
    if (slices.size === 0) this.#slices.delete(service);
    else this.#slices.set(service, slices);
    this.#nodes.delete(service);
    return true;
  }

  of(service: string): ReadonlySet<string> {
    const known = this.#nodes.get(service);
    const slices = this.#slices.get(service);
    if (known !== undefined || slices === undefined) return known ?? nowhere;
    const nodes = new Set([...slices.values()].flat());
    this.#nodes.set(service, nodes);
    return nodes;
  }
}
