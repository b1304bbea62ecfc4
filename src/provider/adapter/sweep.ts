import type { Call, ProviderClock } from '../provider.ts';
import type { LogicalClock } from './logical-clock.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What a look at the cloud has found, and when it began. */
export interface Look<Found> {
  readonly found: Found;
  /** On the logical clock. */
  readonly at: number;
  /** On the monotonic clock. */
  readonly beganMs: number;
}

export interface Freshness {
  /** It must have begun after this, on the logical clock. */
  readonly after?: number;
  readonly maxAgeMs?: number;
}

/**
 * One look at everything of one kind, shared by all who need it: there is one at a time, and who comes later waits for it where it is new enough
 * for them. One that fails is not kept, and never taken for an empty one.
 */
export class Sweep<Found> {
  readonly #clock: ProviderClock;
  readonly #time: LogicalClock;
  readonly #read: (call: Call) => Promise<Found>;
  #latest: Look<Found> | undefined;
  #running: { readonly at: number; readonly look: Promise<Look<Found>> } | undefined;

  constructor(clock: ProviderClock, time: LogicalClock, read: (call: Call) => Promise<Found>) {
    this.#clock = clock;
    this.#time = time;
    this.#read = read;
  }

  /** The last one; `undefined` before the first. */
  get latest(): Look<Found> | undefined {
    return this.#latest;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Nothing that was seen before counts any more. */
  reset(): void {
    this.#latest = undefined;
    this.#running = undefined;
  }

  async get(call: Call, freshness: Freshness = {}): Promise<Look<Found>> {
    for (;;) {
      call.signal.throwIfAborted();
      if (this.#latest !== undefined && this.#isFresh(this.#latest, freshness)) return this.#latest;
      const running = this.#running;
      if (running === undefined) return this.#begin(call);
      await unlessAborted(
        running.look.catch(() => undefined),
        call.signal,
      );
    }
  }

  #isFresh({ at, beganMs }: Look<Found>, { after = 0, maxAgeMs = Number.POSITIVE_INFINITY }: Freshness): boolean {
    return at > after && this.#clock.monotonic() - beganMs <= maxAgeMs;
  }

  async #begin(call: Call): Promise<Look<Found>> {
    const at = this.#time.next();
    const beganMs = this.#clock.monotonic();
    const look = this.#read(call).then(found => ({ found, at, beganMs }));
    const running = { at, look };
    this.#running = running;
    try {
      const seen = await look;
      if (this.#running === running) this.#latest = seen;
      return seen;
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }
}
