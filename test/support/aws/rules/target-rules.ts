import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { runInstance } from '../../../../deploy/local-cluster/aws/seed-network.mjs';
import { outcomeOf, type Rule } from './rule.ts';
import { forwardTo, type Stage } from './stage.ts';

export const targetRules: readonly Rule[] = [
  {
    rule: 'a target is an id and a port: one id can be there twice',
    try: async stage => {
      const [arn, Id] = [await stage.group(), idOf(stage)];
      await register(stage, arn, { Id, Port: 1 }, { Id, Port: 2 });
      return (await healthOf(stage, arn)).map(([target]) => target);
    },
    aws: [1, 2],
    moto: [2],
  },
  {
    rule: 'without a port it is that of the group',
    try: async stage => {
      const arn = await stage.group({ Port: 1234 });
      await register(stage, arn, { Id: idOf(stage) });
      return (await healthOf(stage, arn)).map(([target]) => target);
    },
    aws: [1234],
  },
  {
    rule: 'deregistering what is not registered succeeds, and takes the port that it names',
    try: async stage => {
      const [arn, Id] = [await stage.group(), idOf(stage)];
      await register(stage, arn, { Id, Port: 1 });
      const outcomes = [
        await deregister(stage, arn, { Id, Port: 2 }),
        await deregister(stage, arn, { Id: idOf(stage, 1), Port: 1 }),
      ];
      return [outcomes, (await healthOf(stage, arn)).map(([target]) => target)];
    },
    aws: [['ok', 'ok'], [1]],
    moto: [['ok', 'InvalidTarget'], []],
  },
  {
    rule: 'an instance must be there and run',
    try: async stage => {
      const { subnets, nodeSecurityGroup } = stage.fixture;
      const stopped = await runInstance(stage.clients.ec2, subnets.a, nodeSecurityGroup);
      await stage.clients.ec2.send(new StopInstancesCommand({ InstanceIds: [stopped.id] }));
      const arn = await stage.group();
      return [
        await register(stage, arn, { Id: 'i-00000000000000000' }),
        await register(stage, arn, { Id: '10.0.0.9' }),
        await register(stage, arn, { Id: stopped.id }),
      ];
    },
    aws: ['InvalidTarget', 'InvalidTarget', 'InvalidTarget'],
    moto: ['ok', 'ok', 'InvalidTarget'],
  },
  {
    rule: 'all targets of a request are registered, or none',
    try: async stage => {
      const arn = await stage.group();
      const outcome = await register(stage, arn, { Id: idOf(stage) }, { Id: 'i-00000000000000000' });
      return [outcome, (await healthOf(stage, arn)).length];
    },
    aws: ['InvalidTarget', 0],
    moto: ['ok', 2],
  },
  {
    rule: 'an address outside the VPC must be private, and needs the zone all',
    try: async stage => {
      const arn = await stage.group({ TargetType: 'ip' });
      return [
        await register(stage, arn, { Id: '10.0.0.9' }),
        await register(stage, arn, { Id: '192.168.0.9', AvailabilityZone: 'all' }),
        await register(stage, arn, { Id: '192.168.0.9' }),
        await register(stage, arn, { Id: '8.8.8.8', AvailabilityZone: 'all' }),
        await register(stage, arn, { Id: idOf(stage) }),
      ];
    },
    aws: ['ok', 'ok', 'InvalidTarget', 'InvalidTarget', 'InvalidTarget'],
    moto: ['ok', 'ok', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'a target of a group that no listener uses is unused; of another healthy',
    try: async stage => {
      const arn = await stage.group();
      await register(stage, arn, { Id: idOf(stage) });
      const before = await healthOf(stage, arn);
      await stage.listener(await stage.balancer(), { DefaultActions: forwardTo(arn) });
      return [...before, ...(await healthOf(stage, arn))].map(([, state]) => state);
    },
    aws: ['unused', 'healthy'],
    moto: ['healthy', 'healthy'],
  },
  {
    rule: 'a target that is asked for and not registered is unused',
    try: async stage => {
      const input = { TargetGroupArn: await stage.group(), Targets: [{ Id: idOf(stage), Port: 1 }] };
      const { TargetHealthDescriptions } = await stage.clients.elb.send(new DescribeTargetHealthCommand(input));
      return TargetHealthDescriptions?.map(({ TargetHealth }) => [TargetHealth?.State, TargetHealth?.Reason]);
    },
    aws: [['unused', 'Target.NotRegistered']],
  },
];

function idOf({ fixture }: Stage, index = 0): string {
  return fixture.instances[index]?.id ?? '';
}

function register(stage: Stage, TargetGroupArn: string, ...Targets: TargetDescription[]): Promise<string> {
  return outcomeOf(stage.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets })));
}

function deregister(stage: Stage, TargetGroupArn: string, ...Targets: TargetDescription[]): Promise<string> {
  return outcomeOf(stage.clients.elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets })));
}

async function healthOf(stage: Stage, TargetGroupArn: string) {
  const { TargetHealthDescriptions } = await stage.clients.elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  return (TargetHealthDescriptions ?? []).map(
    ({ Target, TargetHealth }) => [Target?.Port, TargetHealth?.State] as const,
  );
}
