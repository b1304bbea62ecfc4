import {
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeAccountLimitsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeAws, startFakeAws } from '../fake-aws.ts';
import { seedFixture } from '../fixture.ts';
import { rawClients } from '../raw-clients.ts';
import { outcomeOf } from '../rules/rule.ts';
import { forwardTo, Stage } from '../rules/stage.ts';
import { type AwsSettings, publishedBuckets, type Quotas } from './settings.ts';

let fake: FakeAws;
let stage: Stage;
let settings: AwsSettings;
let now: number;
/** What waits for time to pass, and who wants to know of it. */
let waiting: (() => void) | undefined;
let onWait: () => void;

beforeEach(async () => {
  now = 1_000_000;
  onWait = () => {};
  fake = await startFakeAws(
    {},
    {
      now: () => now,
      after(_, run) {
        waiting = run;
        onWait();
      },
    },
  );
  const clients = rawClients(fake.url);
  const fixture = await seedFixture(clients.ec2);
  stage = new Stage({ clients, fixture, addCertificate: async () => 'none' });
  settings = fake.account.settings;
});

afterEach(async () => {
  stage.clients.close();
  await fake.close();
});

test('a load balancer provisions for as long as was set, and longer while it is held back', async () => {
  settings.provisioningMs = 100;
  const [first] = [await stage.balancer()];
  expect(await stateOf(first)).toBe('provisioning');
  now += 100;
  expect(await stateOf(first)).toBe('active');
  const release = fake.account.holdBack();
  const second = await stage.balancer();
  now += 1_000;
  expect([await stateOf(first), await stateOf(second)]).toEqual(['active', 'provisioning']);
  release();
  now += 100;
  expect(await stateOf(second)).toBe('active');
});

test('a target is unused, initial, healthy, unhealthy, draining and gone', async () => {
  Object.assign(settings, { provisioningMs: 100, healthyAfterMs: 50, drainingMs: undefined });
  const [group, balancer] = [await stage.group(), await stage.balancer()];
  const Targets = [{ Id: stage.fixture.instances[0]?.id, Port: 1 }];
  await stage.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets }));
  expect(await healthOf(group)).toEqual(['unused']);
  await stage.listener(balancer, { DefaultActions: forwardTo(group) });
  expect(await healthOf(group)).toEqual(['initial']);
  now += 149;
  expect(await healthOf(group)).toEqual(['initial']);
  now += 1;
  expect(await healthOf(group)).toEqual(['healthy']);
  fake.account.unhealthy.add(Targets[0]?.Id ?? '');
  expect(await healthOf(group)).toEqual(['unhealthy']);
  await stage.clients.elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets }));
  expect(await healthOf(group)).toEqual(['draining']);
  now += 300_000;
  expect(await healthOf(group)).toEqual([]);
});

test('a target that drains comes back as initial when it is registered again', async () => {
  Object.assign(settings, { healthyAfterMs: 50, drainingMs: 100 });
  const input = { TargetGroupArn: await stage.group(), Targets: [{ Id: stage.fixture.instances[0]?.id }] };
  await stage.listener(await stage.balancer(), { DefaultActions: forwardTo(input.TargetGroupArn) });
  await stage.clients.elb.send(new RegisterTargetsCommand(input));
  await stage.clients.elb.send(new DeregisterTargetsCommand(input));
  await stage.clients.elb.send(new RegisterTargetsCommand(input));
  expect(await healthOf(input.TargetGroupArn)).toEqual(['initial']);
  now += 200;
  expect(await healthOf(input.TargetGroupArn)).toEqual(['healthy']);
});

test('a target in a zone that the load balancer does not serve is unused', async () => {
  const TargetGroupArn = await stage.group();
  const { fixture } = stage;
  await stage.listener(await stage.balancer({ Subnets: [fixture.subnets.c] }), {
    DefaultActions: forwardTo(TargetGroupArn),
  });
  const Targets = fixture.instances.slice(0, 2).map(({ id: Id }) => ({ Id }));
  await stage.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  expect(await healthOf(TargetGroupArn)).toEqual(['healthy', 'unused']);
});

