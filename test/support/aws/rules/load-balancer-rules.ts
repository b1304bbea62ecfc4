import {
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { outcomeOf, type Rule } from './rule.ts';
import type { Stage } from './stage.ts';

export const loadBalancerRules: readonly Rule[] = [
  {
    rule: 'a load balancer made again with the same settings is the same',
    try: stage => twice(stage, {}),
    aws: 'same',
    moto: 'another',
  },
  {
    rule: 'a load balancer made again with other tags is the same, whosever it is',
    try: stage => twice(stage, { Tags: [{ Key: 'a', Value: 'b' }] }),
    aws: 'same',
    moto: 'another',
  },
  {
    rule: 'a load balancer made again with other settings is refused',
    try: stage => outcomeOf(twice(stage, { Scheme: 'internet-facing' })),
    aws: 'DuplicateLoadBalancerName',
    moto: 'ok',
  },
  {
    rule: 'a name has at most 32 letters, digits and hyphens, none at an end',
    try: stage => outcomesOfNames(stage, ['x'.repeat(32), 'x--y', 'x'.repeat(33), 'x_y', 'x-', '-x', 'internal-x']),
    aws: ['ok', 'ok', ...Array.from({ length: 5 }, () => 'ValidationError')],
    moto: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'the ARN says net',
    try: async stage => (await stage.balancer()).includes(':loadbalancer/net/'),
    aws: true,
    moto: false,
  },
  {
    rule: 'the host name is NAME-HASH.elb.REGION.amazonaws.com',
    try: async stage =>
      /^thing-\d+-[0-9a-f]{16}\.elb\.us-west-2\.amazonaws\.com$/.test((await shown(stage, {}))?.DNSName ?? ''),
    aws: true,
    moto: false,
  },
  {
    rule: 'without a scheme it is internet-facing',
    try: async stage => {
      const { a, b } = stage.fixture.subnets;
      return (await shown(stage, { Scheme: undefined, Subnets: [a, b] }))?.Scheme;
    },
    aws: 'internet-facing',
    moto: undefined,
  },
  {
    rule: 'two subnets of one zone are refused',
    try: stage => withSubnets(stage, [stage.fixture.subnets.a, stage.fixture.subnets.c]),
    aws: 'InvalidConfigurationRequest',
    moto: 'ok',
  },
  {
    rule: 'one subnet is enough',
    try: stage => withSubnets(stage, [stage.fixture.subnets.c]),
    aws: 'ok',
  },
  {
    rule: 'a subnet that is not there is refused',
    try: stage => withSubnets(stage, ['subnet-00000000000000000']),
    aws: 'SubnetNotFound',
    moto: 'InvalidSubnetID.NotFound',
  },
  {
    rule: 'no subnet is refused',
    try: stage => withSubnets(stage, undefined),
    aws: 'ValidationError',
    moto: 'SubnetNotFound',
  },
  {
    rule: 'a security group that is not there is refused',
    try: stage => outcomeOf(stage.balancer({ SecurityGroups: ['sg-00000000000000000'] })),
    aws: 'InvalidSecurityGroup',
    moto: 'ok',
  },
  {
    rule: 'dualstack needs subnets with IPv6',
    try: async stage => [
      await outcomeOf(stage.balancer({ IpAddressType: 'dualstack' })),
      await outcomeOf(
        stage.clients.elb.send(
          new SetIpAddressTypeCommand({ LoadBalancerArn: await stage.balancer(), IpAddressType: 'dualstack' }),
        ),
      ),
    ],
    aws: ['InvalidConfigurationRequest', 'InvalidConfigurationRequest'],
    moto: ['ok', 'ok'],
  },
  {
    rule: 'elastic addresses are shown, and are then in use',
    try: async stage => {
      const { a, b } = stage.fixture.subnets;
      const [first, second] = [await stage.address(), await stage.address()];
      const SubnetMappings = [
        { SubnetId: a, AllocationId: first },
        { SubnetId: b, AllocationId: second },
      ];
      const balancer = await shown(stage, { Scheme: 'internet-facing', SubnetMappings });
      const addresses = balancer?.AvailabilityZones?.flatMap(zone => zone.LoadBalancerAddresses ?? []);
      return [
        addresses?.map(address => address.AllocationId === first || address.AllocationId === second),
        await outcomeOf(stage.balancer({ Scheme: 'internet-facing', SubnetMappings })),
      ];
    },
    aws: [[true, true], 'ResourceInUse'],
    moto: [[], 'ok'],
  },
  {
    rule: 'elastic addresses are for internet-facing ones, for every subnet, and must be there',
    try: async stage => {
      const { a, b, c } = stage.fixture.subnets;
      const AllocationId = await stage.address();
      const facing = (SubnetMappings: { SubnetId: string; AllocationId?: string }[]) =>
        outcomeOf(stage.balancer({ Scheme: 'internet-facing', SubnetMappings }));
      return [
        await outcomeOf(stage.balancer({ SubnetMappings: [{ SubnetId: c, AllocationId }] })),
        await facing([{ SubnetId: a, AllocationId }, { SubnetId: b }]),
        await facing([{ SubnetId: a, AllocationId: 'eipalloc-00000000000000000' }]),
      ];
    },
    aws: ['InvalidConfigurationRequest', 'InvalidConfigurationRequest', 'AllocationIdNotFound'],
    moto: ['ok', 'ok', 'ok'],
  },
  {
    rule: 'a private address must be in its subnet and free, of an internal one',
    try: async stage => {
      const { a, c } = stage.fixture.subnets;
      const at = (SubnetId: string, PrivateIPv4Address: string, Scheme: 'internal' | 'internet-facing' = 'internal') =>
        outcomeOf(stage.balancer({ Scheme, SubnetMappings: [{ SubnetId, PrivateIPv4Address }] }));
      return [
        await at(c, '10.0.2.200'),
        await at(c, '10.0.2.200'),
        await at(c, '10.9.9.9'),
        await at(a, '10.0.0.200', 'internet-facing'),
      ];
    },
    aws: ['ok', ...Array.from({ length: 3 }, () => 'InvalidConfigurationRequest')],
    moto: ['ok', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'all names that are asked for must be there',
    try: async stage => {
      const input = stage.balancerInput();
      await stage.balancer(input);
      return describeNamed(stage, [input.Name ?? '', 'nobody']);
    },
    aws: 'LoadBalancerNotFound',
    moto: 'ok',
  },
  {
    rule: 'at most 20 names can be asked for',
    try: stage =>
      describeNamed(
        stage,
        Array.from({ length: 21 }, (_, n) => `nobody-${n}`),
      ),
    aws: 'ValidationError',
    moto: 'LoadBalancerNotFound',
  },
  {
    rule: 'a page is as long as was asked for, and the marker leads on',
    try: async stage => {
      await stage.balancer();
      await stage.balancer();
      const first = await stage.clients.elb.send(new DescribeLoadBalancersCommand({ PageSize: 1 }));
      const second = await stage.clients.elb.send(
        new DescribeLoadBalancersCommand({ PageSize: 1, Marker: first.NextMarker }),
      );
      const names = [first, second].map(page => page.LoadBalancers?.[0]?.LoadBalancerName);
      return [first.LoadBalancers?.length, second.LoadBalancers?.length, names[0] === names[1]];
    },
    aws: [1, 1, false],
  },
  {
    rule: 'an attribute must be known, and its value possible',
    try: async stage => {
      const LoadBalancerArn = await stage.balancer();
      const set = (Key: string, Value: string) =>
        outcomeOf(
          stage.clients.elb.send(
            new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: [{ Key, Value }] }),
          ),
        );
      return [
        await set('load_balancing.cross_zone.enabled', 'true'),
        await set('bogus', 'true'),
        await set('load_balancing.cross_zone.enabled', 'maybe'),
      ];
    },
    aws: ['ok', 'InvalidConfigurationRequest', 'InvalidConfigurationRequest'],
    moto: ['ok', 'InvalidConfigurationRequest', 'ok'],
  },
  {
    rule: 'the subnets can be changed, to one too',
    try: async stage => {
      const LoadBalancerArn = await stage.balancer();
      const set = (Subnets: string[]) =>
        outcomeOf(stage.clients.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets })));
      return [await set([stage.fixture.subnets.c]), await set([stage.fixture.subnets.c, stage.fixture.subnets.d])];
    },
    aws: ['ok', 'ok'],
    moto: ['InvalidConfigurationRequest', 'ok'],
  },
  {
    rule: 'security groups can be changed, but not come or go altogether',
    try: async stage => {
      const [bare, group] = [await stage.balancer(), await stage.securityGroup()];
      const dressed = await stage.balancer({ SecurityGroups: [group] });
      const set = (LoadBalancerArn: string, SecurityGroups: string[]) =>
        outcomeOf(stage.clients.elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups })));
      return [await set(dressed, [await stage.securityGroup()]), await set(dressed, []), await set(bare, [group])];
    },
    aws: ['ok', 'InvalidConfigurationRequest', 'InvalidConfigurationRequest'],
    moto: ['ok', 'ok', 'ok'],
  },
  {
    rule: 'deleting what is not there succeeds',
    try: async stage => {
      const arn = await stage.balancer();
      return [await remove(stage, arn), await remove(stage, arn)];
    },
    aws: ['ok', 'ok'],
  },
  {
    rule: 'one with deletion protection stays',
    try: async stage => {
      const LoadBalancerArn = await stage.balancer();
      const Attributes = [{ Key: 'deletion_protection.enabled', Value: 'true' }];
      await stage.clients.elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
      return remove(stage, LoadBalancerArn);
    },
    aws: 'OperationNotPermitted',
    moto: 'ok',
  },
];

