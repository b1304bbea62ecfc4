import type { BalancerRecord } from '../../inventory/balancer-record.ts';
import type { Tags } from '../../model/observed.ts';
import { tagSecurityGroups, untagSecurityGroups } from '../../resources/security-groups.ts';
import { addTags, removeTags } from '../../resources/tags.ts';
import type { Appliers } from './work.ts';

export const tagAppliers: Appliers<'add-tags' | 'remove-tags' | 'tag-security-group' | 'untag-security-group'> = {
  async 'add-tags'({ aws }, { record, call }, { arns, tags }) {
    await record.change(() => addTags(aws, arns, tags, call));
    retag(record, arns, before => ({ ...before, ...tags }));
  },
  async 'remove-tags'({ aws }, { record, call }, { arns, keys }) {
    await record.change(() => removeTags(aws, arns, keys, call));
    retag(record, arns, before => without(before, keys));
  },
  async 'tag-security-group'({ aws }, { record, call }, { tags }) {
    const { id = '' } = record.known.securityGroup ?? {};
    await record.change(() => tagSecurityGroups(aws, [id], tags, call));
    record.patchSecurityGroup(before => ({ tags: { ...before.tags, ...tags } }));
  },
  async 'untag-security-group'({ aws }, { record, call }, { keys }) {
    const { id = '' } = record.known.securityGroup ?? {};
    await record.change(() => untagSecurityGroups(aws, [id], keys, call));
    record.patchSecurityGroup(before => ({ tags: without(before.tags, keys) }));
  },
};

function retag(record: BalancerRecord, arns: readonly string[], change: (before: Tags) => Tags): void {
  record.patchLoadBalancer(({ arn, tags }) => (arns.includes(arn) ? { tags: change(tags) } : {}));
  for (const { arn, tags } of record.known.targetGroups)
    if (arns.includes(arn)) record.patchTargetGroup(arn, { tags: change(tags) });
}

function without(tags: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
