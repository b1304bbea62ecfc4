/** The callbacks that wait for one signal. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `run` once when the signal aborts; the returned function takes that back. One listener a signal, however many wait: a leadership's
 * signal is waited for by every request and call, and adding and removing listeners costs more than all else around them.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  let callbacks = waiting.get(signal);
  if (callbacks === undefined) {
    const made = new Set<() => void>();
    waiting.set(signal, made);
    signal.addEventListener(
      'abort',
      () => {
        waiting.delete(signal);
        for (const callback of made) callback();
      },
      { once: true },
    );
    callbacks = made;
  }
  const all = callbacks;
  const entry = (): void => run();
  all.add(entry);
  return () => void all.delete(entry);
}
