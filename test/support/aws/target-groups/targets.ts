import { isIPv4, isIPv6 } from 'node:net';
import { cidrContains } from '../network/cidr.ts';
import type { Operation } from '../services/service.ts';
import type { Params } from '../wire/params.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { Listener, TargetGroup } from '../world/elb-model.ts';
import { targetsOf } from './health.ts';
import { loadBalancersOf, targetGroupAt } from './lookup.ts';

interface Wanted {
  readonly id: string;
  readonly port: number | undefined;
  readonly zone: string | undefined;
}

/** All or none. One that is there already stays as it is; one that drains comes back. */
export const registerTargets: Operation = params => {
  const arn = params.required('TargetGroupArn');
  const wanted = readTargets(params);
  return account => {
    const group = targetGroupAt(account, arn);
    for (const target of wanted) checkTarget(account, group, target);
    const draft = new Map(targetsOf(account, group).map(target => [keyOf(target.id, target.port), target]));
    for (const { id, port = group.port, zone } of wanted) {
      if (draft.get(keyOf(id, port))?.drainedAt !== undefined || !draft.has(keyOf(id, port)))
        draft.set(keyOf(id, port), { id, port, zone, registeredAt: account.now() });
    }
    checkQuotas(account, group, draft.size);
    for (const [key, target] of draft) group.targets.set(key, target);
    return {};
  };
};

/** Deregistering what is not registered succeeds. What a load balancer uses drains first. */
export const deregisterTargets: Operation = params => {
  const arn = params.required('TargetGroupArn');
  const unwanted = readTargets(params);
  return account => {
    const group = targetGroupAt(account, arn);
    const delay = Number(group.attributes.get('deregistration_delay.timeout_seconds')) * 1_000;
    const drainedAt = account.now() + (account.settings.drainingMs ?? delay);
    for (const { id, port = group.port } of unwanted) {
      const target = group.targets.get(keyOf(id, port));
      if (target === undefined || target.drainedAt !== undefined) continue;
      if (account.usersOf(arn).length === 0) group.targets.delete(keyOf(id, port));
      else group.targets.set(keyOf(id, port), { ...target, drainedAt });
    }
    return {};
  };
};

/** Throws where a load balancer with these groups would have too many targets; a target in two groups counts twice. */
export function checkTargetsOfBalancer(account: Account, groupArns: readonly string[], added = 0): void {
  const groups = [...new Set(groupArns)].flatMap(arn => account.targetGroups.get(arn) ?? []);
  const count = groups.reduce((sum, group) => sum + targetsOf(account, group).length, added);
  if (count > account.settings.quotas.targetsPerLoadBalancer)
    throw new Refusal('TooManyTargets', "You've reached the limit on the number of targets of a load balancer");
}

function readTargets(params: Params): readonly Wanted[] {
  const targets = params.structs('Targets', item => ({
    id: item.required('Id'),
    port: item.within('Port', 1, 65_535),
    zone: item.optional('AvailabilityZone'),
  }));
  if (targets === undefined || targets.length === 0)
    throw new Refusal('ValidationError', 'At least one target must be given');
  return targets;
}

function checkTarget(account: Account, group: TargetGroup, { id, zone }: Wanted): void {
  const refuse = (why: string) => new Refusal('InvalidTarget', `The following targets are not valid: '${id}' ${why}`);
  if (group.targetType === 'instance') {
    const instance = account.instances.get(id);
    if (instance === undefined) throw refuse('is no instance');
    if (instance.state !== 'running') throw refuse('is not in a running state');
    if (instance.vpcId !== group.vpcId) throw refuse('is not in the VPC of the target group');
    return;
  }
  if (group.addressType === 'ipv4' ? !isIPv4(id) : !isIPv6(id)) throw refuse(`is no ${group.addressType} address`);
  const vpc = account.vpcs.get(group.vpcId);
  if (cidrContains(vpc?.cidr ?? '', id) || cidrContains(vpc?.ipv6Cidr ?? '', id)) return;
  if (!outside.some(cidr => cidrContains(cidr, id))) throw refuse('is neither in the VPC nor a private address');
  if (zone === undefined) throw refuse("is outside the VPC and needs the Availability Zone 'all'");
}

/** Where addresses outside the VPC may lie. */
const outside = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];

function checkQuotas(account: Account, group: TargetGroup, count: number): void {
  if (count > account.settings.quotas.targetsPerTargetGroup)
    throw new Refusal('TooManyTargets', "You've reached the limit on the number of targets of a target group");
  const added = count - targetsOf(account, group).length;
  for (const arn of loadBalancersOf(account, group.arn))
    checkTargetsOfBalancer(account, account.listenersOf(arn).flatMap(groupsOf), added);
}

function groupsOf({ action }: Listener): readonly string[] {
  return action.targetGroups.map(({ arn }) => arn);
}

function keyOf(id: string, port: number): string {
  return `${id} ${port}`;
}
