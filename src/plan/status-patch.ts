import type { LoadBalancerIngress, Service } from '../kube/objects.ts';
import type { WantedConditions } from './conditions.ts';
import { publishedIngress, sameIngress } from './ingress.ts';

/** What one write changes on a Service; what it does not name stays. */
export interface StatusChange {
  readonly addFinalizer?: string;
  readonly removeFinalizers?: readonly string[];
  readonly ingress?: readonly LoadBalancerIngress[];
  readonly conditions?: WantedConditions;
}

/** A strategic-merge patch for `services/status`. */
export type StatusPatch = Readonly<Record<string, unknown>>;

/**
 * The patch that makes `change` so, or undefined where it is so already. Pure. Everything travels in one write: metadata.finalizers may
 * be written through the status subresource, where spec may not. Carries uid and resourceVersion, so that it fits what was read or fails
 * with 409. Finalizers merge as a set and conditions by type: other controllers' stay. A condition's lastTransitionTime moves only with
 * its status.
 */
export function statusPatch(service: Service, change: StatusChange, now: string): StatusPatch | undefined {
  const finalizers = finalizerPatch(service, change);
  const conditions = conditionPatch(service, change.conditions ?? {}, now);
  const ingress =
    change.ingress === undefined || sameIngress(publishedIngress(service), change.ingress) ? undefined : change.ingress;
  if (finalizers === undefined && conditions.length === 0 && ingress === undefined) return undefined;
  const { uid, resourceVersion } = service.metadata;
  return {
    metadata: { uid, resourceVersion, ...finalizers },
    status: {
      ...(ingress === undefined ? {} : { loadBalancer: { ingress: ingress.length === 0 ? null : ingress } }),
      ...(conditions.length === 0 ? {} : { conditions }),
    },
  };
}

function finalizerPatch(service: Service, change: StatusChange): Record<string, readonly string[]> | undefined {
  const present = service.metadata.finalizers ?? [];
  if (change.addFinalizer !== undefined && !present.includes(change.addFinalizer))
    return { finalizers: [change.addFinalizer] };
  const remove = (change.removeFinalizers ?? []).filter(one => present.includes(one));
  return remove.length === 0 ? undefined : { '$deleteFromPrimitiveList/finalizers': remove };
}

function conditionPatch(service: Service, wanted: WantedConditions, now: string): readonly Record<string, string>[] {
  const current = new Map((service.status?.conditions ?? []).map(condition => [condition.type, condition]));
  const patch: Record<string, string>[] = [];
  for (const [type, want] of Object.entries(wanted)) {
    const have = current.get(type);
    if (want === undefined) {
      if (have !== undefined) patch.push({ $patch: 'delete', type });
    } else if (have === undefined && want.ifPresent === true) {
      continue;
    } else if (have?.status !== want.status || have.reason !== want.reason || have.message !== want.message) {
      const lastTransitionTime = have?.status === want.status ? have.lastTransitionTime : now;
      patch.push({ type, status: want.status, reason: want.reason, message: want.message, lastTransitionTime });
    }
  }
  return patch;
}
