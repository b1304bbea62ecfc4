import type { ProviderClock } from '../../../../src/provider/provider.ts';
import { reasonOf } from './wire.ts';

/** Resolves after `ms`; rejects with the signal's reason once that has aborted. */
export function pause(clock: ProviderClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(reasonOf(signal));
    const abort = (): void => {
      cancel();
      reject(reasonOf(signal));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
