import type { Clock } from './clock.ts';

interface Appointment {
  readonly due: number;
  /** Undefined once it is cancelled. */
  run: (() => void) | undefined;
}

/**
 * Many appointments with one delay, almost all of them cancelled: they share one timer, so that a deadline which is never reached costs
 * two steps of a set. Those that are due together run in the order in which they were made.
 *
 * A cancelled one lets go of what it would have run. V8 keeps what was deleted from a Set in tables that the set has outgrown, each of
 * which holds the next one: once the first of them has grown old, all that followed wait for the next full collection. With every
 * request and call under way in a set like this one, that is a third of all garbage.
 */
export class SameDelay {
  readonly #clock: Clock;
  readonly #ms: number;
  /** In the order of their time, since the delay is the same. */
  readonly #waiting = new Set<Appointment>();
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Runs `run` once after the delay; the returned function cancels it. */
  after(run: () => void): () => void {
    const appointment: Appointment = { due: this.#clock.monotonic() + this.#ms, run };
    this.#waiting.add(appointment);
    if (this.#cancelTimer === undefined) this.#arm(this.#ms);
    return () => {
      appointment.run = undefined;
      this.#waiting.delete(appointment);
    };
  }

  /** Drops every appointment, and the timer, which would keep a process from ending. */
  close(): void {
    this.#waiting.clear();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(ms: number): void {
    this.#cancelTimer = this.#clock.after(ms, () => {
      this.#cancelTimer = undefined;
      this.#runDue();
      const [next] = this.#waiting;
      if (next !== undefined && this.#cancelTimer === undefined)
        this.#arm(Math.max(0, next.due - this.#clock.monotonic()));
    });
  }

  #runDue(): void {
    const now = this.#clock.monotonic();
    for (const appointment of this.#waiting) {
      if (appointment.due > now) return;
      this.#waiting.delete(appointment);
      appointment.run?.();
    }
  }
}
