import type { KubeClient } from '../kube/client.ts';
import type { Clock, Random } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Service } from '../kube/objects.ts';
import type { Store } from '../kube/store.ts';
import type { PortRange } from '../plan/node-ports.ts';
import type { Settings } from '../plan/plan-service.ts';
import type { BackendSets } from './backend-sets.ts';
import type { EndpointWatch } from './endpoints/endpoint-watch.ts';
import type { Kinds } from './kinds/kinds.ts';
import type { Log } from './log.ts';
import type { LoopMetrics } from './loop-metrics.ts';
import type { OrphanOptions } from './orphan-sweep.ts';
import type { ProviderCalls, ProviderInstance } from './provider-calls.ts';
import type { StatusWriter } from './reports/status-writer.ts';

/** What a term is made with; the same for every term of a process. */
export interface TermDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly services: Store<Service>;
  readonly backendSets: BackendSets;
  readonly endpoints: EndpointWatch;
  readonly instances: readonly ProviderInstance[];
  readonly kinds: Kinds;
  readonly statuses: StatusWriter;
  readonly settings: Settings;
  readonly calls: ProviderCalls;
  readonly metrics: LoopMetrics;
  readonly log: Log;
  readonly options: LoopOptions;
  eventsFor(client: KubeClient, isBusy: () => boolean): EventRecorder;
}

export interface LoopOptions {
  /** Services in work at once, for each provider instance. */
  readonly concurrentServiceSyncs: number;
  readonly verifyIntervalMs: number;
  readonly nodePortRange: PortRange;
  readonly orphans: OrphanOptions;
  /** How long a term that is told to stop lets running calls finish. */
  readonly shutdownGraceMs: number;
}
