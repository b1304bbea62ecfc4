import type { Clock } from '../../../src/kube/clock.ts';
import { TimerHeap } from './timer-heap.ts';

/** Wall-clock time at which every simulated world begins. */
const epochMs = Date.UTC(2030, 0, 1);

/**
 * Time that passes only when nothing is left to do in it. One of these drives a whole simulated world: the API server, the cloud, and
 * every process. Timers of one instant run in the order in which they were set.
 */
export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap();
  #monotonic = 0;
  #wallOffset = 0;

  now(): number {
    return Math.floor(epochMs + this.#monotonic + this.#wallOffset);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Moves the wall clock alone, as NTP or an administrator does. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms;
  }

  after(ms: number, run: () => void): () => void {
    return this.#timers.add(this.#monotonic + Math.max(0, ms), run);
  }

  /** Lets time pass up to `untilMs` on the monotonic clock. */
  async run(untilMs: number): Promise<void> {
    await drained();
    for (let next = this.#timers.take(untilMs); next !== undefined; next = this.#timers.take(untilMs)) {
      this.#monotonic = next.at;
      next.run();
      await drained();
    }
    this.#monotonic = Math.max(this.#monotonic, untilMs);
  }

  /** Lets time pass until `awaited` settles, and answers with it. Throws where no timer is left that could settle it. */
  async until<Answer>(awaited: Promise<Answer>): Promise<Answer> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    awaited.then(mark, mark);
    await drained();
    while (!settled) {
      const next = this.#timers.take(Number.POSITIVE_INFINITY);
      if (next === undefined) throw new Error('waits for something that no timer will ever bring');
      this.#monotonic = next.at;
      next.run();
      await drained();
    }
    return awaited;
  }
}

/**
 * Resolves when every promise reaction that can run has run. A tick that is queued from a microtask runs after the microtask queue is
 * empty (node:process, processTicksAndRejections), which makes this exact, and a hundred times cheaper than a turn of the event loop.
 */
function drained(): Promise<void> {
  return new Promise(resolve => queueMicrotask(() => process.nextTick(resolve)));
}
