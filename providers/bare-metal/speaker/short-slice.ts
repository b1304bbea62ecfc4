import { arch } from 'node:os';
import type { ThreadCalls } from '../segment/libc.ts';

/** asm/unistd.h */
const calls: Readonly<Record<string, { readonly set: number; readonly get: number }>> = {
  x64: { set: 314, get: 315 },
  arm64: { set: 274, get: 275 },
};

/** struct sched_attr (linux/sched/types.h). */
const attributeSize = 48;
const runtimeAt = 24;
const shortestSliceNs = 100_000n;

/**
 * Asks the scheduler for short slices, for the calling thread: whoever needs the processor for a tenth of a millisecond gets it sooner than
 * others that want it for long, without getting more of it. Linux 6.12 and later; needs no capability. Older ones do not know it, and
 * nothing is lost there.
 */
export function shortenSlice(libc: ThreadCalls): void {
  const call = calls[arch()];
  const attributes = Buffer.alloc(attributeSize);
  if (call === undefined || libc.syscall(call.get, 0, attributes, attributeSize, 0) < 0) return;
  attributes.writeBigUInt64LE(shortestSliceNs, runtimeAt);
  libc.syscall(call.set, 0, attributes, 0, 0);
}