test('what was just made is seen a while later', async () => {
  settings.consistencyMs = 100;
  const [balancer, target, group] = [await stage.balancer(), await stage.group(), await stage.securityGroup()];
  const { elb, ec2 } = stage.clients;
  const listener = await stage.listener(balancer, { DefaultActions: forwardTo(target) });
  const outcomes = async () => [
    await outcomeOf(elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer] }))),
    await outcomeOf(elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [target] }))),
    await outcomeOf(elb.send(new DescribeListenersCommand({ ListenerArns: [listener] }))),
    await outcomeOf(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group] }))),
  ];
  expect((await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
  expect(await outcomes()).toEqual([
    'LoadBalancerNotFound',
    'TargetGroupNotFound',
    'ListenerNotFound',
    'InvalidGroup.NotFound',
  ]);
  now += 100;
  expect(await outcomes()).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('the interfaces of a deleted load balancer hold its security group for a while', async () => {
  settings.interfaceLingerMs = 100;
  const GroupId = await stage.securityGroup();
  const { elb, ec2 } = stage.clients;
  const LoadBalancerArn = await stage.balancer({ SecurityGroups: [GroupId] });
  const Filters = [{ Name: 'group-id', Values: [GroupId] }];
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  expect(NetworkInterfaces?.map(({ InterfaceType, SubnetId }) => [InterfaceType, SubnetId])).toEqual(
    [stage.fixture.subnets.c, stage.fixture.subnets.d].map(subnet => ['network_load_balancer', subnet]),
  );
  await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
  const remove = () => outcomeOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
  expect(await remove()).toBe('DependencyViolation');
  now += 100;
  expect(await remove()).toBe('ok');
});

test('a target group stays in use for a while after its last listener', async () => {
  settings.targetGroupReleaseMs = 100;
  const TargetGroupArn = await stage.group();
  const ListenerArn = await stage.listener(await stage.balancer(), { DefaultActions: forwardTo(TargetGroupArn) });
  await stage.clients.elb.send(new DeleteListenerCommand({ ListenerArn }));
  const remove = () => outcomeOf(stage.clients.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn })));
  expect(await remove()).toBe('ResourceInUse');
  now += 100;
  expect(await remove()).toBe('ok');
});

const quotaRows: readonly { quota: keyof Quotas; code: string; fill: () => Promise<unknown> }[] = [
  { quota: 'loadBalancers', code: 'TooManyLoadBalancers', fill: () => stage.balancer() },
  { quota: 'targetGroups', code: 'TooManyTargetGroups', fill: () => stage.group() },
  { quota: 'securityGroups', code: 'SecurityGroupLimitExceeded', fill: () => stage.securityGroup() },
  { quota: 'addresses', code: 'AddressLimitExceeded', fill: () => stage.address() },
  {
    quota: 'listenersPerLoadBalancer',
    code: 'TooManyListeners',
    fill: async () => stage.listener(await stage.balancer()),
  },
  { quota: 'targetsPerTargetGroup', code: 'TooManyTargets', fill: () => registered() },
  { quota: 'targetsPerLoadBalancer', code: 'TooManyTargets', fill: () => registered() },
  {
    quota: 'securityGroupsPerInterface',
    code: 'InvalidConfigurationRequest',
    fill: async () => stage.balancer({ SecurityGroups: [await stage.securityGroup()] }),
  },
  {
    quota: 'rulesPerSecurityGroup',
    code: 'RulesPerSecurityGroupLimitExceeded',
    fill: async () =>
      stage.authorize(await stage.securityGroup(), { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }),
  },
];

test.each(quotaRows)('the quota $quota can be set', async ({ quota, code, fill }) => {
  await fill();
  settings.quotas[quota] = quota === 'securityGroups' ? fake.account.securityGroups.size : 0;
  expect(await outcomeOf(fill())).toBe(code);
});

async function registered(): Promise<void> {
  const TargetGroupArn = await stage.group();
  await stage.listener(await stage.balancer(), { DefaultActions: forwardTo(TargetGroupArn) });
  const Targets = [{ Id: stage.fixture.instances[0]?.id }];
  await stage.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
}

test('the quotas can be asked for', async () => {
  const { Limits } = await stage.clients.elb.send(new DescribeAccountLimitsCommand({}));
  expect(Limits).toContainEqual({ Name: 'network-load-balancers', Max: '50' });
});

