/** Whose a part is, written on the part itself, as tags are in a cloud. */
export interface Mark {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** One object of the world. A balancer is made of several: its `address`, and a rule for each listener. */
export interface Part {
  /** Id of the balancer that it belongs to. */
  readonly balancer: string;
  /** `address`, or e.g. `rule-TCP-80`. */
  readonly name: string;
  /** Absent on what somebody has made by hand. */
  readonly mark?: Mark;
  /** Of the part `address` only, given by the world. */
  readonly address?: string;
  /** What its maker wants of it; the world only keeps it. */
  readonly spec?: Rule;
}

export interface Rule {
  readonly protocol: string;
  readonly port: number;
  readonly nodePort: number;
  readonly backends: readonly string[];
  readonly sourceRanges: readonly string[];
}

export interface WorldRequest {
  readonly method: string;
  /** `/parts?cluster=…&balancer=…` to read, `/parts/<balancer>/<name>` to write. */
  readonly path: string;
  readonly body?: unknown;
  /** As in the provider's `Call`, with the id of the balancer. Empty where a test asks. */
  readonly epoch?: string;
  readonly sequence?: number;
  readonly id?: string;
}

export interface WorldAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** A request that changes something. `order` counts arrivals; `doneAt` is absent while it is under way. */
export interface JournalEntry {
  readonly order: number;
  readonly arrivedAt: number;
  readonly epoch: string;
  readonly sequence: number;
  readonly id: string;
  readonly method: string;
  readonly path: string;
  doneAt?: number;
  status?: number;
}

/**
 * What to do to the `count` (default 1) requests that follow the next `skip` (default 0).
 *
 * | kind     | of requests that | they are                                             |
 * |----------|------------------|------------------------------------------------------|
 * | `before` | change something | answered 500, and not carried out                     |
 * | `after`  | change something | carried out, and answered 500                         |
 * | `delay`  | change something | carried out `ms` later                                |
 * | `hang`   | change or read   | held until the faults are cleared                     |
 * | `unready`| read             | answered as if no address was in service yet          |
 */
export interface Fault {
  readonly kind: 'before' | 'after' | 'delay' | 'hang' | 'unready';
  readonly skip?: number;
  readonly count?: number;
  readonly ms?: number;
}

/**
 * The outside world of a provider: keeps parts, gives addresses, writes a journal, and refuses nothing by itself. An address is never
 * given a second time, so a changed one shows.
 */
export class World {
  readonly journal: JournalEntry[] = [];
  readonly #parts = new Map<string, Part>();
  readonly #now: () => number;
  #faults: { kind: Fault['kind']; skip: number; count: number; ms: number }[] = [];
  #cleared = Promise.withResolvers<void>();
  #given = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  parts(): readonly Part[] {
    return [...this.#parts.values()];
  }

  put(part: Part): Part {
    const address = part.name === 'address' ? this.#addressFor(part) : undefined;
    const kept = address === undefined ? part : { ...part, address };
    this.#parts.set(keyOf(part), kept);
    return kept;
  }

  addFault(fault: Fault): void {
    this.#faults.push({ skip: 0, count: 1, ms: 0, ...fault });
  }

  /** Ends all faults and lets go of what is held. */
  clearFaults(): void {
    this.#faults = [];
    this.#cleared.resolve();
    this.#cleared = Promise.withResolvers();
  }

  async answer(request: WorldRequest): Promise<WorldAnswer> {
    const url = new URL(request.path, 'http://world');
    if (request.method === 'GET') return this.#read(url);
    const { epoch = '', sequence = 0, id = '', method, path } = request;
    const entry: JournalEntry = {
      order: this.journal.length,
      arrivedAt: this.#now(),
      epoch,
      sequence,
      id,
      method,
      path,
    };
    this.journal.push(entry);
    const answer = await this.#change(url, request);
    entry.doneAt = this.#now();
    entry.status = answer.status;
    return answer;
  }

  async #read({ searchParams }: URL): Promise<WorldAnswer> {
    const fault = this.#takeFault('hang', 'unready');
    if (fault?.kind === 'hang') await this.#cleared.promise;
    const [cluster, balancer] = [searchParams.get('cluster'), searchParams.get('balancer')];
    const found = this.parts().filter(
      part => (cluster === null || part.mark?.cluster === cluster) && (balancer === null || part.balancer === balancer),
    );
    return { status: 200, body: { ready: fault?.kind !== 'unready', parts: found } };
  }

  async #change(url: URL, request: WorldRequest): Promise<WorldAnswer> {
    const fault = this.#takeFault('hang', 'delay', 'before', 'after');
    if (fault?.kind === 'hang') await this.#cleared.promise;
    if (fault?.kind === 'delay') await new Promise(resolve => setTimeout(resolve, fault.ms));
    if (fault?.kind === 'before') return { status: 500 };
    const [, , balancer = '', name = ''] = url.pathname.split('/').map(decodeURIComponent);
    const answer =
      request.method === 'PUT' ? this.#replace(balancer, name, request.body) : this.#remove(balancer, name);
    return fault?.kind === 'after' ? { status: 500 } : answer;
  }

  #replace(balancer: string, name: string, body: unknown): WorldAnswer {
    return { status: 200, body: this.put({ ...(body as Omit<Part, 'balancer' | 'name'>), balancer, name }) };
  }

  #remove(balancer: string, name: string): WorldAnswer {
    return { status: this.#parts.delete(keyOf({ balancer, name })) ? 200 : 404 };
  }

  /** What it has; else the one asked for, if that is free; else a new one of 10.64.0.0/10. */
  #addressFor(part: Part): string {
    const own = this.#parts.get(keyOf(part))?.address;
    if (own !== undefined) return own;
    const taken = new Set(this.parts().map(other => other.address));
    let address = part.address;
    while (address === undefined || taken.has(address)) {
      this.#given++;
      address = `10.${64 + (this.#given >> 16)}.${(this.#given >> 8) & 255}.${this.#given & 255}`;
    }
    return address;
  }

  #takeFault(...kinds: readonly Fault['kind'][]): { readonly kind: Fault['kind']; readonly ms: number } | undefined {
    const fault = this.#faults.find(one => kinds.includes(one.kind) && one.count > 0);
    if (fault === undefined) return undefined;
    if (fault.skip-- > 0) return undefined;
    fault.count--;
    return fault;
  }
}

function keyOf({ balancer, name }: Pick<Part, 'balancer' | 'name'>): string {
  return `${balancer}/${name}`;
}
