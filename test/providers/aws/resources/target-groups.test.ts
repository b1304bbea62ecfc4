import { expect, test } from 'vitest';
import { isDuplicate, isInUse } from '../../../../providers/aws/client/classify-error.ts';
import type { HealthCheck } from '../../../../providers/aws/model/desired.ts';
import {
  modifyTargetGroupAttributes,
  observeTargetGroupAttributes,
} from '../../../../providers/aws/resources/attributes.ts';
import { sameHealthCheck } from '../../../../providers/aws/resources/health-check.ts';
import { createListener } from '../../../../providers/aws/resources/listeners.ts';
import {
  createTargetGroup,
  deleteTargetGroup,
  modifyHealthCheck,
  observeTargetGroupNamed,
  observeTargetGroups,
  observeTargetGroupsOf,
} from '../../../../providers/aws/resources/target-groups.ts';
import { deregisterTargets, observeTargets, registerTargets } from '../../../../providers/aws/resources/targets.ts';
import { onEachWorld } from './harness.ts';

const tcp: HealthCheck = {
  protocol: 'TCP',
  port: 'traffic-port',
  intervalSeconds: 10,
  timeoutSeconds: 10,
  healthyThreshold: 3,
  unhealthyThreshold: 3,
};
const http: HealthCheck = {
  protocol: 'HTTP',
  port: '31000',
  path: '/healthz',
  successCodes: '200-399',
  intervalSeconds: 10,
  timeoutSeconds: 6,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
};

onEachWorld(stage => {
  test('a target group is made, and found by list and by name', async () => {
    const { aws, call } = stage;
    const wanted = stage.targetGroup({ protocol: 'UDP' });
    const made = await createTargetGroup(aws, wanted, { a: 'b' }, call);
    expect(made).toMatchObject({
      name: wanted.name,
      protocol: 'UDP',
      port: 30_080,
      targetType: 'instance',
      loadBalancerArns: [],
    });
    expect(sameHealthCheck(wanted.healthCheck, made.healthCheck)).toBe(true);
    expect(await observeTargetGroups(aws, call)).toContainEqual(made);
    expect(await observeTargetGroupNamed(aws, wanted.name, call)).toEqual(made);
    expect(await observeTargetGroupNamed(aws, 'nobody', call)).toBeUndefined();
  });

  test('the target groups of a balancer are none until a listener uses them', async () => {
    const { aws, call } = stage;
    const { arn: lb } = await stage.loadBalancer();
    expect(await observeTargetGroupsOf(aws, lb, call)).toEqual([]);
    const group = await createTargetGroup(aws, stage.targetGroup(), {}, call);
    const forwards = [{ targetGroupArn: group.arn, weight: 1 }];
    await createListener(aws, lb, { port: 80, protocol: 'TCP', forwards }, {}, call);
    expect(await observeTargetGroupsOf(aws, lb, call)).toEqual([{ ...group, loadBalancerArns: [lb] }]);
    expect(isInUse(await deleteTargetGroup(aws, group.arn, call).catch((error: unknown) => error))).toBe(true);
  });

  test.each([
    ['of a TCP group', 'TCP'],
    ['of a UDP group', 'UDP'],
  ] as const)('a health check %s becomes HTTP and TCP again, without a lasting difference', async (_row, protocol) => {
    const { aws, call } = stage;
    const wanted = stage.targetGroup({ protocol });
    const { arn } = await createTargetGroup(aws, wanted, {}, call);
    for (const check of [http, tcp, http]) {
      await modifyHealthCheck(aws, arn, check, call);
      const seen = await observeTargetGroupNamed(aws, wanted.name, call);
      expect([check.protocol, seen && sameHealthCheck(check, seen.healthCheck)]).toEqual([check.protocol, true]);
      const other = { ...check, intervalSeconds: 30 };
      expect(seen && sameHealthCheck(other, seen.healthCheck)).toBe(false);
    }
  });

  test('a group is made with an HTTP check', async () => {
    const { aws, call } = stage;
    const made = await createTargetGroup(aws, stage.targetGroup({ healthCheck: http }), {}, call);
    expect(sameHealthCheck(http, made.healthCheck)).toBe(true);
    expect(sameHealthCheck({ ...http, path: '/ready' }, made.healthCheck)).toBe(false);
  });

  test('attributes change, and the others stay', async () => {
    const { aws, call } = stage;
    const { arn } = await createTargetGroup(aws, stage.targetGroup(), {}, call);
    await modifyTargetGroupAttributes(aws, arn, { 'deregistration_delay.timeout_seconds': '10' }, call);
    await modifyTargetGroupAttributes(aws, arn, { 'proxy_protocol_v2.enabled': 'true' }, call);
    expect(await observeTargetGroupAttributes(aws, arn, call)).toMatchObject({
      'deregistration_delay.timeout_seconds': '10',
      'proxy_protocol_v2.enabled': 'true',
    });
  });

  test('targets come and go; what is unknown keeps none of the others', async () => {
    const { aws, call, fixture } = stage;
    const { arn } = await createTargetGroup(aws, stage.targetGroup(), {}, call);
    const targets = fixture.instances.map(({ id }) => ({ id, port: 30_080 }));
    await registerTargets(aws, arn, targets, call);
    await registerTargets(aws, arn, targets.slice(1), call);
    const present = async () => (await observeTargets(aws, arn, call)).filter(({ state }) => state !== 'draining');
    expect((await present()).map(({ id, port }) => ({ id, port }))).toEqual(expect.arrayContaining(targets));
    await deregisterTargets(aws, arn, [{ id: 'i-0123456789abcdef0', port: 1 }, ...targets.slice(1)], call);
    expect((await present()).map(({ id, port }) => ({ id, port }))).toEqual(targets.slice(0, 1));
    await deleteTargetGroup(aws, arn, call);
    await deregisterTargets(aws, arn, targets, call);
  });

  test('addresses are targets too, outside of the VPC with zone all', async () => {
    const { aws, call } = stage;
    const { arn } = await createTargetGroup(aws, stage.targetGroup({ targetType: 'ip' }), {}, call);
    await registerTargets(
      aws,
      arn,
      [
        { id: '10.0.0.11', port: 8080 },
        { id: '192.168.7.7', port: 8080, zone: 'all' },
      ],
      call,
    );
    expect((await observeTargets(aws, arn, call)).map(({ id }) => id).toSorted((a, b) => a.localeCompare(b))).toEqual([
      '10.0.0.11',
      '192.168.7.7',
    ]);
  });

  test('a name that is taken by another group is a duplicate; what is gone can be deleted', async () => {
    const { aws, call } = stage;
    const wanted = stage.targetGroup();
    const { arn } = await createTargetGroup(aws, wanted, {}, call);
    const other = { ...wanted, port: 1 };
    expect(isDuplicate(await createTargetGroup(aws, other, {}, call).catch((error: unknown) => error))).toBe(true);
    await deleteTargetGroup(aws, arn, call);
    await deleteTargetGroup(aws, arn, call);
    expect(await observeTargetGroupNamed(aws, wanted.name, call)).toBeUndefined();
  });
});
