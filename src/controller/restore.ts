import type { Leadership } from '../kube/election.ts';
import type { Service } from '../kube/objects.ts';
import { allowedAnnotations } from '../plan/annotation-policy.ts';
import { publishedIngress } from '../plan/ingress.ts';
import { everything } from '../plan/label-selector.ts';
import { deepFreeze, heldLoadBalancer } from '../plan/load-balancer.ts';
import { ownerOf } from '../plan/ownership.ts';
import type { LoadBalancer } from '../provider/provider.ts';
import { fenced } from './fence.ts';
import type { ProviderInstance } from './provider-calls.ts';
import type { TermDeps } from './term-deps.ts';

/**
 * Tells an instance, once its kinds have been read, and before anything else, which addresses are published as its own; of two holders of
 * one address the older comes first.
 */
export async function restoreInstance(
  deps: TermDeps,
  instance: ProviderInstance,
  leading: Leadership,
  over: AbortSignal,
): Promise<void> {
  await deps.kinds.ready(instance.name, over);
  if (instance.provider.restore !== undefined) await restoreHeld(deps, instance, leading);
  deps.statuses.open(instance.name, fenced(deps.client, leading), over);
}

async function restoreHeld(deps: TermDeps, instance: ProviderInstance, leading: Leadership): Promise<void> {
  const held = [...deps.services.values()]
    .filter(service => publishedIngress(service).length > 0 && ownerOf(service)?.instance === instance.name)
    .toSorted(byAge)
    .map(service => heldBy(deps, instance, service));
  await deps.calls.restore(instance, deepFreeze(held), leading);
}

function heldBy({ settings, backendSets }: TermDeps, instance: ProviderInstance, service: Service): LoadBalancer {
  const { annotations = {}, namespace = '' } = service.metadata;
  const { capabilities } = instance;
  return heldLoadBalancer({
    service,
    cluster: settings.cluster,
    capabilities,
    backendSet: backendSets.get(everything),
    annotations: allowedAnnotations(annotations, namespace, capabilities, settings.policy),
    adopt: false,
  });
}

/** By creation, then UID: the order in which a clash is decided. What is going comes last: its address may have been given on already. */
function byAge({ metadata: a }: Service, { metadata: b }: Service): number {
  return (
    Number(a.deletionTimestamp !== undefined) - Number(b.deletionTimestamp !== undefined) ||
    compare(a.creationTimestamp ?? '', b.creationTimestamp ?? '') ||
    compare(a.uid, b.uid)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
