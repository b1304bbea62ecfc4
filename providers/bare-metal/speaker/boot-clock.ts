import type { ThreadCalls } from '../segment/libc.ts';

/** linux/time.h. Unlike the clock of `performance.now()` it goes on while the machine sleeps: what is old after that is seen to be old. */
const bootTime = 7;

/** Milliseconds since the machine has started. */
export function bootClock(libc: ThreadCalls): () => number {
  const time = Buffer.alloc(16);
  return () => {
    libc.clockGetTime(bootTime, time);
    // Seconds and nanoseconds, each 64 bits: neither needs more than the lower 32, of which a number takes 53 without a BigInt.
    return time.readUInt32LE(0) * 1_000 + time.readUInt32LE(8) / 1e6;
  };
}
