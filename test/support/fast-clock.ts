import { type Clock, systemClock } from '../../src/kube/clock.ts';

/** A clock on which so many seconds pass in one: what would take minutes is over in a test. */
export class FastClock implements Clock {
  readonly #speed: number;

  constructor(speed: number) {
    this.#speed = speed;
  }

  now(): number {
    return systemClock.now() * this.#speed;
  }

  monotonic(): number {
    return systemClock.monotonic() * this.#speed;
  }

  after(ms: number, run: () => void): () => void {
    return systemClock.after(ms / this.#speed, run);
  }
}
