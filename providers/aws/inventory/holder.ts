import type { DesiredBalancer } from '../model/desired.ts';
import type { Tags } from '../model/observed.ts';
import { tagKeys } from '../model/tags.ts';

/** Whether something carries the marks of this very Service in this very cluster. Pure. */
export function isOurs(tags: Tags, { cluster, service }: Pick<DesiredBalancer, 'cluster' | 'service'>): boolean {
  return tags[tagKeys.cluster] === cluster && tags[tagKeys.uid] === service.uid;
}

/** Whose something is, for people. Pure. */
export function holderIn(tags: Tags): string {
  const [cluster, service] = [tags[tagKeys.cluster], tags[tagKeys.service]];
  if (cluster === undefined) return 'a load balancer that is not fairlead’s';
  return `Service ${service ?? '?'} of cluster ${cluster}`;
}
