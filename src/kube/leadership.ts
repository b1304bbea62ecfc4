import type { Clock } from './clock.ts';

/** The right to act, from one gain of the Lease to its loss. */
export interface Leadership {
  /** resourceVersion of the Lease write that gained it: grows from leadership to leadership, even when the Lease is deleted in between. */
  readonly epoch: string;
  /** Aborts when the right ends. */
  readonly signal: AbortSignal;
  /** Throws `LeadershipLost` once the right has ended, by the clock alone: also when no timer could run since. Costs nothing. */
  assertLeading(): void;
}

export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';

  constructor() {
    super('this process no longer holds the Lease: nothing may be changed until it is leader again');
  }
}

/** One leadership as the election sees it: it ends at a deadline that renewals move, and never begins again. */
export class Term implements Leadership {
  readonly epoch: string;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #deadline: number;
  #cancel: () => void = () => undefined;

  constructor(epoch: string, deadline: number, clock: Clock) {
    this.epoch = epoch;
    this.#clock = clock;
    this.#deadline = deadline;
    this.#watchDeadline();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Milliseconds until the end, 0 or less when it is over. */
  get leftMs(): number {
    return this.#abort.signal.aborted ? 0 : this.#deadline - this.#clock.monotonic();
  }

  assertLeading(): void {
    if (this.leftMs > 0) return;
    this.end();
    throw new LeadershipLost();
  }

  /** False when the renewal came too late: what has ended stays ended. */
  extend(deadline: number): boolean {
    if (this.leftMs <= 0) {
      this.end();
      return false;
    }
    this.#deadline = deadline;
    return true;
  }

  end(): void {
    this.#cancel();
    this.#abort.abort(new LeadershipLost());
  }

  #watchDeadline(): void {
    this.#cancel = this.#clock.after(Math.max(this.leftMs, 0), () => {
      if (this.leftMs > 0) this.#watchDeadline();
      else this.end();
    });
  }
}
