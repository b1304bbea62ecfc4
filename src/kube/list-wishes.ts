interface Waiter {
  readonly wish: number;
  readonly settle: (failure?: { readonly reason: unknown }) => void;
}

/** Who waits for a list. Wishes are numbered; a list fulfils all that were made before it began. */
export class ListWishes {
  #newest = 0;
  #fulfilled = 0;
  #waiters: readonly Waiter[] = [];

  /** The number that a list has to `fulfil` which begins now. */
  get newest(): number {
    return this.#newest;
  }

  get isOpen(): boolean {
    return this.#fulfilled < this.#newest;
  }

  get hasWaiters(): boolean {
    return this.#waiters.length > 0;
  }

  /** Resolves when the wish is fulfilled; rejects with the signal's reason when that aborts first. */
  wish(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const wish = ++this.#newest;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters = this.#waiters.filter(other => other !== waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        wish,
        settle: failure => {
          signal.removeEventListener('abort', onAbort);
          if (failure === undefined) resolve();
          else reject(failure.reason);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters = [...this.#waiters, waiter];
    });
  }

  fulfil(wish: number): void {
    this.#fulfilled = wish;
    const done = this.#waiters.filter(waiter => waiter.wish <= wish);
    this.#waiters = this.#waiters.filter(waiter => waiter.wish > wish);
    for (const waiter of done) waiter.settle();
  }

  rejectAll(reason: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.settle({ reason });
  }
}
