import type { ProviderClock } from '../../../src/provider/provider.ts';

/** Balancers that want another look later, when nothing at AWS will tell: one timer for each, and no request from here. */
export class Reminders {
  readonly #clock: ProviderClock;
  readonly #requeue: (ids: readonly string[], reason: string) => void;
  readonly #timers = new Map<string, () => void>();

  constructor(clock: ProviderClock, requeue: (ids: readonly string[], reason: string) => void) {
    this.#clock = clock;
    this.#requeue = requeue;
  }

  set(id: string, ms: number, reason: string): void {
    this.cancel(id);
    const cancel = this.#clock.after(Math.max(ms, 1), () => {
      this.#timers.delete(id);
      this.#requeue([id], reason);
    });
    this.#timers.set(id, cancel);
  }

  cancel(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  reset(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
