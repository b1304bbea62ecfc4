interface Entry {
  /** Undefined once it is taken back: see `SameDelay` for what a set keeps of it. */
  run: (() => void) | undefined;
}

interface Waiting {
  readonly entries: Set<Entry>;
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
  const { entries, listener } = waiting.get(signal) ?? listenTo(signal);
  const entry: Entry = { run };
  entries.add(entry);
  return () => {
    entry.run = undefined;
    if (!entries.delete(entry) || entries.size > 0) return;
    signal.removeEventListener('abort', listener);
    waiting.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const entries = new Set<Entry>();
  const listener = (): void => {
    waiting.delete(signal);
    for (const { run } of entries) run?.();
  };
  signal.addEventListener('abort', listener, { once: true });
  const made = { entries, listener };
  waiting.set(signal, made);
  return made;
}
