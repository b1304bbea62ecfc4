import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { type Fixture, seedFixture } from './fixture.ts';
import { type RawClients, rawClients } from './raw-clients.ts';

let fake: FakeAws;
let clients: RawClients;
let fixture: Fixture;

beforeEach(async () => {
  fake = await startFakeAws();
  clients = rawClients(fake.url);
  fixture = await seedFixture(clients.ec2);
});

afterEach(async () => {
  clients.close();
  await fake.close();
});

test('a balancer with its six calls is as the SDK shows it', async () => {
  const { elb, ec2 } = clients;
  const Tags = [{ Key: 'owner', Value: 'a=b:c/d' }];
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'front',
      Description: 'front',
      VpcId: fixture.vpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags }],
    }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 80,
          ToPort: 80,
          IpRanges: [{ CidrIp: '10.1.2.3/16', Description: 'web' }],
          Ipv6Ranges: [{ CidrIpv6: '2001:db8::1/32' }],
        },
        { IpProtocol: 'tcp', FromPort: 1, ToPort: 2, UserIdGroupPairs: [{ GroupId: fixture.nodeSecurityGroup }] },
      ],
    }),
  );
  const { TargetGroups: [group] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'web--80',
      Protocol: 'TCP',
      Port: 30080,
      VpcId: fixture.vpcId,
      TargetType: 'instance',
      HealthCheckIntervalSeconds: 10,
      Tags,
    }),
  );
  const TargetGroupArn = group?.TargetGroupArn;
  const Targets = fixture.instances.map(({ id: Id }) => ({ Id, Port: 30080 }));
  const { LoadBalancers: [balancer] = [] } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'web',
      Type: 'network',
      Scheme: 'internet-facing',
      SubnetMappings: [{ SubnetId: fixture.subnets.a }, { SubnetId: fixture.subnets.b }],
      SecurityGroups: [GroupId ?? ''],
      Tags,
    }),
  );
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Port: 80,
      Protocol: 'TCP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
      Tags,
    }),
  );

  const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: ['web'] }));
  expect(LoadBalancers).toMatchObject([
    {
      LoadBalancerArn: expect.stringMatching(
        /^arn:aws:elasticloadbalancing:us-west-2:\d{12}:loadbalancer\/net\/web\/\w{16}$/,
      ),
      DNSName: expect.stringMatching(/^web-[0-9a-f]{16}\.elb\.us-west-2\.amazonaws\.com$/),
      State: { Code: 'active' },
      Type: 'network',
      SecurityGroups: [GroupId],
      AvailabilityZones: [{ SubnetId: fixture.subnets.a }, { SubnetId: fixture.subnets.b }],
    },
  ]);
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({}));
  expect(TargetGroups).toMatchObject([{ Port: 30080, LoadBalancerArns: [balancer?.LoadBalancerArn] }]);
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }));
  expect(Listeners).toMatchObject([{ Port: 80, Protocol: 'TCP', DefaultActions: [{ TargetGroupArn }] }]);
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  expect(TargetHealthDescriptions?.map(({ Target, TargetHealth }) => [Target, TargetHealth?.State])).toEqual(
    Targets.map(target => [target, 'healthy']),
  );
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [TargetGroupArn ?? ''] }));
  expect(TagDescriptions).toEqual([{ ResourceArn: TargetGroupArn, Tags }]);
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'tag:owner', Values: ['a=b*'] }] }),
  );
  expect(SecurityGroups).toMatchObject([
    {
      GroupId,
      Tags,
      IpPermissions: [
        {
          FromPort: 80,
          IpRanges: [{ CidrIp: '10.1.0.0/16', Description: 'web' }],
          Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
        },
        { UserIdGroupPairs: [{ GroupId: fixture.nodeSecurityGroup }] },
      ],
    },
  ]);
});
