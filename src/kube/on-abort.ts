interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** Who waits for each signal. */
const waiting = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `run` once when the signal aborts; the returned function takes that back. One listener a signal, however many wait at a time: a
 * leadership's signal is waited for by every request and call. When nobody waits the listener goes, since it would keep a combined signal
 * (`AbortSignal.any`) for as long as its sources live.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const { callbacks, listener } = waiting.get(signal) ?? listenTo(signal);
  const entry = (): void => run();
  callbacks.add(entry);
  return () => {
    if (!callbacks.delete(entry) || callbacks.size > 0) return;
    signal.removeEventListener('abort', listener);
    waiting.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    waiting.delete(signal);
    for (const callback of callbacks) callback();
  };
  signal.addEventListener('abort', listener, { once: true });
  const made = { callbacks, listener };
  waiting.set(signal, made);
  return made;
}
