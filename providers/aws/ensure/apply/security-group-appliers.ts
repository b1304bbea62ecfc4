import { ProviderError } from '../../../../src/provider/provider-error.ts';
import { isDuplicate, isInUse } from '../../client/classify-error.ts';
import { ruleKey } from '../../desired/security-rules.ts';
import { isOurs } from '../../inventory/holder.ts';
import type { ObservedSecurityGroup } from '../../model/observed.ts';
import { partTags, ruleDescription } from '../../model/tags.ts';
import {
  authorizeIngress,
  createSecurityGroup,
  deleteSecurityGroup,
  observeSecurityGroups,
  revokeIngress,
} from '../../resources/security-groups.ts';
import type { Appliers, ApplyDeps, Work } from './work.ts';

export const securityGroupAppliers: Appliers<
  'ensure-backend-group' | 'create-security-group' | 'authorize' | 'revoke' | 'delete-security-group'
> = {
  'ensure-backend-group': ({ backend }, { desired, call }) => backend.ensure(desired, call),
  'create-security-group': create,
  async authorize({ aws }, { desired, record, call }, { rules }) {
    const group = present(record.known.securityGroup);
    // One that was taken over has rules already.
    const there = new Set(group.rules.map(ruleKey));
    const description = ruleDescription(desired.cluster);
    const missing = rules.filter(rule => !there.has(ruleKey(rule))).map(rule => ({ ...rule, description }));
    if (missing.length === 0) return;
    await record.change(() => authorizeIngress(aws, group.id, missing, call));
    record.patchSecurityGroup(before => ({ rules: [...before.rules, ...missing] }));
  },
  async revoke({ aws }, { record, call }, { rules }) {
    const { id } = present(record.known.securityGroup);
    await record.change(() => revokeIngress(aws, id, rules, call));
    const gone = new Set(rules.map(ruleKey));
    record.patchSecurityGroup(before => ({ rules: before.rules.filter(rule => !gone.has(ruleKey(rule))) }));
  },
  async 'delete-security-group'({ aws }, { record, call, waits }) {
    const { id } = present(record.known.securityGroup);
    try {
      await record.change(() => deleteSecurityGroup(aws, id, call));
      record.setSecurityGroup(undefined);
    } catch (error) {
      if (!isInUse(error)) throw error;
      waits.add(`security group ${id} is still in use`);
    }
  },
};

async function create({ aws }: ApplyDeps, { desired, record, call }: Work): Promise<void> {
  const { cluster, service, vpcId, securityGroups } = desired;
  if (securityGroups.kind !== 'own') return;
  const { name } = securityGroups;
  const tags = partTags(desired, 'frontend-security-group');
  const description = `Who may connect to Service ${service.namespace}/${service.name}`.slice(0, 255);
  try {
    const wanted = { name, description, vpcId, tags };
    const id = await record.change(() => createSecurityGroup(aws, wanted, call));
    record.setSecurityGroup({ id, name, vpcId, tags, rules: [] });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const [found] = await observeSecurityGroups(aws, { name, vpcId }, call);
    if (found === undefined)
      throw new Error(`security group ${name} is said to exist, and is not shown yet`, { cause: error });
    if (!isOurs(found.tags, desired))
      throw new ProviderError(
        'rejected',
        `the security group name ${name} is taken in cluster ${cluster}’s VPC: delete that group`,
      );
    record.setSecurityGroup(found);
  }
}

function present(group: ObservedSecurityGroup | undefined): ObservedSecurityGroup {
  if (group === undefined) throw new Error('the security group of the load balancer is not there any more');
  return group;
}
