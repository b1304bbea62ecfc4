import type { ServiceIdentity } from '../../../src/provider/provider.ts';

/** The marks by which everything of ours is known, given in the very call that makes a thing. */
export const tagKeys = {
  /** The cluster's id: without it a thing is nobody's, with another it is somebody else's. */
  cluster: 'fairlead.dev/cluster',
  /** `namespace/name` of the Service. */
  service: 'fairlead.dev/service',
  /** UID of the Service; absent on what the whole cluster shares. */
  uid: 'fairlead.dev/uid',
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