type Changes = Parameters<Stage['balancer']>[0];

async function twice(stage: Stage, changes: Changes): Promise<string> {
  const input = stage.balancerInput();
  const first = await stage.balancer(input);
  const subnets = changes?.Scheme === 'internet-facing' ? { Subnets: undefined, SubnetMappings: undefined } : {};
  const { a, b } = stage.fixture.subnets;
  const again = await stage.balancer({
    ...input,
    ...changes,
    ...(changes?.Scheme === undefined ? subnets : { Subnets: [a, b] }),
  });
  return again === first ? 'same' : 'another';
}

async function outcomesOfNames(stage: Stage, names: readonly string[]): Promise<readonly string[]> {
  const outcomes: string[] = [];
  for (const Name of names) outcomes.push(await outcomeOf(stage.balancer({ Name })));
  return outcomes;
}

async function shown(stage: Stage, changes: Changes) {
  const LoadBalancerArns = [await stage.balancer(changes)];
  const { LoadBalancers } = await stage.clients.elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }));
  return LoadBalancers?.[0];
}

function withSubnets(stage: Stage, Subnets: string[] | undefined): Promise<string> {
  return outcomeOf(stage.balancer({ Subnets }));
}

function describeNamed(stage: Stage, Names: string[]): Promise<string> {
  return outcomeOf(stage.clients.elb.send(new DescribeLoadBalancersCommand({ Names })));
}

function remove(stage: Stage, LoadBalancerArn: string): Promise<string> {
  return outcomeOf(stage.clients.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })));
}
