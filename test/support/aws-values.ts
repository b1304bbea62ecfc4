import type { KnownBalancer } from '../../providers/aws/inventory/known-balancer.ts';
import type {
  DesiredBalancer,
  DesiredListener,
  DesiredTargetGroup,
  IngressRule,
  Target,
} from '../../providers/aws/model/desired.ts';
import { balancerTags, ownershipTags, ruleDescription } from '../../providers/aws/model/tags.ts';
import { believedTargets } from '../../providers/aws/targets/known-targets.ts';

const service = { namespace: 'default', name: 'web', uid: '5eed0000-0000-4000-8000-000000000001' };
const cluster = 'c1';

export function targetsAt(port: number, ...ids: readonly string[]): readonly Target[] {
  return ids.map(id => ({ id, port }));
}

export function ruleFor(port: number, cidr = '0.0.0.0/0'): IngressRule {
  return { protocol: 'tcp', fromPort: port, toPort: port, source: { cidr } };
}

export function groupOf(port: number, more: Partial<DesiredTargetGroup> = {}): DesiredTargetGroup {
  return {
    name: `fl-default-web-${port}`,
    protocol: 'TCP',
    port: 30_000 + port,
    targetType: 'instance',
    addressType: 'ipv4',
    vpcId: 'vpc-1',
    healthCheck: {
      protocol: 'TCP',
      port: 'traffic-port',
      intervalSeconds: 10,
      timeoutSeconds: 10,
      healthyThreshold: 3,
      unhealthyThreshold: 3,
    },
    attributes: {},
    targets: targetsAt(30_000 + port, 'i-1', 'i-2', 'i-3'),
    ...more,
  };
}

export function listenerOf(port: number, more: Partial<DesiredListener> = {}): DesiredListener {
  return { port, protocol: 'TCP', certificates: [], targetGroup: groupOf(port).name, ...more };
}

/** A balancer with a security group of its own that serves these ports. */
export function desiredOf(ports: readonly number[] = [80], more: Partial<DesiredBalancer> = {}): DesiredBalancer {
  return {
    id: 'fl-1',
    cluster,
    service,
    name: 'k8s-default-web-1',
    scheme: 'internet-facing',
    addressType: 'ipv4',
    vpcId: 'vpc-1',
    subnets: [
      { subnetId: 'subnet-a', zone: 'a' },
      { subnetId: 'subnet-b', zone: 'b' },
    ],
    securityGroups: {
      kind: 'own',
      name: 'k8s-default-web-1',
      rules: ports.map(port => ruleFor(port)),
      backend: true,
    },
    attributes: {},
    tags: ownershipTags(cluster, service),
    listeners: ports.map(port => listenerOf(port)),
    targetGroups: ports.map(port => groupOf(port)),
    ...more,
  };
}

export function arnOf(groupName: string): string {
  return `arn:${groupName}`;
}

/** Everything that is desired, as it is known once it has been made. */
export function knownOf(desired: DesiredBalancer): KnownBalancer {
  const tags = balancerTags(desired);
  const { securityGroups } = desired;
  const description = ruleDescription(desired.cluster);
  return {
    loadBalancer: {
      arn: 'arn:lb',
      name: desired.name,
      hostname: 'web.elb.example',
      scheme: desired.scheme,
      addressType: desired.addressType,
      vpcId: desired.vpcId,
      subnetIds: desired.subnets.map(({ subnetId }) => subnetId),
      addresses: [],
      securityGroupIds: securityGroups.kind === 'own' ? ['sg-own', 'sg-backend'] : [],
      state: 'active',
      tags,
      attributes: desired.attributes,
    },
    duplicates: [],
    listeners: desired.listeners.map(listener => ({
      arn: `arn:listener-${listener.port}`,
      port: listener.port,
      protocol: listener.protocol,
      ...(listener.certificates[0] === undefined ? {} : { certificate: listener.certificates[0] }),
      ...(listener.sslPolicy === undefined ? {} : { sslPolicy: listener.sslPolicy }),
      certificates: listener.certificates.slice(1),
      forwards: [{ targetGroupArn: arnOf(listener.targetGroup), weight: 1 }],
    })),
    targetGroups: desired.targetGroups.map(({ targets, attributes, addressType: _addressType, ...group }) => ({
      ...group,
      arn: arnOf(group.name),
      loadBalancerArns: ['arn:lb'],
      tags,
      attributes,
      targets: { ...believedTargets(targets), read: true },
    })),
    securityGroup:
      securityGroups.kind === 'own'
        ? {
            id: 'sg-own',
            name: securityGroups.name,
            vpcId: desired.vpcId,
            tags,
            rules: securityGroups.rules.map(rule => ({ ...rule, description })),
          }
        : undefined,
  };
}
