import type { Scheme } from '../../model/desired.ts';
import type { ObservedSubnet } from '../../model/observed.ts';

/** By which subnets are found, empty or `1`: https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html */
export const roleTags: Readonly<Record<Scheme, string>> = {
  'internet-facing': 'kubernetes.io/role/elb',
  internal: 'kubernetes.io/role/internal-elb',
};

const clusterPrefix = 'kubernetes.io/cluster/';

export function clusterTag(clusterName: string): string {
  return `${clusterPrefix}${clusterName}`;
}

/** Marked for other clusters, and not for this one. Without a name no mark is another's. Pure. */
export function isOfOthers({ tags }: ObservedSubnet, clusterName: string | undefined): boolean {
  if (clusterName === undefined || clusterTag(clusterName) in tags) return false;
  return Object.keys(tags).some(key => key.startsWith(clusterPrefix));
}

export function isOfCluster({ tags }: ObservedSubnet, clusterName: string | undefined): boolean {
  return clusterName !== undefined && clusterTag(clusterName) in tags;
}

/** All that a user means by an id or by the value of a tag `Name`. Pure. */
export function byIdOrName<Thing extends { readonly id: string; readonly tags: Readonly<Record<string, string>> }>(
  things: readonly Thing[],
  name: string,
): readonly Thing[] {
  const same = things.filter(thing => thing.id === name);
  return same.length > 0 ? same : things.filter(thing => thing.tags['Name'] === name);
}

/**
 * Availability zone, local zone or wavelength zone: a balancer stands in one kind only. Where AWS was not asked, by the name: only
 * availability zones are the region and a letter (`us-west-2a`, `us-west-2-lax-1a`, `us-east-1-wl1-bos-wlz-1`). Pure.
 */
export function zoneTypeOf({ zone, zoneType }: ObservedSubnet): string {
  if (zoneType !== undefined) return zoneType;
  if (/^[a-z-]+-\d+[a-z]$/.test(zone)) return 'availability-zone';
  return zone.includes('-wlz-') ? 'wavelength-zone' : 'local-zone';
}
