import type { ProviderInstance } from '../../controller/provider-calls.ts';
import type { Service } from '../../kube/objects.ts';
import type { LoadBalancerRef } from '../../provider/provider.ts';

/** One balancer that is to go. */
export interface Doomed {
  readonly instance: ProviderInstance;
  readonly ref: LoadBalancerRef;
}

/**
 * Whether a listed balancer may be deleted. Pure. Its marks name the cluster, which proves something only where that name is nobody
 * else's: the UID of this API server's kube-system namespace.
 *
 * | cluster of the ref | this cluster is named by | its Service, with this uid | →       |
 * |--------------------|--------------------------|----------------------------|---------|
 * | another            |                          |                            | foreign |
 * | this one           | its UID                  |                            | doomed  |
 * | this one           | hand                     | is here                    | doomed  |
 * | this one           | hand                     | is not here                | unsure  |
 */
export function fateOf(
  ref: LoadBalancerRef,
  cluster: string,
  uid: string,
  find: (key: string) => Service | undefined,
): 'doomed' | 'unsure' | 'foreign' {
  if (ref.cluster !== cluster) return 'foreign';
  if (cluster === uid) return 'doomed';
  const { namespace, name } = ref.service;
  return find(`${namespace}/${name}`)?.metadata.uid === ref.service.uid ? 'doomed' : 'unsure';
}

/** `default/web (fl-…) of provider aws`. */
export function describeDoomed({ instance, ref }: Doomed): string {
  const { namespace, name } = ref.service;
  return `${namespace}/${name} (${ref.id}) of provider ${instance.name}`;
}
