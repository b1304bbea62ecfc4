import type { Leadership } from '../kube/election.ts';
import type { Service } from '../kube/objects.ts';
import { allowedAnnotations } from '../plan/annotation-policy.ts';
import { publishedIngress } from '../plan/ingress.ts';
import { everything } from '../plan/label-selector.ts';
import { deepFreeze, heldLoadBalancer } from '../plan/load-balancer.ts';
import { ownerOf } from '../plan/ownership.ts';
import type { ProviderInstance } from './provider-calls.ts';
import type { TermDeps } from './term-deps.ts';

/** Tells an instance, before anything else, which addresses are published as its own; of two holders of one address the older comes first. */
export async function restoreInstance(deps: TermDeps, instance: ProviderInstance, leading: Leadership): Promise<void> {
  if (instance.provider.restore === undefined) return;
  const { settings, services, backendSets, calls } = deps;
  const backendSet = backendSets.get(everything);
  const held = [...services.values()]
    .filter(service => publishedIngress(service).length > 0 && ownerOf(service)?.instance === instance.name)
    .toSorted(byAge)
    .map(service => {
      const { metadata } = service;
      const annotations = allowedAnnotations(
        metadata.annotations ?? {},
        metadata.namespace ?? '',
        instance.capabilities,
        settings.policy,
      );
      const input = {
        service,
        cluster: settings.cluster,
        capabilities: instance.capabilities,
        backendSet,
        annotations,
        adopt: false,
      };
      return heldLoadBalancer(input);
    });
  await calls.restore(instance, deepFreeze(held), leading);
}

/** By creation, then UID: the order in which a clash is decided. */
function byAge({ metadata: a }: Service, { metadata: b }: Service): number {
  const [first, second] = [`${a.creationTimestamp} ${a.uid}`, `${b.creationTimestamp} ${b.uid}`];
  return first < second ? -1 : Number(first > second);
}
