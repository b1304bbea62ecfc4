import { unlessAborted } from '../../../src/provider/adapter/unless-aborted.ts';

/** One at a time, in the order of asking; who waits gives up when its signal aborts. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  async run<Value>(signal: AbortSignal, act: () => Promise<Value>): Promise<Value> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    try {
      await unlessAborted(before, signal);
      return await act();
    } finally {
      resolve();
    }
  }
}
