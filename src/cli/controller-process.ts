import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config/options.ts';
import { systemClock as clock, sleep } from '../kube/clock.ts';
import type { KubeConnection } from '../kube/connection.ts';
import { type Leadership, runElection } from '../kube/election.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { version } from '../version.ts';
import type { BuiltController } from './build-controller.ts';
import { buildController } from './build-controller.ts';
import { printPlans } from './dry-run.ts';
import { publishConfig } from './publish-config.ts';
import type { Reached } from './reach-cluster.ts';
import { stopSignal } from './stop-signal.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { orUserError } from './user-error.ts';

const random = Math.random;
/** Services that wait for an address come before what is only shown. */
const publishAfterMs = 2_000;

/** Runs until SIGTERM or SIGINT (0), until another process has taken the Lease (1). */
export async function runControllerProcess(config: Config, { connection, uid, observed }: Reached): Promise<0 | 1> {
  const log = createLog({ level: config.logLevel });
  const telemetry = startTelemetry(config, log);
  observed(telemetry.apiRequest);
  const stopping = stopSignal(log);
  const identity = `${hostname()}_${randomUUID()}`;
  const cluster = config.clusterId ?? (await uid);
  const { metrics, gauges, eventsDropped } = telemetry;
  const built = await orUserError(() =>
    buildController(config, {
      client: connection,
      clock,
      random,
      identity,
      cluster,
      log,
      metrics,
      gauges,
      eventsDropped,
    }),
  );
  if (config.dryRun) return printPlans(built, connection, stopping);
  await orUserError(() => telemetry.listen(built));
  log.info({ cluster: built.settings.cluster, server: connection.server, version }, 'fairlead starts');
  const ended = await lead(config, connection, built, identity, telemetry, log, stopping);
  await Promise.all(built.instances.map(async instance => instance.provider.close?.()));
  await Promise.all([telemetry.close(), connection.close()]);
  log.info({ ended }, 'fairlead stops');
  return ended === 'replaced' ? 1 : 0;
}

async function lead(
  config: Config,
  connection: KubeConnection,
  built: BuiltController,
  identity: string,
  telemetry: Telemetry,
  log: Log,
  stopping: AbortSignal,
): Promise<'stopped' | 'replaced'> {
  const leadOnce = async (leading: Leadership, stop: AbortSignal): Promise<void> => {
    void sleep(clock, publishAfterMs, leading.signal).then(() =>
      publishConfig(connection, leading, { ...config, clusterId: built.settings.cluster }, log),
    );
    await built.controller.lead(leading, stop);
  };
  try {
    if (!config.leaderElect) return await leadAlone(leadOnce, stopping);
    return await runElection(
      {
        client: connection,
        clock,
        random,
        namespace: config.leaseNamespace,
        name: config.leaseName,
        identity,
        leaseDurationMs: config.leaseDuration,
        renewDeadlineMs: config.renewDeadline,
        retryPeriodMs: config.retryPeriod,
        lead: leadOnce,
        log: (message, fields) => log.info(fields ?? {}, message),
        onState: telemetry.leaderState,
      },
      stopping,
    );
  } finally {
    built.controller.close();
  }
}

/** Without a Lease the start time takes the place of the epoch: it grows from one process to the next. */
async function leadAlone(
  run: (leading: Leadership, stop: AbortSignal) => Promise<void>,
  stopping: AbortSignal,
): Promise<'stopped'> {
  const never = new AbortController().signal;
  await run({ epoch: String(clock.now()), signal: never, assertLeading: () => undefined }, stopping);
  return 'stopped';
}
