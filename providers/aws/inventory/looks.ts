import type { Call } from '../../../src/provider/provider.ts';
import type { Aws } from '../client/aws.ts';
import type { ObservedLoadBalancer, ObservedSecurityGroup, ObservedTargetGroup, Tags } from '../model/observed.ts';
import { tagKeys } from '../model/tags.ts';
import { observeLoadBalancers } from '../resources/load-balancers.ts';
import { observeSecurityGroups } from '../resources/security-groups.ts';
import { observeTags } from '../resources/tags.ts';
import { observeTargetGroups } from '../resources/target-groups.ts';
import type { Owner } from './known-balancer.ts';

export interface Tagged {
  readonly tags: Tags;
}

/** By id of the Service: what belongs to a balancer of this cluster. */
export interface Seen<Part extends Tagged> {
  readonly ours: ReadonlyMap<string, readonly Part[]>;
}

export interface LoadBalancersSeen extends Seen<ObservedLoadBalancer & Tagged> {
  /** Everybody's network load balancers by name: a name is taken, whoever has it. */
  readonly byName: ReadonlyMap<string, ObservedLoadBalancer & Tagged>;
}

export type TargetGroupsSeen = Seen<ObservedTargetGroup & Tagged>;

export interface SecurityGroupsSeen extends Seen<ObservedSecurityGroup> {
  /** Those that the whole cluster shares. */
  readonly shared: readonly ObservedSecurityGroup[];
}

export async function lookAtLoadBalancers(aws: Aws, cluster: string, call: Call): Promise<LoadBalancersSeen> {
  const found = await tagged(aws, await observeLoadBalancers(aws, call), call);
  return { ours: byId(found, cluster), byName: new Map(found.map(one => [one.name, one])) };
}

/** Ours are known by their names first: tags cost a request for each 20. */
export async function lookAtTargetGroups(aws: Aws, cluster: string, call: Call): Promise<TargetGroupsSeen> {
  const found = await observeTargetGroups(aws, call);
  const named = found.filter(({ name }) => name.startsWith('fl-'));
  return { ours: byId(await tagged(aws, named, call), cluster) };
}

export async function lookAtSecurityGroups(aws: Aws, cluster: string, call: Call): Promise<SecurityGroupsSeen> {
  const found = await observeSecurityGroups(aws, { tags: { [tagKeys.cluster]: [cluster] } }, call);
  return {
    ours: byId(found, cluster),
    shared: found.filter(({ tags }) => tags[tagKeys.uid] === undefined && tags[tagKeys.cluster] === cluster),
  };
}

/** Whose it is; `undefined`: nobody's of this cluster. Pure. */
export function ownerOf(tags: Tags, cluster: string): Owner | undefined {
  const [id, uid, service = ''] = [tags[tagKeys.id], tags[tagKeys.uid], tags[tagKeys.service]];
  if (tags[tagKeys.cluster] !== cluster || id === undefined || uid === undefined) return undefined;
  const [namespace = '', name = ''] = service.split('/', 2);
  return { id, service: { namespace, name, uid } };
}

/** What has vanished between the two requests has no tags any more, and is left out. */
async function tagged<Found extends { readonly arn: string }>(
  aws: Aws,
  found: readonly Found[],
  call: Call,
): Promise<readonly (Found & Tagged)[]> {
  const arns = found.map(({ arn }) => arn);
  const tags = arns.length === 0 ? new Map<string, Tags>() : await observeTags(aws, arns, call);
  return found.flatMap(one => {
    const own = tags.get(one.arn);
    return own === undefined ? [] : [{ ...one, tags: own }];
  });
}

function byId<Found extends Tagged>(found: readonly Found[], cluster: string): ReadonlyMap<string, readonly Found[]> {
  const ours = new Map<string, Found[]>();
  for (const one of found) {
    const owner = ownerOf(one.tags, cluster);
    if (owner === undefined) continue;
    const same = ours.get(owner.id);
    if (same === undefined) ours.set(owner.id, [one]);
    else same.push(one);
  }
  return ours;
}
