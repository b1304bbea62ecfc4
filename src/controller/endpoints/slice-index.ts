export interface SliceIndexOptions<Part, Whole> {
  /** Whether two states of one slice say the same. */
  readonly same: (a: Part, b: Part) => boolean;
  /** What the slices of one Service say together; of a Service without one it is asked with none. */
  readonly gather: (parts: Iterable<Part>) => Whole;
}

/** For each Service what its slices say, gathered when it is asked for and kept until one of them says something else. */
export class SliceIndex<Part, Whole> {
  readonly #options: SliceIndexOptions<Part, Whole>;
  /** Key of a Service → key of a slice → what is kept of it. */
  readonly #slices = new Map<string, Map<string, Part>>();
  readonly #gathered = new Map<string, Whole>();

  constructor(options: SliceIndexOptions<Part, Whole>) {
    this.#options = options;
  }

  /** `part` undefined: the slice is gone. Returns whether the Service's slices say something else now. */
  set(service: string, slice: string, part: Part | undefined): boolean {
    const slices = this.#slices.get(service) ?? new Map<string, Part>();
    const before = slices.get(slice);
    if (before === part || (before !== undefined && part !== undefined && this.#options.same(before, part)))
      return false;
    if (part === undefined) slices.delete(slice);
    else slices.set(slice, part);
    if (slices.size === 0) this.#slices.delete(service);
    else this.#slices.set(service, slices);
    this.#gathered.delete(service);
    return true;
  }

  of(service: string): Whole {
    const known = this.#gathered.get(service);
    if (known !== undefined) return known;
    const slices = this.#slices.get(service);
    const whole = this.#options.gather(slices?.values() ?? []);
    // Of what has no slice nothing is kept: anybody may ask for anything.
    if (slices !== undefined) this.#gathered.set(service, whole);
    return whole;
  }
}
