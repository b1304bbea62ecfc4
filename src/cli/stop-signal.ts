import type { Log } from '../telemetry/log.ts';

/** The first SIGTERM or SIGINT stops in good order, a second one at once. */
export function stopSignal(log: Log): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      log.info({ signal: name }, 'told to stop: nothing new is begun');
      stop.abort();
    });
  }
  return stop.signal;
}
