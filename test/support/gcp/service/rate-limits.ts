import { ApiError, rateLimited } from '../world/api-error.ts';
import type { GceWorld } from '../world/world.ts';

/** Requests in a minute: full again at the next minute, not little by little. */
export class RateLimits {
  readonly #counts = new Map<string, number>();

  check(world: GceWorld, mutating: boolean): void {
    const group = mutating ? 'mutations' : 'reads';
    const limit = world.options.perMinute?.[group];
    const key = `${group}@${Math.floor(world.clock.now() / 60_000)}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (limit !== undefined && count > limit) throw rateLimited(`compute.googleapis.com/${group}`);
    if (mutating && world.operations.running >= (world.options.concurrentOperations ?? Number.POSITIVE_INFINITY))
      throw concurrent;
  }
}

const concurrent = new ApiError({
  http: 403,
  reason: 'rateLimitExceeded',
  message: 'Quota exceeded for concurrent operations.',
  info: { reason: 'CONCURRENT_OPERATIONS_QUOTA_EXCEEDED' },
});
