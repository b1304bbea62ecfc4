import { unlessAborted } from '../../../src/provider/adapter/unless-aborted.ts';

/** What all Services share is in use while one of them is being made, and goes while none is: the two exclude each other. */
export class Gate {
  #inside = 0;
  #closed: Promise<void> | undefined;

  /** Waits until what is shared has gone, if it is going. */
  async use<Value>(signal: AbortSignal, act: () => Promise<Value>): Promise<Value> {
    while (this.#closed !== undefined) await unlessAborted(this.#closed, signal);
    this.#inside++;
    try {
      return await act();
    } finally {
      this.#inside--;
    }
  }

  /** Does nothing where somebody is inside, or another one closes it already; `isLast` is asked once it is closed. */
  async close(isLast: () => boolean, act: () => Promise<void>): Promise<void> {
    if (this.#inside > 0 || this.#closed !== undefined || !isLast()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    try {
      await act();
    } finally {
      this.#closed = undefined;
      resolve();
    }
  }
}
