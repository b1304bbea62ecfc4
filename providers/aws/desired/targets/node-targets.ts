import type { Backend, IpFamily } from '../../../../src/provider/provider.ts';
import type { Target } from '../../model/desired.ts';
import type { PlaceOf } from '../place/inside.ts';
import { instanceIdOf } from '../target-kind.ts';

export interface NodeTargetsInput {
  readonly kind: 'instance' | 'node-ip';
  readonly backends: readonly Backend[];
  readonly family: IpFamily;
  readonly placeOf: PlaceOf;
}

export interface NodeTargets {
  /** Without their ports, sorted by id, each once. */
  readonly targets: readonly Omit<Target, 'port'>[];
  readonly rejected: readonly RejectedNode[];
}

export interface RejectedNode {
  readonly node: string;
  readonly reason: string;
}

/**
 * The nodes as targets; one that cannot be one takes nothing away from the others, as AWS would do, which refuses them all. Pure.
 *
 * | targets    | node                                      | →                                  |
 * |------------|-------------------------------------------|------------------------------------|
 * | `instance` | provider id `aws:///zone/i-…`             | the instance                       |
 * | `instance` | another, or none                          | rejected                           |
 * | `node-ip`  | an internal address inside the VPC        | the address                        |
 * | `node-ip`  | one outside, in a private range           | the address, zone `all`            |
 * | `node-ip`  | one anywhere else, or none of the family  | rejected                           |
 */
export function nodeTargets({ kind, backends, family, placeOf }: NodeTargetsInput): NodeTargets {
  const targets = new Map<string, Omit<Target, 'port'>>();
  const rejected: RejectedNode[] = [];
  for (const backend of backends) {
    const found = kind === 'instance' ? byInstance(backend) : byAddress(backend, family, placeOf);
    if ('reason' in found) rejected.push({ node: backend.node, reason: found.reason });
    else targets.set(found.id, found);
  }
  return { targets: [...targets.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1)), rejected };
}

type Found = Omit<Target, 'port'> | { readonly reason: string };

function byInstance({ providerId }: Backend): Found {
  const id = instanceIdOf(providerId);
  return id === undefined ? { reason: 'its providerID is not that of an EC2 instance (aws:///zone/i-…)' } : { id };
}

function byAddress({ addresses }: Backend, family: IpFamily, placeOf: PlaceOf): Found {
  const internal = addresses.find(({ type, address }) => type === 'InternalIP' && isOf(family, address));
  if (internal === undefined) return { reason: `it has no internal ${family} address` };
  return targetAt(internal.address, placeOf) ?? { reason: `${internal.address} is neither in the VPC nor private` };
}

/** `undefined` where AWS would not send to. Pure. */
export function targetAt(address: string, placeOf: PlaceOf): Omit<Target, 'port'> | undefined {
  const place = placeOf(address);
  if (place === 'nowhere') return undefined;
  return place === 'inside' ? { id: address } : { id: address, zone: 'all' };
}

export function isOf(family: IpFamily, address: string): boolean {
  return address.includes(':') === (family === 'IPv6');
}
