import type { LoadBalancerIngress, Service } from '../kube/objects.ts';
import { conditionsFor, type Report } from '../plan/conditions.ts';
import { publishedIngress, sameIngress } from '../plan/ingress.ts';
import { ownerMark } from '../plan/ownership.ts';
import { type DeletePlan, deleting, type Observed, type ServiceRecord } from '../plan/plan-service.ts';
import type { StatusChange } from '../plan/status-patch.ts';
import type { Deleted } from '../provider/provider.ts';
import { providerErrorCode, throttledForMs } from '../provider/provider-error.ts';
import { notBefore } from './back-off.ts';
import type { Notice, Outcome } from './outcome.ts';
import { StillBusy } from './provider-calls.ts';
import { bounded, busy, isTheLeases, messageOf, noConditions, present, type StepDeps, warning } from './step.ts';

export async function applyDelete(deps: StepDeps, key: string, observed: Observed, plan: DeletePlan): Promise<Outcome> {
  const service = plan.how === 'gone' ? undefined : present(observed);
  if (plan.how !== 'abandon') {
    const left = await callDelete(deps, key, service, observed.record, plan);
    if (left !== undefined) return left;
  }
  deps.leavePlace(key);
  const known = observed.record?.ingress ?? (service === undefined ? [] : publishedIngress(service));
  const written = service && (await deps.writer.change(service, current => releaseOf(current, plan, known)));
  deps.records.delete(key);
  deps.backOff.forget(key);
  return {
    message: `${plan.reason}: ${plan.how === 'abandon' ? 'left behind' : 'deleted'}`,
    next: { do: written === 'gone' ? 'forget' : 'again' },
    notices: deletedNotices(deps, plan),
  };
}

/** Undefined when the provider has nothing left of it. */
async function callDelete(
  deps: StepDeps,
  key: string,
  service: Service | undefined,
  before: ServiceRecord | undefined,
  plan: DeletePlan,
): Promise<Outcome | undefined> {
  const instance = deps.instance(plan.instance);
  const attempt: ServiceRecord = {
    uid: plan.ref.service.uid,
    instance: plan.instance,
    ref: plan.ref,
    fingerprint: deleting,
    selector: before?.selector ?? '',
    notBefore: Number.NEGATIVE_INFINITY,
    ingress: before?.ingress,
  };
  if (service !== undefined && instance.capabilities.keepsOutside && before?.fingerprint !== deleting) {
    deps.notice(service, {
      type: 'Normal',
      reason: 'DeletingLoadBalancer',
      message: `Deleting load balancer: ${plan.reason}`,
    });
  }
  deps.records.set(key, attempt);
  const wait = (ms: number): void => deps.records.set(key, { ...attempt, notBefore: deps.clock.monotonic() + ms });
  let deleted: Deleted;
  try {
    deleted = await deps.calls.delete(instance, plan.ref, deps.leading);
  } catch (error) {
    return deleteFailed(deps, key, error, wait);
  }
  if (deleted.state === 'deleted') return undefined;
  const ms = bounded(deleted.retryAfterMs);
  wait(ms);
  return { message: `delete pending: ${deleted.reason}`, next: { do: 'after', ms } };
}

function deleteFailed(deps: StepDeps, key: string, error: unknown, wait: (ms: number) => void): Outcome {
  if (isTheLeases(deps, error)) throw error;
  if (error instanceof StillBusy) return busy(error);
  const throttled = providerErrorCode(error) === 'throttled';
  const ms = throttled ? notBefore(throttledForMs(error), deps.random) : deps.backOff.next(key);
  wait(ms);
  const message = messageOf(error);
  if (throttled) return { message: `throttled: ${message}`, next: { do: 'after', ms } };
  const notice = warning('SyncLoadBalancerFailed', `Error deleting load balancer: ${message}`);
  const report: Report = { state: 'delete-failing', reason: 'DeleteFailed', message };
  return { message, report, notices: [notice], next: { do: 'after', ms }, error, providerFailed: true };
}

/** Finalizer, status and conditions go in one write. An address other than the `known` one is another controller's by now and stays. */
function releaseOf(service: Service, plan: DeletePlan, known: readonly LoadBalancerIngress[]): StatusChange {
  const removeFinalizers = [ownerMark(plan.instance)];
  const none = noConditions(service);
  const ours = plan.clearsAddress && sameIngress(publishedIngress(service), known);
  if (plan.how !== 'abandon') return { removeFinalizers, conditions: none, ...(ours ? { ingress: [] } : {}) };
  const message = `left behind on request: balancer ${plan.ref.id} of provider ${plan.instance}, cluster ${plan.ref.cluster}; remove it there by hand`;
  return {
    removeFinalizers,
    conditions: { ...none, ...conditionsFor({ state: 'abandoned', reason: 'Abandoned', message }, false, true) },
  };
}

function deletedNotices(deps: StepDeps, plan: DeletePlan): readonly Notice[] {
  if (plan.how === 'abandon') {
    return [
      warning(
        'LoadBalancerAbandoned',
        `Left behind on request: balancer ${plan.ref.id} of provider ${plan.instance}, cluster ${plan.ref.cluster}`,
      ),
    ];
  }
  const outside = plan.how === 'object' && deps.instance(plan.instance).capabilities.keepsOutside;
  return outside ? [{ type: 'Normal', reason: 'DeletedLoadBalancer', message: 'Deleted load balancer' }] : [];
}
