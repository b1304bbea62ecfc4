import { keyOf, type Service } from '../../kube/objects.ts';
import { publishedIngress } from '../../plan/ingress.ts';
import { ownerOf } from '../../plan/ownership.ts';

/** An address that a Service holds. */
export interface HeldAddress {
  readonly service: string;
  readonly namespace: string;
  readonly address: string;
  /** The pool that MetalLB has noted on the Service. */
  readonly pool: string | undefined;
  /** The instance of fairlead whose mark is on the Service. */
  readonly owner: string | undefined;
}

/** MetalLB notes here from which pool it took the addresses; the second is its old prefix. */
const poolNotes = ['metallb.io/ip-allocated-from-pool', 'metallb.universe.tf/ip-allocated-from-pool'];

/** Pure. */
export function heldAddresses(services: readonly Service[]): readonly HeldAddress[] {
  return services.flatMap(service => {
    if (service.spec.type !== 'LoadBalancer') return [];
    const annotations = service.metadata.annotations ?? {};
    const pool = poolNotes.map(note => annotations[note]).find(one => one !== undefined);
    const { namespace = '' } = service.metadata;
    const owner = ownerOf(service)?.instance;
    return publishedIngress(service).flatMap(({ ip }) =>
      ip === undefined ? [] : [{ service: keyOf(service), namespace, address: ip, pool, owner }],
    );
  });
}

/** Addresses that Services of more than one namespace hold. Pure. */
export function sharedAcrossNamespaces(held: readonly HeldAddress[]): readonly HeldAddress[] {
  const byAddress = Map.groupBy(held, one => one.address);
  return [...byAddress.values()].filter(all => new Set(all.map(one => one.namespace)).size > 1).flat();
}
