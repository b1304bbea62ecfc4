import type { ProcessCalls } from '../segment/libc.ts';

/** malloc.h */
const option = { trimThreshold: -1, mmapThreshold: -3, arenaMax: -8 } as const;
const kibibyte = 1_024;

/**
 * glibc gives every thread an arena of its own, and after a large block has been freed keeps such blocks: of answers of the API server, some
 * megabytes each, for good. A speaker runs on every node and needs none of that speed. Elsewhere than in glibc it does nothing.
 */
export function keepMemorySmall({ mallopt }: ProcessCalls): void {
  mallopt(option.mmapThreshold, 64 * kibibyte);
  mallopt(option.trimThreshold, 64 * kibibyte);
  mallopt(option.arenaMax, 1);
}
