import { expect, test } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { retryDelay } from '../../src/kube/retry-delay.ts';

const limits = { firstMs: 100, mostMs: 30_000 };

test.each([
  [0, 100],
  [1, 100],
  [2, 200],
  [5, 1_600],
  [9, 25_600],
  [10, 30_000],
  [100_000, 30_000],
])('after %i failures: %i ms, or down to half of it', (failures, expected) => {
  expect(retryDelay(failures, limits, () => 0)).toBe(expected);
  expect(retryDelay(failures, limits, () => 0.5)).toBe(expected * 0.75);
});

test.each([
  [5_000, 5_000],
  [10, 100],
  [3_600_000, 60_000],
])('Retry-After %i ms is the least, up to a minute', (retryAfterMs, expected) => {
  const error = new KubeError(429, 'TooManyRequests', 'slow', { retryAfterMs });
  expect(retryDelay(1, limits, () => 0, error)).toBe(expected);
});
