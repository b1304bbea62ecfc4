import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadBalancer } from '../../../src/provider/provider.ts';
import { fakeWorld } from '../../support/aws/aws-world.ts';
import { AwsStage } from '../../support/aws-stage.ts';
import { onBothWorlds } from '../../support/on-both-worlds.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const config = { quotas: { loadBalancers: 1_000 } };
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

onBothWorlds('many Services', open => {
  let stage: AwsStage;
  beforeEach(async () => {
    stage = await AwsStage.open(await open(), config);
  });
  afterEach(() => stage.close());

  test('a restart with 200 healthy ones: at most 30 requests, none that changes anything, none of a Service alone', async () => {
    const held: LoadBalancer[] = [];
    for (const some of [numbers(200).slice(0, 100), numbers(200).slice(100)])
      held.push(...(await Promise.all(some.map(n => stage.ensure(stage.service(n))))));
    const sweep = await stage.callsOf(() => stage.restart(held));
    const each = await stage.callsOf(() => Promise.all(held.map(one => stage.try(one))));
    expect(sweep.length + each.length).toBeLessThanOrEqual(30);
    expect([...sweep, ...each].filter(({ isMutation }) => isMutation)).toEqual([]);
    expect(each.length, 'the group of the nodes, once').toBeLessThanOrEqual(1);
  });

  test('20 that go at once: no more than each alone, and what they share goes with the last', async () => {
    const all = await Promise.all(numbers(20).map(n => stage.ensure(stage.service(n))));
    const calls = await stage.callsOf(() => Promise.all(all.map(one => stage.delete(one))));
    expect(calls.length).toBeLessThanOrEqual(20 * 3 + 20);
    expect((await stage.inventory()).filter(line => line.includes('fairlead.dev'))).toEqual([]);
  });
});

describe('50 at once, reads taking 40 ms and writes 200', () => {
  test('take at most 350 requests, and all have a hostname', async () => {
    const stage = await AwsStage.open(await fakeWorld(), config);
    Object.assign(stage.world.proxy.faults.delays, { readMs: 40, writeMs: 200 });
    const calls = await stage.callsOf(async () => {
      const all = await Promise.all(numbers(50).map(n => stage.ensure(stage.service(n))));
      expect(all.filter(({ ingress }) => ingress[0]?.hostname === undefined)).toEqual([]);
    });
    expect(calls.length).toBeLessThanOrEqual(350);
    await stage.close();
  });

  test('while AWS takes its time, one poller looks for all of them', async () => {
    const world = await fakeWorld({ provisioningMs: 1_500 });
    const stage = await AwsStage.open(world, config);
    const calls = await stage.callsOf(() => Promise.all(numbers(50).map(n => stage.ensure(stage.service(n)))));
    const looks = calls.filter(({ params }) => 'LoadBalancerArns.member.1' in params);
    expect(looks.length, '3 requests for 50, a few times').toBeLessThanOrEqual(60);
    await stage.close();
  });
});
