import { AuthorizeSecurityGroupIngressCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupCommand,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { observeWorld } from '../../../support/aws/observed/observed-world.ts';
import { AwsStage } from '../../../support/aws-stage.ts';
import { onBothWorlds } from '../../../support/on-both-worlds.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Past the verify interval of the core, and of the provider. */
const laterMs = 600_000;

onBothWorlds('what somebody has changed by hand', open => {
  let stage: AwsStage;
  let one: LoadBalancer;
  let before: readonly string[];
  beforeEach(async () => {
    stage = await AwsStage.open(await open());
    one = await stage.ensure(stage.service(1, {}, { attributes: 'load_balancing.cross_zone.enabled=true' }));
    before = await stage.inventory();
  });
  afterEach(() => stage.close());

  async function things() {
    const { balancers, groups, securityGroups } = await observeWorld(stage.world.clients);
    const [balancer, group] = [balancers[0], groups[0]];
    const own = securityGroups.find(({ GroupName }) => GroupName === balancer?.shape.LoadBalancerName);
    const { LoadBalancerArn } = balancer?.shape ?? {};
    const { ListenerArn } = balancer?.listeners[0]?.shape ?? {};
    const { TargetGroupArn } = group?.shape ?? {};
    return {
      LoadBalancerArn,
      ListenerArn,
      TargetGroupArn,
      GroupId: own?.GroupId,
      Targets: group?.targets.map(({ Target }) => Target ?? { Id: '' }),
    };
  }

  /** The world after the next verification; until then nobody looks. */
  async function verified(): Promise<readonly string[]> {
    expect(await stage.actionsOf(() => stage.try(one)), 'inside the interval nobody looks').toEqual([]);
    stage.clock.jump(laterMs);
    const after = await stage.ensure(one);
    expect(after.ingress).toEqual(one.ingress);
    return stage.inventory();
  }

  test('a listener that is gone is made again', async () => {
    const { ListenerArn } = await things();
    await stage.world.clients.elb.send(new DeleteListenerCommand({ ListenerArn }));
    expect(await verified()).toEqual(before);
  });

  test('targets that are gone are registered again', async () => {
    const { TargetGroupArn, Targets = [] } = await things();
    await stage.world.clients.elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: Targets.slice(0, 1) }));
    expect(await verified()).toEqual(before);
  });

  test('a rule that is gone is authorised again', async () => {
    const { GroupId } = await things();
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await stage.world.clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    expect(await verified()).toEqual(before);
  });

  test('a health check is set again', async () => {
    const { TargetGroupArn } = await things();
    await stage.world.clients.elb.send(
      new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckIntervalSeconds: 60 }),
    );
    expect(await verified()).toEqual(before);
  });

  test('an attribute that is asked for is set again', async () => {
    const { LoadBalancerArn } = await things();
    const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: 'false' }];
    await stage.world.clients.elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
    expect(await verified()).toEqual(before);
  });

  test('a mark of ownership is set again', async () => {
    const { LoadBalancerArn } = await things();
    const ResourceArns = [LoadBalancerArn ?? ''];
    await stage.world.clients.elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['fairlead.dev/service'] }));
    expect(await verified()).toEqual(before);
  });

  test('somebody else’s tag and rule stay', async () => {
    const { LoadBalancerArn, GroupId } = await things();
    const Tags = [{ Key: 'cost', Value: 'x' }];
    await stage.world.clients.elb.send(new AddTagsCommand({ ResourceArns: [LoadBalancerArn ?? ''], Tags }));
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }];
    await stage.world.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    before = await stage.inventory();
    expect(await verified()).toEqual(before);
  });

  test('a balancer that is gone is made again, which is another hostname', async () => {
    const { LoadBalancerArn } = await things();
    await stage.world.clients.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    stage.clock.jump(laterMs);
    await stage.ensure(one);
    const lines = (all: readonly string[]): readonly string[] =>
      all.map(line => line.replaceAll(/"hostname":"[^"]*"/g, ''));
    expect(lines(await stage.inventory()).toSorted()).toEqual(lines(before).toSorted());
  });

  test('after a restart: targets that are gone show in a sample, and are registered again at once', async () => {
    const { TargetGroupArn, Targets = [] } = await things();
    await stage.world.clients.elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: Targets.slice(0, 1) }));
    await stage.restart([one]);
    await stage.ensure(one);
    expect(await stage.inventory()).toEqual(before);
  });
});
