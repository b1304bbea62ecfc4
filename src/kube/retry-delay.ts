import { KubeError } from './client.ts';
import type { Random } from './clock.ts';

export interface RetryDelayLimits {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Milliseconds to wait after the `failures`-th failure in a row (1 = the first): doubling from `firstMs` up to `mostMs`, of which a random
 * part of up to half is taken off, so that many clients do not come back at one moment. A server's Retry-After is the least.
 */
export function retryDelay(failures: number, limits: RetryDelayLimits, random: Random, error?: unknown): number {
  const full = Math.min(limits.firstMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30), limits.mostMs);
  const asked = error instanceof KubeError ? Math.min(error.retryAfterMs ?? 0, 60_000) : 0;
  return Math.max(asked, full * (1 - random() / 2));
}
