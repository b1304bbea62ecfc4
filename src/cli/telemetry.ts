import type { Config } from '../config/options.ts';
import type { LoopMetrics } from '../controller/loop-metrics.ts';
import type { GaugeSink } from '../controller/reports/provider-reports.ts';
import { serviceState } from '../plan/service-state.ts';
import type { HttpServer } from '../telemetry/http-server.ts';
import { startHttpServer } from '../telemetry/http-server.ts';
import type { Log } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import type { BuiltController } from './build-controller.ts';
import { watchProcess } from './process-faults.ts';

export type LeaderState = 'waiting' | 'leading' | 'suspended' | 'stopped';

/** Everything that is counted and told about the process, and the faults that nobody has caught. */
export interface Telemetry {
  readonly metrics: LoopMetrics;
  readonly gauges: GaugeSink;
  readonly eventsDropped: () => void;
  readonly apiRequest: (done: {
    readonly method: string;
    readonly resource: string;
    readonly status: number;
    readonly ms: number;
  }) => void;
  readonly leaderState: (state: LeaderState) => void;
  listen(built: BuiltController): Promise<void>;
  close(): Promise<void>;
}

/** A key that is at work for so much longer than any call may take means that the loop is stuck. */
const stuckAfterMs = 60_000;

export function startTelemetry(config: Config, log: Log): Telemetry {
  const set = createMetrics();
  const { metrics } = set;
  const queue = { name: 'service' };
  let server: HttpServer | undefined;
  let state: LeaderState = 'waiting';
  /** Counted for every key, and so by the cheapest means; told at a scrape. */
  const counted = { adds: 0, progressAt: 0 };
  watchProcess(metrics, log);
  return {
    metrics: {
      queue: {
        added: () => {
          counted.adds += 1;
        },
        waited: ms => metrics.queueWait.observe(queue, ms / 1_000),
        retried: () => metrics.queueRetries.inc(queue),
        worked(ms) {
          metrics.queueWork.observe(queue, ms / 1_000);
          counted.progressAt = Date.now();
        },
      },
      call: (provider, verb, outcome, ms) => metrics.providerCall.observe({ provider, verb, outcome }, ms / 1_000),
      nodePorts: result => metrics.nodePorts.inc({ result }),
      orphans: (provider, count) => metrics.orphans.set({ provider }, count),
      breaker: (provider, open) => metrics.breakerOpen.set({ provider }, open ? 1 : 0),
    },
    gauges: set.gauges,
    eventsDropped: () => metrics.eventsDropped.inc(),
    apiRequest: ({ method, resource, status }) =>
      metrics.apiRequests.inc({ verb: method, resource, code: String(status) }),
    leaderState(next) {
      state = next;
      metrics.leader.set(next === 'leading' ? 1 : 0);
      log.info({ state: next }, 'leader election');
    },
    async listen(built) {
      set.beforeScrape(() => {
        const term = built.controller.term;
        metrics.queueAdds.inc(queue, counted.adds);
        counted.adds = 0;
        metrics.loopProgress.set(counted.progressAt / 1_000);
        metrics.queueDepth.set(queue, term?.queue.depth ?? 0);
        metrics.queueUnfinished.set(queue, (term?.queue.unfinishedMs ?? 0) / 1_000);
        metrics.queueLongestRunning.set(queue, (term?.queue.longestWorkingMs ?? 0) / 1_000);
        countServices(built, metrics.services);
      });
      server = await startHttpServer({
        listen: config.listen,
        unhealthy: () => stuck(built, config.callDeadline),
        unready: () => (state === 'suspended' ? 'the Lease could not be renewed: waiting to lead again' : undefined),
        scrape: () => set.scrape(),
      });
      log.info({ port: server.port }, 'serving /healthz, /readyz and /metrics');
    },
    async close() {
      await server?.close();
    },
  };
}

function stuck(built: BuiltController, callDeadlineMs: number): string | undefined {
  const longest = built.controller.term?.queue.longestWorkingMs ?? 0;
  return longest > callDeadlineMs + stuckAfterMs
    ? `a Service has been at work for ${Math.round(longest / 1_000)} s`
    : undefined;
}

/** The owner's name stands on the Service, where a tenant can write anything: only the operator's own names become labels. */
function countServices(
  { controller, instances }: BuiltController,
  gauge: { reset(): void; inc(labels: { provider: string; state: string }): void },
): void {
  const names = new Set(instances.map(instance => instance.name));
  gauge.reset();
  for (const service of controller.services.values()) {
    const { provider, state } = serviceState(service);
    gauge.inc({ provider: names.has(provider) ? provider : '', state });
  }
}
