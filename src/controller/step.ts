import { KubeError, statusOf } from '../kube/client.ts';
import type { Clock, Random } from '../kube/clock.ts';
import type { Leadership } from '../kube/election.ts';
import type { Service } from '../kube/objects.ts';
import type { SameDelay } from '../kube/same-delay.ts';
import type { Report, WantedConditions } from '../plan/conditions.ts';
import { ourConditionTypes } from '../plan/ownership.ts';
import type { Observed } from '../plan/plan-service.ts';
import type { BackOff } from './back-off.ts';
import type { NodePortFiller } from './node-port-filler.ts';
import type { Notice, Outcome } from './outcome.ts';
import type { ProviderCalls, ProviderInstance, StillBusy } from './provider-calls.ts';
import type { Records } from './records.ts';
import type { ServiceWriter } from './service-writer.ts';

/** What the steps work with. */
export interface StepDeps {
  readonly leading: Leadership;
  readonly clock: Clock;
  readonly random: Random;
  readonly writer: ServiceWriter;
  readonly calls: ProviderCalls;
  readonly records: Records;
  readonly backOff: BackOff;
  readonly filler: NodePortFiller;
  readonly verifyIntervalMs: number;
  /** What a first ensure has to say when it takes long. */
  readonly slowEnsures: SameDelay;
  instance(name: string): ProviderInstance;
  /** Events that may go out while a step is still running. */
  notice(service: Service, notice: Notice): void;
  /** The provider is not asked any more in this step: another Service may be served while the rest is written. */
  leavePlace(key: string): void;
}

/** An earlier call has not returned: look again after this long. */
const busyAgainMs = 1_000;

export function present({ service }: Observed): Service {
  if (service === undefined) throw new Error('planned a step for a Service that is not there');
  return service;
}

/** A Service that has left the type since it was planned, and perhaps come back with another class, may be another controller's. */
export function isStillMeant({ spec: planned }: Service, { spec: current }: Service): boolean {
  return current.type === 'LoadBalancer' && current.loadBalancerClass === planned.loadBalancerClass;
}

export function noConditions(service: Service): WantedConditions {
  return Object.fromEntries(ourConditionTypes(service).map(type => [type, undefined]));
}

export function told(report: Report, reportNotice: Notice): Outcome {
  return { message: reportNotice.message, report, reportNotice, next: { do: 'forget' } };
}

export function again(message: string): Outcome {
  return { message, next: { do: 'again' } };
}

/** The store will say so too, and that plans again: a write before would only be refused again. */
export function gone(): Outcome {
  return { message: 'the Service is gone', next: { do: 'forget' } };
}

export function busy(error: StillBusy): Outcome {
  return { message: error.message, next: { do: 'after', ms: busyAgainMs }, error };
}

/** What a provider asks to wait, in milliseconds: at least 100, at most an hour, 5 s where it is no number. */
export function bounded(retryAfterMs: number): number {
  return Number.isFinite(retryAfterMs) ? Math.min(Math.max(retryAfterMs, 100), 3_600_000) : 5_000;
}

export function warning(reason: Notice['reason'], message: string): Notice {
  return { type: 'Warning', reason, message };
}

/** Not the provider's fault and not the Service's: the leadership is over, or the API server refused the write. */
export function isTheLeases(deps: StepDeps, error: unknown): boolean {
  return deps.leading.signal.aborted || (error instanceof KubeError && statusOf(error) !== 422);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
