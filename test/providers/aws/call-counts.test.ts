import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoadBalancer } from '../../../src/provider/provider.ts';
import { countByAction, criticalPath } from '../../support/aws/proxy/call-log.ts';
import { AwsStage } from '../../support/aws-stage.ts';
import { onBothWorlds } from '../../support/on-both-worlds.ts';

vi.setConfig({ testTimeout: 60_000 });

/** The table of issue 5: how many requests an operation takes in a warm process, with one port and three nodes. */
onBothWorlds('how many requests it takes', open => {
  let stage: AwsStage;
  /** Another Service, for which the process has become warm: the network is known, and so is what balancers share. */
  let first: LoadBalancer;
  beforeEach(async () => {
    stage = await AwsStage.open(await open());
    first = await stage.ensure(stage.service(1));
  });
  afterEach(() => stage.close());

  const port = (number: number, nodePort = 30_000 + number) =>
    ({ name: `p${number}`, protocol: 'TCP', port: number, nodePort }) as const;

  test('a create with a security group of its own: 6, three of them after one another; and one look whether all are active', async () => {
    stage.world.proxy.faults.delays.writeMs = 40;
    const calls = await stage.callsOf(() => stage.try(stage.service(2)));
    expect(countByAction(calls)).toEqual({
      CreateSecurityGroup: 1,
      CreateTargetGroup: 1,
      AuthorizeSecurityGroupIngress: 1,
      CreateLoadBalancer: 1,
      RegisterTargets: 1,
      CreateListener: 1,
    });
    expect(criticalPath(calls)).toBe(3);
    const later = await stage.actionsOf(() => stage.ensure(stage.service(2)));
    expect(later.length).toBeLessThanOrEqual(1);
  });

  test('a create with the user’s security group: 4, three after one another', async () => {
    stage.world.proxy.faults.delays.writeMs = 40;
    const given = stage.service(2, {}, { 'security-groups': stage.world.fixture.nodeSecurityGroup });
    const calls = await stage.callsOf(() => stage.try(given));
    expect(countByAction(calls)).toEqual({
      CreateTargetGroup: 1,
      CreateLoadBalancer: 1,
      RegisterTargets: 1,
      CreateListener: 1,
    });
    expect(criticalPath(calls)).toBeLessThanOrEqual(3);
  });

  test('in a process that has just started: three reads more', async () => {
    await stage.restart();
    const given = stage.service(2, {}, { 'security-groups': stage.world.fixture.nodeSecurityGroup });
    const reads = (await stage.callsOf(() => stage.try(given))).filter(({ isMutation }) => !isMutation);
    expect(reads.map(({ action }) => action).toSorted()).toEqual([
      'DescribeLoadBalancers',
      'DescribeSecurityGroups',
      'DescribeSubnets',
      // The tags of the balancers that exist: 20 a request.
      'DescribeTags',
    ]);
  });

  test('nothing has changed: none', async () => {
    expect(await stage.actionsOf(() => stage.try(first))).toEqual([]);
    expect(
      await stage.actionsOf(() => stage.try({ ...first, service: { ...first.service, labels: { a: 'b' } } })),
    ).toEqual([]);
  });

  test('a node more: 1 for each target group', async () => {
    const two = [port(80), port(81)];
    const before = await stage.ensure(stage.service(2, { listeners: two, backends: first.backends.slice(1) }));
    const actions = await stage.actionsOf(() => stage.try({ ...before, backends: first.backends }));
    expect(actions).toEqual(['RegisterTargets', 'RegisterTargets']);
  });

  test('a node less: 1 for each target group, once the others have been seen healthy', async () => {
    stage.clock.jump(600_000);
    await stage.ensure(first);
    const actions = await stage.actionsOf(() => stage.try({ ...first, backends: first.backends.slice(1) }));
    expect(actions).toEqual(['DeregisterTargets']);
  });

  test('a port more: 4', async () => {
    const actions = await stage.actionsOf(() => stage.try({ ...first, listeners: [...first.listeners, port(443)] }));
    expect(actions.toSorted()).toEqual([
      'AuthorizeSecurityGroupIngress',
      'CreateListener',
      'CreateTargetGroup',
      'RegisterTargets',
    ]);
  });

  test('other source ranges: 2, the new ones first', async () => {
    const before = await stage.ensure({ ...first, sourceRanges: ['10.1.0.0/16'] });
    expect(await stage.actionsOf(() => stage.try({ ...before, sourceRanges: ['10.2.0.0/16'] }))).toEqual([
      'AuthorizeSecurityGroupIngress',
      'RevokeSecurityGroupIngress',
    ]);
  });

  test.each([1, 3])('a delete with %i ports: 2 and one for each', async ports => {
    const listeners = [80, 81, 82].slice(0, ports).map(number => port(number));
    const two = await stage.ensure(stage.service(2, { listeners }));
    await stage.provider.listLoadBalancers?.(stage.call());
    const actions = await stage.actionsOf(() => stage.delete(two));
    expect(actions).toEqual([
      'DeleteLoadBalancer',
      ...Array.from({ length: ports }, () => 'DeleteTargetGroup'),
      'DeleteSecurityGroup',
    ]);
  });

  test('an unchanged balancer is verified with one read of its listeners and one of each target group, beside the shared looks', async () => {
    const second = await stage.ensure(stage.service(2));
    stage.clock.jump(600_000);
    const shared = await stage.actionsOf(() => stage.try(first));
    expect(shared.filter(action => !action.startsWith('Describe'))).toEqual([]);
    expect(await stage.actionsOf(() => stage.try(second))).toEqual(['DescribeListeners', 'DescribeTargetHealth']);
    expect(await stage.actionsOf(() => stage.try(second))).toEqual([]);
  });
});
