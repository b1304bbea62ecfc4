import { type Clock, sleep } from '../../kube/clock.ts';

/** Something that has writes to make, one at a time. */
export interface WriteSource {
  hasWork(): boolean;
  /** Makes one write. Never rejects. */
  write(): Promise<void>;
}

/** With the Lease, which is written every 2 s, a node stays under one write a second, whatever happens. */
const pauseMs = 3_000;

/**
 * All writes of a speaker but its Lease's: one in three seconds, the first after a rest at once. The sources take turns, so that a status
 * that changes all the time and a thousand Events do not keep each other waiting.
 */
export class PacedWrites {
  readonly #clock: Clock;
  readonly #sources: WriteSource[];
  #changed = Promise.withResolvers<void>();

  constructor(clock: Clock, sources: readonly WriteSource[]) {
    this.#clock = clock;
    this.#sources = [...sources];
  }

  /** Some source may have work now. */
  notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.notify(), { once: true });
    while (!signal.aborted) {
      const changed = this.#changed.promise;
      const source = this.#next();
      if (source === undefined) {
        await changed;
        continue;
      }
      await source.write();
      await sleep(this.#clock, pauseMs, signal);
    }
  }

  /** The first that has work goes to the end of the line. */
  #next(): WriteSource | undefined {
    const at = this.#sources.findIndex(one => one.hasWork());
    const [source] = at < 0 ? [] : this.#sources.splice(at, 1);
    if (source !== undefined) this.#sources.push(source);
    return source;
  }
}
