/** Time as everything in fairlead sees it: passed in, so that a run can be replayed from a seed. */
export interface Clock {
  /** Wall-clock milliseconds since the epoch: for timestamps that others read. It can jump. */
  now(): number;
  /** Milliseconds on a clock that never jumps back: for deadlines and durations. */
  monotonic(): number;
  /** Runs `run` once after `ms` (never at once, not even for 0); the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Chance, passed in as well: a number in [0, 1). */
export type Random = () => number;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or as soon as `signal` aborts: the caller looks at the signal, so shutting down is not an error. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
