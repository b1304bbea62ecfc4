import { expect, test } from 'vitest';
import { keepMemorySmall } from '../../../../providers/bare-metal/speaker/small-memory.ts';

test('the allocator of the C library gives large blocks back, and makes no arena for each thread', () => {
  const set = new Map<number, number>();
  keepMemorySmall({ mallopt: (option, value) => set.set(option, value).size });
  // glibc's malloc.h: M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_ARENA_MAX.
  expect([...set]).toEqual([
    [-3, 65_536],
    [-1, 65_536],
    [-8, 1],
  ]);
});
