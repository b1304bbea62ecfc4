import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { type FakeWorld, fakeWorld } from '../../../support/aws/aws-world.ts';
import { observeWorld } from '../../../support/aws/observed/observed-world.ts';
import { AwsStage } from '../../../support/aws-stage.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: FakeWorld;
let stage: AwsStage;
let one: LoadBalancer;
beforeEach(async () => {
  world = await fakeWorld();
  stage = await AwsStage.open(world);
  one = await stage.ensure(stage.service(1));
});
afterEach(() => stage.close());

/** Of each listener with its port: whether some target is healthy that gets its traffic. */
async function isServed(): Promise<Readonly<Record<string, boolean>>> {
  const { balancers, groups } = await observeWorld(world.clients);
  const listeners = balancers.flatMap(balancer => balancer.listeners.map(({ shape }) => shape));
  return Object.fromEntries(
    listeners.map(({ Port, DefaultActions = [] }) => {
      const arns = DefaultActions.flatMap(({ ForwardConfig, TargetGroupArn }) =>
        (ForwardConfig?.TargetGroups ?? [{ TargetGroupArn, Weight: 1 }])
          .filter(({ Weight }) => Weight !== 0)
          .map(group => group.TargetGroupArn),
      );
      const targets = groups.filter(({ shape }) => arns.includes(shape.TargetGroupArn)).flatMap(group => group.targets);
      return [String(Port), targets.some(({ TargetHealth }) => TargetHealth?.State === 'healthy')];
    }),
  );
}

/** From now on a target is healthy only after a while; those that are there have been. */
async function slowHealth(): Promise<void> {
  world.fake.account.settings.healthyAfterMs = 300;
  await vi.waitFor(async () => expect(await isServed()).toEqual({ 80: true }), { timeout: 10_000 });
}

/** One call after another, and a look at the world after each; until it is ready. */
async function watch(wanted: LoadBalancer): Promise<readonly string[]> {
  const told: string[] = [];
  for (let turn = 0; turn < 40; turn++) {
    const answer = await stage.try(wanted);
    expect((await isServed())['80'], `after call ${turn + 1}`).toBe(true);
    if (answer.state === 'ready') return told;
    told.push(answer.reason);
    expect(answer.ingress, 'what is published stays').toEqual(one.ingress);
    stage.clock.jump(answer.retryAfterMs);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return expect.unreachable('it does not become ready');
}

test('all nodes are replaced: the old ones go once one of the new ones is healthy', async () => {
  const others = one.backends.slice(1);
  const only = await stage.ensure({ ...one, backends: one.backends.slice(0, 1) });
  await slowHealth();
  const told = await watch({ ...only, backends: others });
  expect(told[0]).toBe('the new targets are not healthy yet, so the former ones stay');
  const { groups } = await observeWorld(world.clients);
  expect(groups[0]?.targets).toHaveLength(others.length);
});

test('another node port: the old targets go once one of the new ones is healthy', async () => {
  await slowHealth();
  const listeners = one.listeners.map(listener => ({ ...listener, nodePort: 31_777 }));
  expect((await watch({ ...one, listeners })).length).toBeGreaterThan(0);
  const { groups } = await observeWorld(world.clients);
  expect(new Set(groups[0]?.targets.map(({ Target }) => Target?.Port))).toEqual(new Set([31_777]));
});

test('targets that never become healthy never take the place of healthy ones', async () => {
  const others = one.backends.slice(1);
  const only = await stage.ensure({ ...one, backends: one.backends.slice(0, 1) });
  for (const { id } of world.fixture.instances.slice(1)) world.fake.account.unhealthy.add(id);
  for (let turn = 0; turn < 3; turn++) {
    const answer = await stage.try({ ...only, backends: others });
    expect(answer.state).toBe('pending');
    stage.clock.jump(10_000);
  }
  expect(await isServed()).toEqual({ 80: true });
});

test('another target type: both groups stand side by side until the new one is healthy', async () => {
  await slowHealth();
  const { annotations } = stage.service(1, {}, { 'nlb-target-type': 'node-ip' });
  const told = await watch({ ...one, annotations });
  expect(told[0]).toBe('the new target group is not healthy yet, so the former one serves');
  stage.clock.jump(301_000);
  await stage.ensure({ ...one, annotations });
  const { groups } = await observeWorld(world.clients);
  expect(groups.map(({ shape }) => shape.TargetType)).toEqual(['ip']);
});
