import type { AnnouncerCounts } from '../../../src/provider/announcer.ts';

const counted = ['heartbeatsSent', 'heartbeatsHeard', 'heartbeatsRejected', 'membershipChanges'] as const;
type Counted = (typeof counted)[number];
const bytesEach = 4;

/** What the worker counts and the main thread reads, without a message for it. */
export class Counts {
  static readonly size: number = counted.length * bytesEach;
  readonly #shared: Uint32Array;
  readonly #totals = new Map<Counted, number>();

  constructor(shared: SharedArrayBuffer) {
    this.#shared = new Uint32Array(shared);
  }

  add(what: Counted, more = 1): void {
    Atomics.add(this.#shared, counted.indexOf(what), more);
  }

  /** Right as long as it is asked more often than 32 bits wrap around: at 10,000 a second every four days. */
  read(): AnnouncerCounts {
    const total = (what: Counted): number => {
      const before = this.#totals.get(what) ?? 0;
      const grown = (Atomics.load(this.#shared, counted.indexOf(what)) - before) >>> 0;
      this.#totals.set(what, before + grown);
      return before + grown;
    };
    return {
      heartbeatsSent: total('heartbeatsSent'),
      heartbeatsHeard: total('heartbeatsHeard'),
      heartbeatsRejected: total('heartbeatsRejected'),
      membershipChanges: total('membershipChanges'),
    };
  }
}
