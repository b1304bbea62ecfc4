import {
  DeleteTargetGroupCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { recordOf } from '../observed/observed-world.ts';
import { outcomeOf, type Rule } from './rule.ts';
import type { Stage } from './stage.ts';

export const targetGroupRules: readonly Rule[] = [
  {
    rule: 'a target group made again with the same settings is the same, with whatever tags',
    try: stage => twice(stage, { Tags: [{ Key: 'a', Value: 'b' }] }),
    aws: 'same',
    moto: 'DuplicateTargetGroupName',
  },
  {
    rule: 'a target group made again with other settings is refused',
    try: async stage => [await twice(stage, { Port: 1 }), await twice(stage, { HealthCheckIntervalSeconds: 40 })],
    aws: ['DuplicateTargetGroupName', 'DuplicateTargetGroupName'],
  },
  {
    rule: 'a name has at most 32 letters, digits and hyphens, none at an end',
    try: async stage => {
      const outcomes: string[] = [];
      for (const Name of ['y'.repeat(32), 'y--y', 'y'.repeat(33), 'y_y', 'y-'])
        outcomes.push(await outcomeOf(stage.group({ Name })));
      return outcomes;
    },
    aws: ['ok', 'ok', 'ValidationError', 'ValidationError', 'ValidationError'],
    moto: ['ok', 'ValidationError', 'ValidationError', 'ValidationError', 'ValidationError'],
  },
  {
    rule: 'the VPC must be there',
    try: stage => outcomeOf(stage.group({ VpcId: 'vpc-00000000000000000' })),
    aws: 'ValidationError',
  },
  {
    rule: 'health checks are by TCP, HTTP or HTTPS',
    try: stage => outcomeOf(stage.group({ HealthCheckProtocol: 'UDP' })),
    aws: 'ValidationError',
    moto: 'ok',
  },
  {
    rule: 'health checks have bounds',
    try: async stage => [
      await outcomeOf(stage.group({ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 })),
      await outcomeOf(stage.group({ HealthCheckIntervalSeconds: 4 })),
      await outcomeOf(stage.group({ HealthCheckIntervalSeconds: 301 })),
      await outcomeOf(stage.group({ HealthCheckTimeoutSeconds: 1 })),
      await outcomeOf(stage.group({ HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 11 })),
      await outcomeOf(stage.group({ HealthyThresholdCount: 1 })),
      await outcomeOf(stage.group({ UnhealthyThresholdCount: 11 })),
      await outcomeOf(stage.group({ HealthCheckPort: '65536' })),
    ],
    aws: ['ok', ...Array.from({ length: 7 }, () => 'ValidationError')],
    moto: ['ok', 'ValidationError', 'ok', 'ok', 'ValidationError', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'a path and a matcher belong to HTTP, and have bounds',
    try: async stage => [
      await outcomeOf(
        stage.group({ HealthCheckProtocol: 'HTTP', HealthCheckPath: '/a', Matcher: { HttpCode: '200-399' } }),
      ),
      await outcomeOf(stage.group({ HealthCheckPath: '/a' })),
      await outcomeOf(stage.group({ Matcher: { HttpCode: '200' } })),
      await outcomeOf(stage.group({ HealthCheckProtocol: 'HTTP', Matcher: { HttpCode: '600' } })),
      await outcomeOf(stage.group({ HealthCheckProtocol: 'HTTP', HealthCheckPath: 'a' })),
    ],
    aws: ['ok', 'InvalidConfigurationRequest', 'InvalidConfigurationRequest', 'ValidationError', 'ValidationError'],
    moto: ['ok', 'ok', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'defaults of a health check',
    try: async stage => {
      const shape = await shown(stage, await stage.group());
      return [
        shape?.HealthCheckProtocol,
        shape?.HealthCheckPort,
        shape?.HealthCheckIntervalSeconds,
        shape?.HealthCheckTimeoutSeconds,
        shape?.HealthyThresholdCount,
        shape?.UnhealthyThresholdCount,
      ];
    },
    aws: ['TCP', 'traffic-port', 30, 10, 5, 2],
  },
  {
    rule: 'a health check that changes from HTTP to TCP has no path any more',
    try: async stage => {
      const TargetGroupArn = await stage.group({ HealthCheckProtocol: 'HTTP', HealthCheckPath: '/a' });
      await stage.clients.elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckProtocol: 'TCP' }));
      const shape = await shown(stage, TargetGroupArn);
      return [shape?.HealthCheckProtocol, shape?.HealthCheckPath];
    },
    aws: ['TCP', undefined],
    moto: ['TCP', '/a'],
  },
  {
    rule: 'a change of a health check has the same bounds',
    try: async stage =>
      outcomeOf(
        stage.clients.elb.send(
          new ModifyTargetGroupCommand({ TargetGroupArn: await stage.group(), HealthCheckIntervalSeconds: 4 }),
        ),
      ),
    aws: 'ValidationError',
    moto: 'ok',
  },
  {
    rule: 'all protocols of Network Load Balancers are known',
    try: async stage => {
      const outcomes: string[] = [];
      for (const Protocol of ['TCP', 'UDP', 'TLS', 'TCP_UDP', 'QUIC', 'TCP_QUIC'] as const)
        outcomes.push(await outcomeOf(stage.group({ Protocol })));
      return outcomes;
    },
    aws: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok'],
    moto: ['ok', 'ok', 'ok', 'ok', 'ValidationError', 'ValidationError'],
  },
  {
    rule: 'attributes are there before they are set',
    try: async stage => {
      const byTcp = await attributesOf(stage, await stage.group());
      const byUdp = await attributesOf(stage, await stage.group({ Protocol: 'UDP', TargetType: 'ip' }));
      const pods = await attributesOf(stage, await stage.group({ TargetType: 'ip' }));
      return [byTcp, byUdp, pods].map(attributes => attributes['preserve_client_ip.enabled']);
    },
    aws: ['true', 'true', 'false'],
    moto: [undefined, undefined, undefined],
  },
  {
    rule: 'an attribute must be known, and its value possible',
    try: async stage => {
      const TargetGroupArn = await stage.group();
      return [
        await setAttribute(stage, TargetGroupArn, 'proxy_protocol_v2.enabled', 'true'),
        await setAttribute(stage, TargetGroupArn, 'deregistration_delay.timeout_seconds', '3600'),
        await setAttribute(stage, TargetGroupArn, 'deregistration_delay.timeout_seconds', '3601'),
        await setAttribute(stage, TargetGroupArn, 'bogus', 'true'),
      ];
    },
    aws: ['ok', 'ok', 'InvalidConfigurationRequest', 'InvalidConfigurationRequest'],
    moto: ['ok', 'ValidationError', 'ValidationError', 'ok'],
  },
  {
    rule: 'with UDP the client address is always preserved',
    try: async stage =>
      setAttribute(stage, await stage.group({ Protocol: 'UDP' }), 'preserve_client_ip.enabled', 'false'),
    aws: 'InvalidConfigurationRequest',
    moto: 'ok',
  },
  {
    rule: 'those of a load balancer that has none are none',
    try: async stage => {
      const LoadBalancerArn = await stage.balancer();
      return outcomeOf(stage.clients.elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn })));
    },
    aws: 'ok',
    moto: 'TargetGroupNotFound',
  },
  {
    rule: 'one that a listener uses stays; one that is not there is deleted with success',
    try: async stage => {
      const [used, unused] = [await stage.group(), await stage.group()];
      await stage.listener(await stage.balancer(), { DefaultActions: [{ Type: 'forward', TargetGroupArn: used }] });
      return [await remove(stage, used), await remove(stage, unused), await remove(stage, unused)];
    },
    aws: ['ResourceInUse', 'ok', 'ok'],
    moto: ['ResourceInUse', 'ok', 'TargetGroupNotFound'],
  },
];

async function twice(stage: Stage, changes: Parameters<Stage['group']>[0]): Promise<string> {
  const input = stage.groupInput();
  const first = await stage.group(input);
  let again = '';
  const outcome = await outcomeOf(stage.group({ ...input, ...changes }).then(arn => (again = arn)));
  if (outcome !== 'ok') return outcome;
  return again === first ? 'same' : 'another';
}

async function shown(stage: Stage, arn: string) {
  const { TargetGroups } = await stage.clients.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
  return TargetGroups?.[0];
}

async function attributesOf(stage: Stage, TargetGroupArn: string): Promise<Readonly<Record<string, string>>> {
  const { Attributes } = await stage.clients.elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
  return recordOf(Attributes);
}

function setAttribute(stage: Stage, TargetGroupArn: string, Key: string, Value: string): Promise<string> {
  const input = { TargetGroupArn, Attributes: [{ Key, Value }] };
  return outcomeOf(stage.clients.elb.send(new ModifyTargetGroupAttributesCommand(input)));
}

function remove(stage: Stage, TargetGroupArn: string): Promise<string> {
  return outcomeOf(stage.clients.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn })));
}
