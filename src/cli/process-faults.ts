import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { version } from '../version.ts';

/** Says which build this is, and tells of the faults that nobody has caught. */
export function watchProcess(metrics: Metrics, log: Log): void {
  metrics.buildInfo.set({ version, node_version: process.version }, 1);
  process.on('unhandledRejection', reason => {
    metrics.unhandledRejections.inc();
    log.error({ err: reason }, 'a promise failed with nobody looking: please report it');
  });
  process.on('uncaughtException', error => {
    log.fatal({ err: error }, 'an exception nobody has caught: the process ends');
    process.exit(1);
  });
}
