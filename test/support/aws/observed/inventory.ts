import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { loadBalancerDefaults } from '../load-balancers/attributes.ts';
import { targetGroupDefaults } from '../target-groups/attributes.ts';
import type { ElbProtocol } from '../world/elb-model.ts';
import { type ObservedWorld, recordOf } from './observed-world.ts';

/**
 * One line for each thing, with all its fields but those that another making of the same changes: things are named by name, not by ARN or id,
 * and states and times are left out. Of attributes those that differ from AWS's defaults, since moto shows others and not all.
 */
export function inventoryOf(world: ObservedWorld): readonly string[] {
  const groupNames = new Map(world.groups.map(({ shape }) => [shape.TargetGroupArn, shape.TargetGroupName]));
  const securityGroupNames = new Map(world.securityGroups.map(({ GroupId, GroupName }) => [GroupId, GroupName]));
  return [
    ...world.balancers.flatMap(balancer => [
      balancerLine(balancer, securityGroupNames),
      ...balancer.listeners.map(listener => listenerLine(balancer.shape.LoadBalancerName, listener, groupNames)),
    ]),
    ...world.groups.flatMap(group => [
      groupLine(group),
      ...group.targets.map(({ Target }) => line('target', group.shape.TargetGroupName, Target?.Id, Target?.Port)),
    ]),
    ...world.securityGroups.flatMap(group => securityGroupLines(group, securityGroupNames)),
  ];
}

type Names = ReadonlyMap<string | undefined, string | undefined>;

function balancerLine({ shape, tags, attributes }: ObservedWorld['balancers'][number], names: Names): string {
  return line('load balancer', shape.LoadBalancerName, {
    hostname: shape.DNSName,
    scheme: shape.Scheme,
    addressType: shape.IpAddressType,
    subnets: shape.AvailabilityZones?.map(({ SubnetId, LoadBalancerAddresses }) => [SubnetId, LoadBalancerAddresses]),
    securityGroups: shape.SecurityGroups?.map(id => names.get(id)).toSorted(),
    attributes: withoutDefaults(attributes, new Map(loadBalancerDefaults)),
    tags: sorted(tags),
  });
}

function listenerLine(
  balancer: string | undefined,
  { shape, tags, certificates }: ObservedWorld['balancers'][number]['listeners'][number],
  names: Names,
): string {
  const isTls = shape.Protocol === 'TLS';
  return line('listener', balancer, shape.Port, {
    protocol: shape.Protocol,
    ...(isTls && { certificates: certificates.toSorted(), policy: shape.SslPolicy, alpn: shape.AlpnPolicy }),
    groups: shape.DefaultActions?.flatMap(({ TargetGroupArn, ForwardConfig }) =>
      (ForwardConfig?.TargetGroups ?? [{ TargetGroupArn }]).map(group => names.get(group.TargetGroupArn)),
    ),
    tags: sorted(tags),
  });
}

function groupLine({ shape, tags, attributes }: ObservedWorld['groups'][number]): string {
  const isHttp = shape.HealthCheckProtocol !== 'TCP';
  return line('target group', shape.TargetGroupName, {
    protocol: shape.Protocol,
    port: shape.Port,
    type: shape.TargetType,
    addressType: shape.IpAddressType,
    check: [
      shape.HealthCheckProtocol,
      shape.HealthCheckPort,
      isHttp && [shape.HealthCheckPath, shape.Matcher?.HttpCode],
      shape.HealthCheckIntervalSeconds,
      shape.HealthCheckTimeoutSeconds,
      shape.HealthyThresholdCount,
      shape.UnhealthyThresholdCount,
    ],
    attributes: withoutDefaults(attributes, defaultsOf(shape)),
    tags: sorted(tags),
  });
}

function defaultsOf({ Protocol, TargetType }: TargetGroup): ReadonlyMap<string, string> {
  const targetType = TargetType === 'ip' ? 'ip' : 'instance';
  return new Map(targetGroupDefaults({ protocol: Protocol as ElbProtocol, targetType }));
}

/** Of keys that a Network Load Balancer does not have, as moto shows them, nothing either. */
function withoutDefaults(attributes: Readonly<Record<string, string>>, defaults: ReadonlyMap<string, string>) {
  const differing = Object.entries(attributes).filter(([key, value]) => {
    const usual = defaults.get(key);
    return usual !== undefined && usual !== value;
  });
  return sorted(Object.fromEntries(differing));
}

function securityGroupLines(group: SecurityGroup, names: Names): readonly string[] {
  const { GroupName, Description, VpcId, Tags, IpPermissions = [] } = group;
  return [
    line('security group', GroupName, { description: Description, vpc: VpcId, tags: sorted(recordOf(Tags)) }),
    ...IpPermissions.flatMap(permission =>
      sourcesOf(permission, names).map(source =>
        line('rule', GroupName, permission.IpProtocol, permission.FromPort, permission.ToPort, ...source),
      ),
    ),
  ];
}

/** Each source with its description. */
export function sourcesOf(
  { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] }: IpPermission,
  names: Names,
): readonly (readonly [string | undefined, string | undefined])[] {
  return [
    ...IpRanges.map(one => [one.CidrIp, one.Description] as const),
    ...Ipv6Ranges.map(one => [one.CidrIpv6, one.Description] as const),
    ...PrefixListIds.map(one => [one.PrefixListId, one.Description] as const),
    ...UserIdGroupPairs.map(one => [names.get(one.GroupId) ?? one.GroupId, one.Description] as const),
  ];
}

function line(kind: string, ...fields: readonly unknown[]): string {
  return `${kind} ${fields.map(field => (typeof field === 'string' ? field : JSON.stringify(field))).join(' ')}`;
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
