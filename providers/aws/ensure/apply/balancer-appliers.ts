import { ProviderError } from '../../../../src/provider/provider-error.ts';
import type { AwsCall } from '../../client/aws.ts';
import { isDuplicate } from '../../client/classify-error.ts';
import { balancerName } from '../../desired/names.ts';
import { holderIn, isOurs } from '../../inventory/holder.ts';
import type { KnownLoadBalancer } from '../../inventory/known-balancer.ts';
import type { DesiredBalancer } from '../../model/desired.ts';
import type { ObservedLoadBalancer } from '../../model/observed.ts';
import { partTags } from '../../model/tags.ts';
import { modifyLoadBalancerAttributes } from '../../resources/attributes.ts';
import {
  createLoadBalancer,
  observeLoadBalancerNamed,
  setAddressType,
  setSecurityGroups,
  setSubnets,
} from '../../resources/load-balancers.ts';
import { observeTags } from '../../resources/tags.ts';
import { wantedGroupIds } from '../plan/plan-security-group.ts';
import type { Appliers, ApplyDeps, Work } from './work.ts';

export const balancerAppliers: Appliers<
  | 'create-load-balancer'
  | 'modify-load-balancer-attributes'
  | 'set-subnets'
  | 'set-address-type'
  | 'set-security-groups'
> = {
  'create-load-balancer': create,
  async 'modify-load-balancer-attributes'({ aws }, { record, call }, { attributes }) {
    const { arn } = present(record.known.loadBalancer);
    await record.change(() => modifyLoadBalancerAttributes(aws, arn, attributes, call));
    record.patchLoadBalancer(before => ({ attributes: { ...before.attributes, ...attributes } }));
  },
  async 'set-subnets'({ aws }, { desired, record, call }) {
    const { arn } = present(record.known.loadBalancer);
    await record.change(() => setSubnets(aws, arn, desired.subnets, call));
    record.patchLoadBalancer(() => ({ subnetIds: subnetIdsOf(desired) }));
  },
  async 'set-address-type'({ aws }, { desired, record, call }) {
    const { arn } = present(record.known.loadBalancer);
    await record.change(() => setAddressType(aws, arn, desired.addressType, call));
    record.patchLoadBalancer(() => ({ addressType: desired.addressType }));
  },
  async 'set-security-groups'(deps, work) {
    const { record, call } = work;
    const { arn } = present(record.known.loadBalancer);
    const ids = groupIds(deps, work);
    await record.change(() => setSecurityGroups(deps.aws, arn, ids, call));
    record.patchLoadBalancer(() => ({ securityGroupIds: ids }));
  },
};

/**
 * AWS answers a create of what exists with success where the settings are equal, and refuses it otherwise; moto makes a second one. So a name that
 * somebody else is known to have is not tried, and a name that a user has chosen is looked at afterwards: whose the answer was.
 */
async function create(deps: ApplyDeps, work: Work): Promise<void> {
  const { desired, record, call } = work;
  const { name, scheme, addressType, subnets } = desired;
  const holder = deps.inventory.holderOf(name, record.owner);
  if (holder !== undefined) throw taken(name, holder);
  const securityGroupIds = groupIds(deps, work);
  const tags = partTags(desired, 'load-balancer');
  const wanted = { name, scheme, addressType, subnets, securityGroupIds, tags };
  try {
    const made = await record.change(() => createLoadBalancer(deps.aws, wanted, call));
    if (name !== balancerName(desired.cluster, desired.service)) await assertOurs(deps, made, desired, call);
    const state = { scheme, addressType, subnetIds: subnetIdsOf(desired), securityGroupIds };
    record.setLoadBalancer({ ...made, ...state, tags, attributes: {} });
    record.update({ listeners: [] });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    record.setLoadBalancer(await takeOver(deps, desired, call));
    record.update({ listeners: undefined });
  }
}

async function assertOurs(
  { aws }: ApplyDeps,
  { arn, name }: ObservedLoadBalancer,
  desired: DesiredBalancer,
  call: AwsCall,
): Promise<void> {
  const tags = (await observeTags(aws, [arn], call)).get(arn) ?? {};
  if (!isOurs(tags, desired)) throw taken(name, holderIn(tags));
}

/** One of that name is there: made by us when an answer was lost, or somebody else's. */
async function takeOver({ aws }: ApplyDeps, desired: DesiredBalancer, call: AwsCall): Promise<KnownLoadBalancer> {
  const found = await observeLoadBalancerNamed(aws, desired.name, call);
  if (found === undefined) throw new Error(`load balancer ${desired.name} is said to exist, and is not shown yet`);
  const tags = (await observeTags(aws, [found.arn], call)).get(found.arn) ?? {};
  if (!isOurs(tags, desired)) throw taken(desired.name, holderIn(tags));
  return { ...found, tags, attributes: undefined };
}

function taken(name: string, holder: string): ProviderError {
  return new ProviderError(
    'rejected',
    `the load balancer name ${name} is taken by ${holder}: choose another name, or delete that one`,
  );
}

function groupIds({ backend }: ApplyDeps, { desired, record }: Work): readonly string[] {
  const ids = wantedGroupIds(desired, record.known, backend.state(desired).id);
  if (ids === undefined) throw new Error(`the security groups of ${desired.name} are not there yet`);
  return ids;
}

function subnetIdsOf({ subnets }: DesiredBalancer): readonly string[] {
  return subnets.map(({ subnetId }) => subnetId);
}

function present(loadBalancer: KnownLoadBalancer | undefined): KnownLoadBalancer {
  if (loadBalancer === undefined) throw new Error('the load balancer is not there any more');
  return loadBalancer;
}
