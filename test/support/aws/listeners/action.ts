import { loadBalancersOf, targetGroupAt } from '../target-groups/lookup.ts';
import { checkTargetsOfBalancer } from '../target-groups/targets.ts';
import type { Params } from '../wire/params.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { ElbProtocol, ForwardAction, LoadBalancer } from '../world/elb-model.ts';

/** What a listener's target groups may speak (AWS: "Target groups for your Network Load Balancers"). */
const compatible: Readonly<Record<ElbProtocol, readonly ElbProtocol[]>> = {
  TCP: ['TCP', 'TCP_UDP'],
  UDP: ['UDP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  TCP_UDP: ['TCP_UDP'],
  QUIC: ['QUIC', 'TCP_QUIC'],
  TCP_QUIC: ['TCP_QUIC'],
};

const maxGroups = 5;

/** `DefaultActions`, which must be one that forwards; `undefined` where the request has none. */
export function readAction(params: Params): ForwardAction | undefined {
  const actions = params.structs('DefaultActions', item => {
    if (item.required('Type') !== 'forward')
      throw new Refusal('InvalidLoadBalancerAction', 'Listeners of a Network Load Balancer can only forward');
    const arn = item.optional('TargetGroupArn');
    const config = item.struct('ForwardConfig', readForwardConfig);
    item.within('Order', 1, 50_000);
    return chooseAction(arn, config);
  });
  if (actions === undefined) return undefined;
  const [action] = actions;
  if (action === undefined || actions.length > 1)
    throw new Refusal('ValidationError', 'Exactly one default action must be given');
  return action;
}

function readForwardConfig(config: Params): ForwardAction {
  const targetGroups = config.structs('TargetGroups', item => ({
    arn: item.required('TargetGroupArn'),
    weight: item.within('Weight', 0, 999),
  }));
  const stickiness = config.struct('TargetGroupStickinessConfig', item => ({
    enabled: item.flag('Enabled') ?? false,
    seconds: item.within('DurationSeconds', 1, 604_800),
  }));
  return { targetGroups: targetGroups ?? [], stickiness };
}

function chooseAction(arn: string | undefined, config: ForwardAction | undefined): ForwardAction {
  const action = config ?? { targetGroups: arn === undefined ? [] : [{ arn, weight: undefined }] };
  const [first, ...others] = action.targetGroups;
  if (first === undefined) throw new Refusal('ValidationError', 'A target group ARN must be given');
  if (arn !== undefined && (first.arn !== arn || others.length > 0))
    throw new Refusal('InvalidLoadBalancerAction', 'TargetGroupArn and ForwardConfig name different target groups');
  if (others.length >= maxGroups)
    throw new Refusal('TooManyUniqueTargetGroupsPerLoadBalancer', `At most ${maxGroups} target groups can be given`);
  if (new Set(action.targetGroups.map(group => group.arn)).size <= others.length)
    throw new Refusal('InvalidLoadBalancerAction', 'A target group is given twice');
  if (others.length === 0) return action;
  return { ...action, targetGroups: action.targetGroups.map(group => ({ ...group, weight: group.weight ?? 1 })) };
}

/** Throws unless the load balancer's listener of that protocol may forward there. */
export function checkAction(
  account: Account,
  balancer: LoadBalancer,
  protocol: ElbProtocol,
  action: ForwardAction,
): void {
  for (const { arn } of action.targetGroups) {
    const group = targetGroupAt(account, arn);
    if (!compatible[protocol].includes(group.protocol))
      throw new Refusal(
        'IncompatibleProtocols',
        `A listener of protocol ${protocol} cannot forward to the target group '${arn}' of protocol ${group.protocol}`,
      );
    if (group.vpcId !== balancer.vpcId)
      throw new Refusal('InvalidConfigurationRequest', `The target group '${arn}' is in another VPC`);
    if (group.addressType === 'ipv6' && balancer.addressType !== 'dualstack')
      throw new Refusal('InvalidConfigurationRequest', `The target group '${arn}' needs a dualstack load balancer`);
    if (loadBalancersOf(account, arn).some(other => other !== balancer.arn))
      throw new Refusal(
        'TargetGroupAssociationLimit',
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      );
  }
  const used = account.listenersOf(balancer.arn).flatMap(listener => listener.action.targetGroups);
  checkTargetsOfBalancer(
    account,
    [...used, ...action.targetGroups].map(({ arn }) => arn),
  );
}

export function actionXml({ targetGroups, stickiness }: ForwardAction): Answer {
  const [first, ...others] = targetGroups;
  return {
    Type: 'forward',
    TargetGroupArn: others.length === 0 ? first?.arn : undefined,
    ForwardConfig: {
      TargetGroups: targetGroups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
      TargetGroupStickinessConfig: { Enabled: stickiness?.enabled ?? false, DurationSeconds: stickiness?.seconds },
    },
  };
}
