import { KubeError } from '../kube/client.ts';
import type { ServiceRecord } from '../plan/plan-service.ts';
import { providerErrorCode, throttledForMs } from '../provider/provider-error.ts';
import { jittered, notBefore } from './back-off.ts';
import type { Outcome } from './outcome.ts';
import { StillBusy } from './provider-calls.ts';
import { busy, isTheLeases, messageOf, type StepDeps, told, warning } from './step.ts';

/** A refusal by the cloud may be lifted there (a quota raised, a permission given): look again after this long. */
const rejectedRetryMs = 300_000;

/** `first`: nothing is published yet. */
export function ensureFailed(
  deps: StepDeps,
  key: string,
  attempt: ServiceRecord,
  error: unknown,
  first: boolean,
): Outcome {
  if (isTheLeases(deps, error)) throw error;
  const until = (ms: number): void =>
    deps.records.settle(key, attempt, { ...attempt, ingress: undefined, notBefore: deps.clock.monotonic() + ms });
  if (error instanceof StillBusy) return busy(error);
  const message = messageOf(error);
  const code = error instanceof KubeError ? undefined : providerErrorCode(error);
  if (code === 'unsupported') {
    until(Number.POSITIVE_INFINITY);
    return {
      ...told({ state: 'refused', reason: 'Unsupported', message }, warning('LoadBalancerRejected', message)),
      error,
    };
  }
  if (code === 'rejected') {
    const ms = jittered(rejectedRetryMs, deps.random);
    until(ms);
    return {
      ...told({ state: 'failing', reason: 'ProviderRejected', message }, warning('SyncLoadBalancerFailed', message)),
      next: { do: 'after', ms },
      error,
    };
  }
  if (code === 'throttled') {
    const ms = notBefore(throttledForMs(error), deps.random);
    until(ms);
    const report = { state: 'provisioning', reason: 'Provisioning', message: 'the provider is throttling' } as const;
    // A thousand healthy Services whose verification is throttled write nothing.
    return { message: `throttled: ${message}`, ...(first ? { report } : {}), next: { do: 'after', ms } };
  }
  const ms = deps.backOff.next(key);
  until(ms);
  const notice = warning('SyncLoadBalancerFailed', `Error syncing load balancer: ${message}`);
  return {
    message,
    report: { state: 'failing', reason: 'Infrastructure', message },
    notices: [notice],
    next: { do: 'after', ms },
    error,
    providerFailed: true,
  };
}
