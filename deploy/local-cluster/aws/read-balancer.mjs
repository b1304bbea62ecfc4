import { paginateDescribeSecurityGroups } from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeTargetHealthCommand,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
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
 * Everything of which balancers are made, one line each, whosever it is: two such lists tell what has come and gone between them.
 * @param {import('./clients.mjs').AwsClients} clients
 * @returns {Promise<readonly string[]>}
 */
export async function readInventory(clients) {
  const groups = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: clients.elb }, {}))
    groups.push(...TargetGroups);
  return [
    ...(await allBalancers(clients)).map(one => `load balancer ${one.LoadBalancerName}`),
    ...groups.map(one => `target group ${one.TargetGroupName}`),
    ...(await readGroups(clients)).flatMap(({ id, name, inbound }) => [
      `security group ${id} ${name}`,
      ...inbound.map(rule => `rule of security group ${id} ${name}: ${rule}`),
    ]),
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
 * Those with these ids, or all.
 * @param {import('./clients.mjs').AwsClients} clients
 * @param {string[]} [ids]
 * @returns {Promise<readonly ReadGroup[]>}
 */
export async function readGroups({ ec2 }, ids) {
  const found = [];
  const filter = ids === undefined ? {} : { GroupIds: ids };
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: ec2 }, filter))
    found.push(...SecurityGroups);
  return found.map(({ GroupId: id = '', GroupName: name = '', IpPermissions = [] }) => ({
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