test('throttled requests are refused when the bucket is empty, which fills again', async () => {
  settings.throttling = { speed: 10, buckets: publishedBuckets };
  const group = await stage.group();
  const modify = () => stage.clients.elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: group }));
  for (let n = 0; n < 20; n++) expect(await outcomeOf(modify())).toBe('ok');
  expect(await outcomeOf(modify())).toBe('Throttling');
  expect(await outcomeOf(stage.clients.elb.send(new DescribeLoadBalancersCommand({})))).toBe('ok');
  now += 34; // 3 a second, ten times as fast
  expect(await outcomeOf(modify())).toBe('ok');
  expect(await outcomeOf(modify())).toBe('Throttling');
});

test('EC2 has a bucket an action, and its own word', async () => {
  settings.throttling = { speed: 1, buckets: { ...publishedBuckets, ec2DescribeAll: { burst: 1, perSecond: 1 } } };
  const subnets = (MaxResults?: number) =>
    outcomeOf(stage.clients.ec2.send(new DescribeSubnetsCommand({ MaxResults })));
  expect([await subnets(), await subnets()]).toEqual(['ok', 'RequestLimitExceeded']);
  const groups = stage.clients.ec2.send(new DescribeSecurityGroupsCommand({}));
  expect(await outcomeOf(groups)).toBe('ok');
  now += 1_000;
  expect(await subnets()).toBe('ok');
});

test('latency is by the clock of the test', async () => {
  settings.writeLatencyMs = 200;
  const arrived = new Promise<void>(resolve => (onWait = resolve));
  const made = stage.balancer();
  await arrived;
  expect(fake.account.loadBalancers.size).toBe(0);
  waiting?.();
  expect(await made).not.toBe('');
});

test('a page has at most 400', async () => {
  settings.quotas.targetGroups = 500;
  await Promise.all(Array.from({ length: 401 }, () => stage.group()));
  const first = await stage.clients.elb.send(new DescribeTargetGroupsCommand({}));
  const second = await stage.clients.elb.send(new DescribeTargetGroupsCommand({ Marker: first.NextMarker }));
  expect([first.TargetGroups?.length, second.TargetGroups?.length, second.NextMarker]).toEqual([400, 1, undefined]);
});

const wrongRequests = [
  { what: 'an action that is not known', form: 'Action=MakeCoffee', code: 'InvalidAction' },
  { what: 'a version that is not known', form: 'Action=DescribeTags&Version=2020-01-01', code: 'InvalidAction' },
  { what: 'a parameter that is not known', form: 'Action=DescribeLoadBalancers&Name=x', code: 'ValidationError' },
  { what: 'a required parameter that is absent', form: 'Action=DeleteListener', code: 'ValidationError' },
  { what: 'a number that is none', form: 'Action=DescribeLoadBalancers&PageSize=many', code: 'ValidationError' },
  { what: 'an ARN that is none', form: 'Action=DeleteLoadBalancer&LoadBalancerArn=web', code: 'ValidationError' },
  {
    what: 'a parameter that is not known, of EC2',
    form: 'Action=DescribeSubnets&Subnet=x&Version=2016-11-15',
    code: 'UnknownParameter',
  },
];

test.each(wrongRequests)('$what is refused', async ({ form, code }) => {
  const answer = await fetch(fake.url, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256', 'content-type': 'application/x-www-form-urlencoded' },
    body: form.includes('Version') ? form : `${form}&Version=2015-12-01`,
  });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(`<Code>${code}</Code>`);
});

test('a request without a signature is refused', async () => {
  const answer = await fetch(fake.url, { method: 'POST', body: 'Action=DescribeLoadBalancers&Version=2015-12-01' });
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')]);
});

async function stateOf(arn: string): Promise<string | undefined> {
  const input = { LoadBalancerArns: [arn] };
  const { LoadBalancers } = await stage.clients.elb.send(new DescribeLoadBalancersCommand(input));
  return LoadBalancers?.[0]?.State?.Code;
}

async function healthOf(TargetGroupArn: string): Promise<readonly (string | undefined)[]> {
  const { TargetHealthDescriptions } = await stage.clients.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  return (TargetHealthDescriptions ?? []).map(({ TargetHealth }) => TargetHealth?.State);
}
