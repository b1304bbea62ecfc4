import type { Clock } from './clock.ts';

interface Appointment {
  readonly due: number;
  readonly run: () => void;
}

/**
 * Many appointments with one delay, almost all of them cancelled: they share one timer, so that a deadline which is never reached costs
 * two steps of a set. Those that are due together run in the order in which they were made.
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
    const appointment = { due: this.#clock.monotonic() + this.#ms, run };
    this.#waiting.add(appointment);
    if (this.#cancelTimer === undefined) this.#arm(this.#ms);
    return () => void this.#waiting.delete(appointment);
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
      appointment.run();
    }
  }
}
