import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { observeWorld } from '../../../support/aws/observed/observed-world.ts';
import { AwsStage } from '../../../support/aws-stage.ts';
import { onBothWorlds } from '../../../support/on-both-worlds.ts';

vi.setConfig({ testTimeout: 60_000 });

const port = (number: number, more: Partial<LoadBalancer['listeners'][number]> = {}) =>
  ({ name: `p${number}`, protocol: 'TCP', port: number, nodePort: 30_000 + number, ...more }) as const;

/** What a change of a Service makes of the world; reference §5. */
onBothWorlds('a change', (open, world) => {
  let stage: AwsStage;
  let first: LoadBalancer;
  beforeEach(async () => {
    stage = await AwsStage.open(await open());
    first = await stage.ensure(stage.service(1, { listeners: [port(80)] }));
  });
  afterEach(() => stage.close());

  async function seen() {
    const { balancers, groups } = await observeWorld(stage.world.clients);
    return {
      balancers: balancers.map(({ shape }) => shape.LoadBalancerName),
      attributes: balancers[0]?.attributes ?? {},
      tags: balancers[0]?.tags ?? {},
      subnets: balancers[0]?.shape.AvailabilityZones?.length,
      listeners: (balancers[0]?.listeners ?? []).map(({ shape }) => `${shape.Protocol}:${shape.Port}`).toSorted(),
      certificates: (balancers[0]?.listeners ?? []).map(({ certificates }) => certificates.toSorted()),
      groups: groups.map(({ shape, attributes, tags, targets }) => ({
        shape,
        attributes,
        tags,
        targets: targets.map(({ Target }) => `${Target?.Id}:${Target?.Port}`).toSorted(),
      })),
    };
  }

  async function ensure(changes: Partial<LoadBalancer>, annotations: Readonly<Record<string, string>> = {}) {
    const wanted = stage.service(1, { listeners: [port(80)], ...changes }, annotations);
    const ready = await stage.ensure({ ...wanted, ingress: first.ingress });
    expect(ready.ingress[0]?.hostname, 'the hostname stays').toBe(first.ingress[0]?.hostname);
    expect(await stage.actionsOf(() => stage.try(ready)), 'nothing is left to do').toEqual([]);
    return ready;
  }

  test('what is made at first is what the reference has', async () => {
    const { groups, listeners, subnets } = await seen();
    expect(listeners).toEqual(['TCP:80']);
    expect(subnets).toBe(2);
    expect(groups).toHaveLength(1);
    expect(groups[0]?.shape).toMatchObject({
      Protocol: 'TCP',
      Port: 30_080,
      TargetType: 'instance',
      HealthCheckProtocol: 'TCP',
      HealthCheckPort: 'traffic-port',
      HealthCheckIntervalSeconds: 10,
      HealthyThresholdCount: 3,
    });
    expect(groups[0]?.targets).toEqual(stage.world.fixture.instances.map(({ id }) => `${id}:30080`).toSorted());
  });

  test('a port with another number: the new listener is there before the old one goes', async () => {
    const actions = await stage.actionsOf(() => ensure({ listeners: [port(8_080)] }));
    expect((await seen()).listeners).toEqual(['TCP:8080']);
    expect((await seen()).groups).toHaveLength(1);
    expect(actions.indexOf('CreateListener')).toBeLessThan(actions.indexOf('DeleteListener'));
    expect(actions.indexOf('AuthorizeSecurityGroupIngress')).toBeLessThan(
      actions.indexOf('RevokeSecurityGroupIngress'),
    );
  });

  test('another node port is another set of targets in the same group', async () => {
    const before = (await seen()).groups[0]?.shape.TargetGroupArn;
    await ensure({ listeners: [port(80, { nodePort: 31_234 })] });
    const [group, ...others] = (await seen()).groups;
    expect(others).toEqual([]);
    expect(group?.shape.TargetGroupArn).toBe(before);
    expect(group?.targets).toEqual(stage.world.fixture.instances.map(({ id }) => `${id}:31234`).toSorted());
  });

  test('health checks there and back', async () => {
    const asked = {
      'healthcheck-protocol': 'http',
      'healthcheck-path': '/ok',
      'healthcheck-interval': '30',
      'healthcheck-timeout': '6',
      'healthcheck-healthy-threshold': '2',
      'healthcheck-unhealthy-threshold': '2',
    };
    await ensure({}, asked);
    expect((await seen()).groups[0]?.shape).toMatchObject({
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: '/ok',
      HealthCheckIntervalSeconds: 30,
    });
    await ensure({});
    expect((await seen()).groups[0]?.shape).toMatchObject({
      HealthCheckProtocol: 'TCP',
      HealthCheckIntervalSeconds: 10,
    });
    stage.clock.jump(600_000);
    const actions = await stage.actionsOf(() => stage.ensure(first));
    expect(
      actions.filter(action => !action.startsWith('Describe')),
      'the path that moto keeps is no drift',
    ).toEqual([]);
  });

  test('policy Local asks the nodes whether they have a pod', async () => {
    await ensure({ externalTrafficPolicy: 'Local', healthCheck: { path: '/healthz', port: 31_000 } });
    expect((await seen()).groups[0]?.shape).toMatchObject({
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: '31000',
      HealthCheckPath: '/healthz',
    });
  });

  test('attributes are set in one request each, and taken back when they are not asked for any more', async () => {
    const asked = {
      attributes: 'load_balancing.cross_zone.enabled=true',
      'target-group-attributes': 'deregistration_delay.timeout_seconds=30',
    };
    const actions = await stage.actionsOf(() => ensure({}, asked));
    expect(actions.toSorted()).toEqual(['ModifyLoadBalancerAttributes', 'ModifyTargetGroupAttributes']);
    expect((await seen()).attributes).toMatchObject({ 'load_balancing.cross_zone.enabled': 'true' });
    await ensure({});
    const { attributes, groups } = await seen();
    expect(attributes).toMatchObject({ 'load_balancing.cross_zone.enabled': 'false' });
    expect(groups[0]?.attributes).toMatchObject({ 'deregistration_delay.timeout_seconds': '300' });
  });

  test('a tag comes and goes on everything, and ours stay', async () => {
    const before = (await seen()).tags;
    await ensure({}, { 'additional-resource-tags': 'team=a' });
    const with1 = await seen();
    expect(with1.tags).toEqual({ ...before, team: 'a' });
    expect(with1.groups[0]?.tags).toMatchObject({ team: 'a' });
    await ensure({});
    const without = await seen();
    expect(without.tags).toEqual(before);
    expect(without.groups[0]?.tags).not.toHaveProperty('team');
  });

  test('TLS comes to a port, with two certificates, and leaves it again', async () => {
    const [one, other] = [await stage.world.addCertificate('a.example'), await stage.world.addCertificate('b.example')];
    await ensure({}, { 'ssl-cert': `${one},${other}` });
    const { listeners, certificates, groups } = await seen();
    expect(listeners).toEqual(['TLS:80']);
    expect(certificates[0]).toEqual([one, other].toSorted());
    expect(groups[0]?.shape.Protocol).toBe('TCP');
    await ensure({});
    expect((await seen()).listeners).toEqual(['TCP:80']);
    expect((await seen()).balancers).toHaveLength(1);
  });

  test('TCP becomes UDP: one listener, on another target group, which takes the place of the old one', async () => {
    await ensure({ listeners: [port(80, { protocol: 'UDP' })] });
    const { listeners, groups } = await seen();
    expect(listeners).toEqual(['UDP:80']);
    expect(groups.map(({ shape }) => shape.Protocol)).toEqual(['UDP']);
  });

  test('TCP and UDP of one port are one listener', async () => {
    await ensure({ listeners: [port(53), port(53, { name: 'u', protocol: 'UDP' })] });
    expect((await seen()).listeners).toEqual(['TCP_UDP:53']);
  });

  test('nodes by their addresses instead of their ids: the old group drains before it goes', async () => {
    const asked = { 'nlb-target-type': 'node-ip' };
    const wanted = stage.service(1, { listeners: [port(80)], ingress: first.ingress }, asked);
    const ready = await stage.ensure(wanted);
    expect(new Set((await seen()).groups.map(({ shape }) => shape.TargetType))).toEqual(new Set(['instance', 'ip']));
    expect(stage.requeued).toEqual([]);
    stage.clock.jump(301_000);
    expect(stage.requeued).toEqual([first.id]);
    await stage.ensure(ready);
    const { groups } = await seen();
    expect(groups.map(({ shape }) => shape.TargetType)).toEqual(['ip']);
    expect(groups[0]?.targets).toEqual(
      stage.world.fixture.instances.map(({ privateIp }) => `${privateIp}:30080`).toSorted(),
    );
    const actions = await stage.actionsOf(() => stage.ensure(ready));
    expect(actions.filter(action => !action.startsWith('Describe'))).toEqual([]);
  });

  test('what is fixed is told, and nothing is made anew', async () => {
    const wanted = stage.service(
      1,
      { listeners: [port(80)], ingress: first.ingress },
      { name: 'other', scheme: 'internal' },
    );
    const answer = await stage.try(wanted);
    expect(answer.warnings?.map(({ reason }) => reason)).toEqual(['FixedAtCreation', 'FixedAtCreation']);
    expect((await seen()).balancers).toEqual([expect.stringMatching(/^k8s-/)]);
  });

  test('a subnet more, once it is tagged, is used', async () => {
    if (world === 'moto') return; // its SetSubnets wants two zones, and the fixture's internal subnets lie in the same ones
    const { subnets } = stage.world.fixture;
    await ensure({}, { subnets: subnets.a });
    expect((await seen()).subnets).toBe(1);
    await ensure({}, { subnets: `${subnets.a},${subnets.b}` });
    expect((await seen()).subnets).toBe(2);
  });
});
