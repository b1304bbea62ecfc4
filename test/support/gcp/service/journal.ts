/** One request, as it has arrived. */
export interface Request {
  readonly httpMethod: string;
  /** With query. */
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Entry {
  /** `forwardingRules.insert`; empty where there is no such route. */
  readonly method: string;
  readonly mutating: boolean;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Wall clock. */
  readonly at: number;
  /** What the caller needed for it, without `compute.`. */
  permissions: readonly string[];
  /** Of the answer; 0 while there is none, and where there never was one. */
  status: number;
}

/** Every request since the beginning, or since it was cleared. */
export class Journal {
  #entries: Entry[] = [];

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get mutations(): readonly Entry[] {
    return this.#entries.filter(({ mutating }) => mutating);
  }

  /** How often each method was called. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { method } of this.#entries) counts[method] = (counts[method] ?? 0) + 1;
    return counts;
  }

  add(entry: Entry): Entry {
    this.#entries.push(entry);
    return entry;
  }

  clear(): void {
    this.#entries = [];
  }
}
