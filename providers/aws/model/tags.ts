import type { ServiceIdentity } from '../../../src/provider/provider.ts';
import type { DesiredBalancer } from './desired.ts';

/** The marks by which everything of ours is known, given in the very call that makes a thing. */
export const tagKeys = {
  /** The cluster's id: without it a thing is nobody's, with another it is somebody else's. */
  cluster: 'fairlead.dev/cluster',
  /** `namespace/name` of the Service. */
  service: 'fairlead.dev/service',
  /** UID of the Service; absent on what the whole cluster shares. */
  uid: 'fairlead.dev/uid',
  /** The contract's id of the Service: what a list of what exists is made of. */
  id: 'fairlead.dev/id',
  /** What the part is for: see `Role`. */
  role: 'fairlead.dev/role',
} as const;

export type Role = 'load-balancer' | 'target-group' | 'listener' | 'frontend-security-group' | 'backend-security-group';

export function ownershipTags(cluster: string, service: ServiceIdentity): Readonly<Record<string, string>> {
  return {
    [tagKeys.cluster]: cluster,
    [tagKeys.service]: `${service.namespace}/${service.name}`,
    [tagKeys.uid]: service.uid,
  };
}

/** Equal on every part of a balancer. */
export function balancerTags({ id, tags }: Pick<DesiredBalancer, 'id' | 'tags'>): Readonly<Record<string, string>> {
  return { ...tags, [tagKeys.id]: id };
}

/** All tags of one part, to be given in the very call that makes it. */
export function partTags(balancer: Pick<DesiredBalancer, 'id' | 'tags'>, role: Role): Readonly<Record<string, string>> {
  return { ...balancerTags(balancer), [tagKeys.role]: role };
}

/** On every rule of ours, of whichever security group: rules that say something else are somebody else's. */
export function ruleDescription(cluster: string): string {
  return `${tagKeys.cluster}=${cluster}`.replaceAll(/[^A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]/g, '-').slice(0, 255);
}
