import { type Clock, systemClock } from '../../src/kube/clock.ts';

interface Timer {
  readonly due: number;
  readonly run: () => void;
  cancel: () => void;
}

/** The system's clock, which a test can put forward: what falls due by that happens at once, in order. */
export class LoopClock implements Clock {
  readonly #timers = new Set<Timer>();
  #ahead = 0;

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#ahead;
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { due: this.monotonic() + ms, run, cancel: () => undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  }

  jump(ms: number): void {
    this.#ahead += ms;
    const now = this.monotonic();
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      timer.cancel();
      if (!this.#timers.has(timer)) continue;
      if (timer.due <= now) this.#fire(timer);
      else this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = systemClock.after(Math.max(0, timer.due - this.monotonic()), () => this.#fire(timer));
  }

  #fire(timer: Timer): void {
    if (this.#timers.delete(timer)) timer.run();
  }
}
