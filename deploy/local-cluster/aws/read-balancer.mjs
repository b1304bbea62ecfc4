import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/**
 * What stands behind one hostname, as AWS tells it.
 * @typedef {{ protocol: string, port: number, targets: readonly string[] }} ReadListener `targets`: `id:port`, sorted
 * @typedef {{ name: string, type: string, scheme: string, state: string, zones: readonly string[],
 *   listeners: readonly ReadListener[], securityGroups: readonly ReadGroup[] }} ReadBalancer
 * @typedef {{ id: string, name: string, inbound: readonly string[] }} ReadGroup `inbound`: `tcp 80 from 0.0.0.0/0`, sorted
 */

/**
 * Undefined where no balancer has that hostname.
 * @param {import('./clients.mjs').AwsClients} clients
 * @param {string} hostname
 * @returns {Promise<ReadBalancer | undefined>}
 */
export async function readBalancer(clients, hostname) {
  const balancer = (await allBalancers(clients)).find(one => one.DNSName === hostname);
  if (balancer === undefined) return undefined;
  const { LoadBalancerArn: arn, SecurityGroups: groups = [] } = balancer;
  const { Listeners = [] } = await clients.elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
  const listeners = await Promise.all(Listeners.map(listener => readListener(clients, listener)));
  return {
    name: balancer.LoadBalancerName ?? '',
    type: balancer.Type ?? '',
    scheme: balancer.Scheme ?? '',
    state: balancer.State?.Code ?? '',
    zones: (balancer.AvailabilityZones ?? []).map(({ ZoneName = '' }) => ZoneName).sort(),
    listeners: listeners.sort((a, b) => a.port - b.port),
    securityGroups: groups.length === 0 ? [] : await readGroups(clients, groups),
  };
}

/**
 * What is left of balancers in a VPC: load balancers, target groups, security groups, and rules on the group of the nodes.
 * @param {import('./clients.mjs').AwsClients} clients
 * @param {string} vpcId
 * @param {string} nodeGroup
 * @returns {Promise<readonly string[]>}
 */
export async function readLeftovers(clients, vpcId, nodeGroup) {
  const balancers = (await allBalancers(clients)).filter(one => one.VpcId === vpcId);
  const { TargetGroups = [] } = await clients.elb.send(new DescribeTargetGroupsCommand({}));
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const { SecurityGroups = [] } = await clients.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const groups = SecurityGroups.filter(({ GroupId, GroupName }) => GroupName !== 'default' && GroupId !== nodeGroup);
  const [nodes] = await readGroups(clients, [nodeGroup]);
  return [
    ...balancers.map(one => `load balancer ${one.LoadBalancerName}`),
    ...TargetGroups.filter(one => one.VpcId === vpcId).map(one => `target group ${one.TargetGroupName}`),
    ...groups.map(one => `security group ${one.GroupName}`),
    ...(nodes?.inbound ?? []).map(rule => `rule on the group of the nodes: ${rule}`),
  ];
}

/** @param {import('./clients.mjs').AwsClients} clients */
async function allBalancers({ elb }) {
  const found = [];
  for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: elb }, {}))
    found.push(...LoadBalancers);
  return found;
}

/**
 * @param {import('./clients.mjs').AwsClients} clients
 * @param {import('@aws-sdk/client-elastic-load-balancing-v2').Listener} listener
 * @returns {Promise<ReadListener>}
 */
async function readListener({ elb }, { Protocol, Port = 0, DefaultActions = [] }) {
  const arns = DefaultActions.flatMap(action => {
    const weighted = action.ForwardConfig?.TargetGroups?.map(({ TargetGroupArn }) => TargetGroupArn) ?? [];
    return weighted.length > 0 ? weighted : [action.TargetGroupArn];
  });
  const health = await Promise.all(arns.map(arn => elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))));
  const targets = health.flatMap(({ TargetHealthDescriptions = [] }) =>
    TargetHealthDescriptions.map(({ Target }) => `${Target?.Id}:${Target?.Port}`),
  );
  return { protocol: Protocol ?? '', port: Port, targets: targets.sort() };
}

/**
 * @param {import('./clients.mjs').AwsClients} clients
 * @param {string[]} ids
 * @returns {Promise<readonly ReadGroup[]>}
 */
export async function readGroups({ ec2 }, ids) {
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ids }));
  return SecurityGroups.map(({ GroupId: id = '', GroupName: name = '', IpPermissions = [] }) => ({
    id,
    name,
    inbound: IpPermissions.flatMap(inboundOf).sort(),
  }));
}

/** @param {import('@aws-sdk/client-ec2').IpPermission} permission */
function inboundOf({ IpProtocol, FromPort, ToPort, IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [] }) {
  const ports = FromPort === ToPort ? `${FromPort}` : `${FromPort}-${ToPort}`;
  const sources = [
    ...IpRanges.map(({ CidrIp }) => CidrIp),
    ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
    ...UserIdGroupPairs.map(({ GroupId }) => GroupId),
  ];
  return sources.map(source => `${IpProtocol} ${ports} from ${source}`);
}
