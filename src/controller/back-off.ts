import type { Random } from '../kube/clock.ts';

/** Exponential waiting times per key, with jitter so that what failed together does not come back together. */
export class BackOff {
  readonly #failures = new Map<string, number>();
  readonly #random: Random;
  readonly #firstMs: number;
  readonly #longestMs: number;

  /** Defaults 5 s, doubled up to 300 s: the service controller's. */
  constructor(random: Random, firstMs = 5_000, longestMs = 300_000) {
    this.#random = random;
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
  }

  /** Counts a failure and says how many milliseconds to wait: 5 s, 10 s, 20 s …, each ± 20 %. */
  next(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const full = Math.min(this.#firstMs * 2 ** failures, this.#longestMs);
    return jittered(full, this.#random);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}

/** `ms` ± 20 %. */
export function jittered(ms: number, random: Random): number {
  return ms * (0.8 + 0.4 * random());
}

/** `ms` or up to 20 % more: never before the time that was asked for. */
export function notBefore(ms: number, random: Random): number {
  return ms * (1 + 0.2 * random());
}
