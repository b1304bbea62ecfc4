import type { LoadBalancerIngress, Service } from '../kube/objects.ts';
import { addressesOf, publishedIngress, sameIngress } from '../plan/ingress.ts';
import { differenceOf } from '../plan/load-balancer.ts';
import type { EnsurePlan, ServiceRecord } from '../plan/plan-service.ts';
import type { EnsuredReady } from '../provider/provider.ts';
import type { Notice } from './outcome.ts';
import { type StepDeps, warning } from './step.ts';

const noNodes: Notice = {
  type: 'Warning',
  reason: 'UnAvailableLoadBalancer',
  message: 'There are no available nodes for LoadBalancer',
};

/** What is said before a first ensure, and with "ensured" makes at most two Events for a create. */
export function announcement(plan: EnsurePlan, keepsOutside: boolean): Notice | undefined {
  if (plan.loadBalancer.backends.length === 0) return noNodes;
  if (!keepsOutside) return undefined;
  return {
    type: 'Normal',
    reason: 'EnsuringLoadBalancer',
    message: `Ensuring load balancer with provider ${plan.instance}`,
  };
}

export function successNotices(
  deps: StepDeps,
  service: Service,
  before: ServiceRecord | undefined,
  plan: EnsurePlan,
  ensured: EnsuredReady,
  ingress: readonly LoadBalancerIngress[],
): readonly Notice[] {
  const notices: Notice[] = [...plan.warnings, ...(ensured.warnings ?? [])].map(one =>
    warning(one.reason, one.message),
  );
  if (plan.loadBalancer.backends.length === 0 && before !== undefined) notices.push(noNodes);
  const sameAddress = sameIngress(publishedIngress(service), ingress);
  const keepsOutside = deps.instance(plan.instance).capabilities.keepsOutside;
  // Equal after "pending" or a failure: the same was asked for before, and only now it holds.
  const difference =
    before === undefined || before.fingerprint === plan.fingerprint || !sameAddress
      ? 'service'
      : differenceOf(before.fingerprint, plan.fingerprint);
  // Pods come and go all day: that is no news.
  if (difference === 'endpoints') return notices;
  if (difference === 'nodes') {
    if (keepsOutside)
      notices.push({ type: 'Normal', reason: 'UpdatedLoadBalancer', message: 'Updated load balancer with new hosts' });
  } else {
    notices.push({
      type: 'Normal',
      reason: 'EnsuredLoadBalancer',
      message: `Ensured load balancer at ${addressesOf(ingress)}`,
    });
  }
  return notices;
}
