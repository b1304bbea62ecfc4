import type { BucketLimit } from '../lane-limits.ts';

/** Fewer than this many a second are never waited for: AWS is asked again at least so often. */
const leastPerSecond = 1;
/** Where nothing has been measured yet, the first throttle brings even the widest lane below this. */
const mostAfterThrottle = 50;
/** What was measured longer ago says nothing: somebody else may have used the account then. */
const forgetMs = 600_000;
/** A lane that was not waited for as long as this was idle: AWS's bucket has filled meanwhile. */
const idleMs = 2_000;
const measureMs = { least: 1_000, most: 30_000 };

interface Mark {
  readonly at: number;
  readonly succeeded: number;
}

/**
 * A token bucket that mirrors the one at AWS, and learns its rate where AWS throttles all the same.
 *
 * At each throttle AWS's bucket is empty. What succeeds between two such moments is therefore what AWS refills, whatever was asked for: the
 * rate falls to just below that, and grows again by 1 % a second, faster the longer nothing is throttled. What AWS saves up while the rate is a
 * little low is used while it is a little high, so next to nothing is lost. Time is passed in, in milliseconds.
 */
export class AdaptiveBucket {
  readonly #limit: BucketLimit;
  #burst: number;
  #perSecond: number;
  #tokens: number;
  #refilledAt: number;
  #takenAt = Number.NEGATIVE_INFINITY;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #succeeded = 0;
  /** Moments at which AWS's bucket was empty, since the lane was last idle. */
  #marks: Mark[] = [];
  #succeededBeforeBurst = 0;
  #measured: number | undefined;

  constructor(limit: BucketLimit, now: number) {
    this.#limit = limit;
    this.#burst = limit.burst;
    this.#perSecond = limit.perSecond;
    this.#tokens = limit.burst;
    this.#refilledAt = now;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /** How long until a token is there; 0: it can be taken now. */
  waitMs(now: number): number {
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : Math.max(1, Math.ceil(((1 - this.#tokens) * 1_000) / this.#perSecond));
  }

  take(now: number): void {
    this.#refill(now);
    if (now - this.#takenAt > idleMs) this.#beginBurst();
    this.#takenAt = now;
    this.#tokens -= 1;
  }

  succeeded(): void {
    this.#succeeded += 1;
  }

  /** AWS has refused a request that was sent at `sentAt`; those that were on their way when the rate fell say nothing new. */
  throttled(sentAt: number, now: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.#tokens, 0);
    if (sentAt < this.#throttledAt) return;
    if (this.#marks.length === 0) this.#burst = Math.max(1, this.#succeeded - this.#succeededBeforeBurst);
    this.#perSecond = this.#clamped(this.#rateAfterThrottle(now));
    this.#throttledAt = now;
    this.#marks.push({ at: now, succeeded: this.#succeeded });
    while (this.#marks.length > 2 && now - (this.#marks[1]?.at ?? now) > measureMs.most) this.#marks.shift();
  }

  #rateAfterThrottle(now: number): number {
    const [first] = this.#marks;
    if (first === undefined) return this.#measured ?? Math.min(this.#perSecond, mostAfterThrottle) / 2;
    const ms = now - first.at;
    if (ms < measureMs.least) return this.#perSecond / 2;
    this.#measured = ((this.#succeeded - first.succeeded) * 1_000) / ms;
    return 0.95 * this.#measured;
  }

  #beginBurst(): void {
    this.#marks = [];
    this.#succeededBeforeBurst = this.#succeeded;
  }

  #refill(now: number): void {
    const seconds = Math.max(0, now - this.#refilledAt) / 1_000;
    this.#refilledAt = now;
    if (now - this.#throttledAt > forgetMs) this.#forget();
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#perSecond);
    const quietSeconds = Math.min(now - this.#throttledAt, forgetMs) / 1_000;
    const inUse = now - this.#takenAt <= idleMs;
    if (inUse) this.#perSecond = this.#clamped(this.#perSecond * (1 + 0.01 * seconds * (1 + quietSeconds / 10)));
  }

  #forget(): void {
    this.#measured = undefined;
    this.#burst = this.#limit.burst;
    this.#perSecond = this.#limit.perSecond;
  }

  #clamped(perSecond: number): number {
    const least = Math.min(leastPerSecond, this.#limit.perSecond);
    return Math.min(Math.max(perSecond, least), this.#limit.perSecond);
  }
}
