import type { Config } from '../config/options.ts';
import type { GaugeSink } from '../controller/reports/provider-reports.ts';
import type { Speaker } from '../controller/speaker/speaker.ts';
import type { SpeakerMetrics } from '../controller/speaker/speaker-metrics.ts';
import type { ConnectOptions } from '../kube/connection.ts';
import type { AnnouncerCounts } from '../provider/announcer.ts';
import { type HttpServer, startHttpServer } from '../telemetry/http-server.ts';
import type { Log } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { watchProcess } from './process-faults.ts';

export interface SpeakerTelemetry {
  readonly metrics: SpeakerMetrics;
  readonly gauges: GaugeSink;
  readonly eventsDropped: () => void;
  readonly apiRequest: NonNullable<ConnectOptions['observe']>;
  listen(speaker: Speaker): Promise<void>;
  close(): Promise<void>;
}

export function startSpeakerTelemetry(config: Pick<Config, 'listen'>, log: Log): SpeakerTelemetry {
  const set = createMetrics();
  const { metrics } = set;
  const countOn = counterOf(metrics);
  let server: HttpServer | undefined;
  watchProcess(metrics, log);
  return {
    metrics: {
      moved(gained, lost) {
        metrics.speakerMoves.inc({ direction: 'gained' }, gained);
        metrics.speakerMoves.inc({ direction: 'lost' }, lost);
      },
      ping(ms) {
        if (ms === undefined) metrics.speakerSilences.inc();
        else metrics.speakerPing.observe(ms / 1_000);
      },
    },
    gauges: set.gauges,
    eventsDropped: () => metrics.eventsDropped.inc(),
    apiRequest: ({ method, resource, status }) =>
      metrics.apiRequests.inc({ verb: method, resource, code: String(status) }),
    async listen(speaker) {
      set.beforeScrape(() => {
        count(speaker, metrics);
        countOn(speaker.counts);
      });
      server = await startHttpServer({
        listen: config.listen,
        unhealthy: () => speaker.unhealthy,
        unready: () => speaker.unready,
        scrape: () => set.scrape(),
      });
      log.info({ port: server.port }, 'serving /healthz, /readyz and /metrics');
    },
    async close() {
      await server?.close();
    },
  };
}

function count({ report, refused, view }: Speaker, metrics: Metrics): void {
  metrics.speakerAnnounced.set(report.claims.length);
  metrics.speakerConflicts.set(report.conflicts.length);
  metrics.speakerOccupied.set(report.occupied.length);
  metrics.speakerRefused.set(report.refusals.length);
  metrics.speakerCandidate.set((view?.addresses.length ?? 0) - refused.length);
  for (const lease of ['fresh', 'expired', 'none'] as const)
    metrics.speakerLeases.set({ lease }, view?.nodes.filter(one => one.lease === lease).length ?? 0);
}

/** What an announcer has counted is counted on from scrape to scrape. */
function counterOf(metrics: Metrics): (counts: AnnouncerCounts | undefined) => void {
  let before: AnnouncerCounts | undefined;
  return counts => {
    if (counts === undefined) return;
    const grown = (what: keyof AnnouncerCounts): number => counts[what] - (before?.[what] ?? 0);
    metrics.speakerHeartbeats.inc({ fate: 'sent' }, grown('heartbeatsSent'));
    metrics.speakerHeartbeats.inc({ fate: 'heard' }, grown('heartbeatsHeard'));
    metrics.speakerHeartbeats.inc({ fate: 'rejected' }, grown('heartbeatsRejected'));
    metrics.speakerMembership.inc(grown('membershipChanges'));
    before = counts;
  };
}
