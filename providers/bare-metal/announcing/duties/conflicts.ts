export interface Conflict {
  readonly mac: string;
  /** Found before this node had announced the address. */
  readonly isFirst: boolean;
  readonly seenAt: number;
}

/** RFC 5227 §2.4: an address is defended with one announcement at most every 10 s, or two defenders would storm. */
const defendMs = 10_000;
/** Nothing seen for so long: it is over. */
const forgetMs = 60_000;
const mostRemembered = 10_000;

/** Other hosts that answer for addresses of ours. */
export class Conflicts {
  readonly #conflicts = new Map<string, Conflict>();
  readonly #defended = new Map<string, number>();

  entries(): IterableIterator<[string, Conflict]> {
    return this.#conflicts.entries();
  }

  get(address: string): Conflict | undefined {
    return this.#conflicts.get(address);
  }

  note(address: string, conflict: Conflict): void {
    if (this.#conflicts.size < mostRemembered || this.#conflicts.has(address)) this.#conflicts.set(address, conflict);
  }

  mayDefend(address: string, now: number): boolean {
    if (now - (this.#defended.get(address) ?? Number.NEGATIVE_INFINITY) < defendMs) return false;
    this.#defended.set(address, now);
    return true;
  }

  delete(address: string): void {
    this.#conflicts.delete(address);
    this.#defended.delete(address);
  }

  /** Drops what is over; true where something was. */
  expire(now: number): boolean {
    let isOther = false;
    for (const [address, { seenAt }] of this.#conflicts) {
      if (now - seenAt < forgetMs) continue;
      this.delete(address);
      isOther = true;
    }
    return isOther;
  }
}
