import type { ProviderClock } from '../../../../src/provider/provider.ts';
import type { GceFault } from '../gce-fault.ts';

const minuteMs = 60_000;
/** Where it is the number of running operations, that is over as soon as some of them end. */
const concurrentMs = 5_000;
/** Not everybody again in the same second. */
const spreadMs = 10_000;

/**
 * The quotas of requests are full again at the next minute, and not before: until then nothing is asked of the same half of the API, reads or
 * changes.
 */
export class Throttle {
  readonly #clock: ProviderClock;
  readonly #until = { reads: 0, changes: 0 };
  #asked = 0;

  constructor(clock: ProviderClock) {
    this.#clock = clock;
  }

  /** Takes down that it has happened. */
  note({ reason }: GceFault, mutating: boolean): void {
    const now = this.#clock.now();
    const until =
      reason === 'concurrentOperationsQuotaExceeded' ? now + concurrentMs : (Math.floor(now / minuteMs) + 1) * minuteMs;
    this.#until[mutating ? 'changes' : 'reads'] = until;
  }

  isClosed(mutating: boolean): boolean {
    return this.#left(mutating) > 0;
  }

  /** How long to wait; another one for everybody who asks. */
  retryAfterMs(mutating: boolean): number {
    this.#asked += 1;
    return this.#left(mutating) + Math.ceil(((this.#asked * 0.618_034) % 1) * spreadMs);
  }

  /** The clock can jump: never more than a minute. */
  #left(mutating: boolean): number {
    return Math.min(this.#until[mutating ? 'changes' : 'reads'] - this.#clock.now(), minuteMs);
  }
}
