import { randomUUID } from 'node:crypto';
import type { Config } from '../config/options.ts';
import { readHeartbeatKey } from '../config/read-heartbeat-key.ts';
import { systemClock as clock } from '../kube/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { version } from '../version.ts';
import { buildSpeaker } from './build-speaker.ts';
import { clusterUid } from './cluster-uid.ts';
import { connectAs } from './connect-as.ts';
import { startSpeakerTelemetry } from './speaker-telemetry.ts';
import { stopSignal } from './stop-signal.ts';
import { orUserError, UserError } from './user-error.ts';

/** Runs until SIGTERM or SIGINT (0), or until another process of this node has taken its place (1). */
export async function runSpeakerProcess(config: Config): Promise<0 | 1> {
  const { node } = config;
  if (node === undefined)
    throw new UserError('no node is named: give --node, or set NODE_NAME to spec.nodeName of the pod');
  const log = createLog({ level: config.logLevel });
  const telemetry = startSpeakerTelemetry(config, log);
  const stopping = stopSignal(log);
  const key = await orUserError(() => readHeartbeatKey(config.heartbeatKeyFile));
  const connection = await connectAs(config, { observe: telemetry.apiRequest });
  const cluster = config.clusterId ?? (await clusterUid(connection));
  const { metrics, gauges, eventsDropped } = telemetry;
  const bootId = randomUUID();
  const built = await orUserError(() =>
    buildSpeaker(config, {
      client: connection,
      clock,
      random: Math.random,
      node,
      bootId,
      cluster,
      key,
      log,
      metrics,
      gauges,
      eventsDropped,
    }),
  );
  await orUserError(() => telemetry.listen(built.speaker));
  log.info({ cluster, node, bootId, server: connection.server, version }, 'the speaker starts');
  const ended = await built.run(stopping);
  await Promise.all([telemetry.close(), connection.close()]);
  if (ended === 'replaced')
    log.error({ node }, 'another speaker of this node has taken its Lease: this one ends; let one run on each node');
  log.info({ ended }, 'the speaker stops');
  return ended === 'replaced' ? 1 : 0;
}
