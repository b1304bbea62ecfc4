/** Between two questions; an answer takes milliseconds. */
const paceMs = 500;
/** A host may miss a question: only after so many unanswered ones in a row an address is free again. */
const missesUntilFree = 2;

interface Occupied {
  mac: string;
  misses: number;
}

/**
 * Asks for free addresses, the likely next ones first, and for gateways, whether somebody has them already: one speaker a segment does.
 * Round and round, because hosts come and go.
 */
export class FreeProber {
  #addresses: readonly string[] = [];
  #gateways: readonly string[] = [];
  readonly #occupied = new Map<string, Occupied>();
  #asked: string | undefined;
  #cursor = 0;
  #nextAt = 0;

  get next(): number {
    return this.#addresses.length + this.#gateways.length === 0 ? Number.POSITIVE_INFINITY : this.#nextAt;
  }

  /** Found so far. A gateway is occupied even where it has not answered. */
  occupied(): readonly { readonly address: string; readonly mac: string }[] {
    const found = [...this.#occupied].map(([address, { mac }]) => ({ address, mac }));
    const silent = this.#gateways.filter(address => !this.#occupied.has(address));
    return [...found, ...silent.map(address => ({ address, mac: '' }))];
  }

  /** All that is asked for, in turn. */
  addresses(): readonly string[] {
    return [...this.#gateways, ...this.#addresses];
  }

  /** True where the report is different now. */
  setAddresses(addresses: readonly string[], gateways: readonly string[]): boolean {
    const wanted = new Set([...addresses, ...gateways]);
    const before = this.occupied().length;
    for (const address of this.#occupied.keys()) if (!wanted.has(address)) this.#occupied.delete(address);
    const isOther = this.#gateways.join() !== gateways.join();
    this.#addresses = addresses;
    this.#gateways = gateways;
    return isOther || this.occupied().length !== before;
  }

  /** Somebody else's turn: what was found is forgotten. True where the report is different now. */
  stop(): boolean {
    const had = this.#occupied.size > 0;
    this.#occupied.clear();
    this.#asked = undefined;
    return had;
  }

  /** The address to ask for now, if it is time. `isOther`: the last one has turned out to be free. */
  take(now: number): { readonly address: string | undefined; readonly isOther: boolean } {
    if (now < this.next) return { address: undefined, isOther: false };
    this.#nextAt = now + paceMs;
    const isOther = this.#judgeAsked();
    const all = this.#gateways.length + this.#addresses.length;
    this.#cursor = this.#cursor >= all ? 0 : this.#cursor;
    this.#asked = this.#gateways[this.#cursor] ?? this.#addresses[this.#cursor - this.#gateways.length];
    this.#cursor++;
    return { address: this.#asked, isOther };
  }

  /** Somebody has the address. True where that is news. */
  saw(address: string, mac: string): boolean {
    const known = this.#occupied.get(address);
    if (address === this.#asked) this.#asked = undefined;
    else if (known === undefined) return false;
    if (known?.mac === mac) known.misses = 0;
    else this.#occupied.set(address, { mac, misses: 0 });
    return known?.mac !== mac;
  }

  #judgeAsked(): boolean {
    const unanswered = this.#asked === undefined ? undefined : this.#occupied.get(this.#asked);
    if (unanswered === undefined || this.#asked === undefined) return false;
    unanswered.misses++;
    return unanswered.misses >= missesUntilFree && this.#occupied.delete(this.#asked);
  }
}
