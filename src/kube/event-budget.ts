import type { Clock } from './clock.ts';

/** client-go's: 25 Events of one object at once, then one in 5 minutes. */
const burst = 25;
const refillMs = 300_000;
/** Objects remembered; the one that was asked about longest ago goes first, and starts anew with a full burst. */
const mostObjects = 10_000;

/** A token bucket for each object, so that one object in trouble does not fill etcd with Events. */
export class EventBudget {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one token of the object's, if there is one. */
  take(uid: string): boolean {
    const now = this.#clock.monotonic();
    const { tokens, at } = this.#buckets.get(uid) ?? { tokens: burst, at: now };
    const filled = Math.min(burst, tokens + (now - at) / refillMs);
    const isGranted = filled >= 1;
    this.#buckets.delete(uid);
    this.#buckets.set(uid, { tokens: isGranted ? filled - 1 : filled, at: now });
    if (this.#buckets.size > mostObjects) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return isGranted;
  }
}
