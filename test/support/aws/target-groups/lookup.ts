import { checkArn } from '../load-balancers/lookup.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { TargetGroup } from '../world/elb-model.ts';

export function targetGroupAt(account: Account, arn: string): TargetGroup {
  checkArn('targetgroup', arn);
  const found = account.targetGroups.get(arn);
  if (found === undefined) throw new Refusal('TargetGroupNotFound', `Target groups '[${arn}]' not found`);
  return found;
}

export function loadBalancersOf(account: Account, targetGroupArn: string): readonly string[] {
  return [...new Set(account.usersOf(targetGroupArn).map(({ loadBalancerArn }) => loadBalancerArn))];
}

export function targetGroupXml(account: Account, group: TargetGroup): Answer {
  const { healthCheck } = group;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    TargetType: group.targetType,
    IpAddressType: group.addressType,
    LoadBalancerArns: loadBalancersOf(account, group.arn),
    HealthCheckEnabled: true,
    HealthCheckProtocol: healthCheck.protocol,
    HealthCheckPort: healthCheck.port,
    HealthCheckPath: healthCheck.path,
    HealthCheckIntervalSeconds: healthCheck.interval,
    HealthCheckTimeoutSeconds: healthCheck.timeout,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
    Matcher: healthCheck.matcher === undefined ? undefined : { HttpCode: healthCheck.matcher },
  };
}
