import { DeleteLoadBalancerCommand, DeleteTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { refOf } from '../../../../src/provider/conformance/sample.ts';
import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { providerErrorCode } from '../../../../src/provider/provider-error.ts';
import { type FakeWorld, fakeWorld } from '../../../support/aws/aws-world.ts';
import { observeWorld } from '../../../support/aws/observed/observed-world.ts';
import { AwsStage } from '../../../support/aws-stage.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: FakeWorld;
let stage: AwsStage;
/** Of another Service: what balancers share is there, and stays. */
let first: LoadBalancer;
beforeEach(async () => {
  world = await fakeWorld();
  stage = await AwsStage.open(world);
  first = await stage.ensure(stage.service(1));
});
afterEach(() => stage.close());

const port = (number: number) =>
  ({ name: `p${number}`, protocol: 'TCP', port: number, nodePort: 30_000 + (number % 2_000) }) as const;

interface Operation {
  readonly name: string;
  /** What the operation begins with, and what it is asked for. */
  readonly prepare: () => Promise<LoadBalancer>;
  /** One call of the core. */
  readonly act: (one: LoadBalancer) => Promise<unknown>;
  /** The core goes on until it is done; so many errors may come in between. */
  readonly finish: (one: LoadBalancer, errors?: number) => Promise<unknown>;
}

const operations: readonly Operation[] = [
  {
    name: 'a create',
    prepare: async () => stage.service(2),
    act: one => stage.try(one),
    finish: (one, errors) => stage.ensure(one, errors),
  },
  {
    name: 'a change',
    prepare: async () => {
      const { ingress } = await stage.ensure(stage.service(2));
      const backends = stage.service(2).backends.slice(1);
      return stage.service(2, { ingress, listeners: [port(443), port(8_080)], sourceRanges: ['10.0.0.0/8'], backends });
    },
    act: one => stage.try(one),
    finish: (one, errors) => stage.ensure(one, errors),
  },
  {
    name: 'a delete',
    prepare: () => stage.ensure(stage.service(2)),
    act: one => stage.provider.ensureLoadBalancerDeleted(refOf(one), stage.call()),
    finish: (one, errors) => stage.delete(one, errors),
  },
];

/** Of hostnames each balancer has its own. */
async function comparable(): Promise<readonly string[]> {
  return (await stage.inventory()).map(line => line.replaceAll(/"hostname":"[^"]*"/g, '')).toSorted();
}

describe.each(operations)('$name', ({ prepare, act, finish }) => {
  /** Spoils the first request, in another try the second, until none is left; each time the end is as if nothing had happened. How many there were. */
  async function atEachRequest(
    spoil: (n: number) => void,
    recover: (one: LoadBalancer) => Promise<unknown>,
  ): Promise<number> {
    const before = await comparable();
    await finish(await prepare());
    const whole = await comparable();
    await stage.delete(stage.service(2));
    for (let n = 1; ; n++) {
      const wanted = await prepare();
      spoil(n);
      const calls = await stage.callsOf(() => act(wanted).catch(() => undefined));
      world.proxy.faults.clear();
      await recover(wanted);
      expect(await comparable(), `after request ${n} of ${calls.map(({ action }) => action).join(' ')}`).toEqual(whole);
      await stage.delete(stage.service(2));
      expect(await comparable()).toEqual(before);
      if (calls.filter(({ isMutation }) => isMutation).length < n) return n - 1;
    }
  }

  test.each(['before', 'after'] as const)(
    'the process ends %s a request is carried out: the next one finishes it',
    async when => {
      const spoiled = await atEachRequest(
        n => world.proxy.faults.failMutation(n, when),
        async one => {
          await stage.restart([first]);
          await finish(one);
        },
      );
      expect(spoiled).toBeGreaterThanOrEqual(3);
    },
  );

  test.each(['before', 'after'] as const)(
    'an answer is lost %s the request is carried out: the next call finishes it',
    async when => {
      expect(await atEachRequest(n => world.proxy.faults.failMutation(n, when), finish)).toBeGreaterThanOrEqual(3);
    },
  );

  test.each(['Throttling', 'InternalFailure'])('every kind of request answers %s once', async code => {
    const before = await comparable();
    const calls = await stage.callsOf(async () => finish(await prepare()));
    const whole = await comparable();
    await stage.delete(stage.service(2));
    for (const action of new Set(calls.map(call => call.action))) {
      const wanted = await prepare();
      world.proxy.faults.refuseNext(action, 1, code);
      const run = (): Promise<unknown> => finish(wanted, code === 'Throttling' ? 0 : 1);
      await run();
      world.proxy.faults.clear();
      expect(await comparable(), `after ${action}`).toEqual(whole);
      await stage.delete(stage.service(2));
    }
    expect(await comparable()).toEqual(before);
  });
});

describe('a refusal', () => {
  test('a name that somebody else has: nothing of theirs is touched', async () => {
    const named = { name: 'shared-name' };
    const theirs = await stage.ensure(stage.service(3, {}, named));
    const before = await stage.inventory();
    await expect(stage.try(stage.service(4, {}, named))).rejects.toThrow(
      /name shared-name is taken by Service conformance\/service-3 of cluster cluster-a/,
    );
    await stage.delete(stage.service(4, {}, named));
    expect(await stage.inventory()).toEqual(before);
    expect(await stage.ensure(theirs)).toEqual(theirs);
  });

  test('a name that somebody has taken since anybody looked: AWS’s friendly answer is not taken for ours', async () => {
    const other = await AwsStage.open(world);
    const named = { name: 'shared-name' };
    await other.ensure(other.service(3, {}, named));
    const mine = stage.service(4, {}, named);
    await expect(stage.try(mine)).rejects.toThrow(/taken by Service conformance\/service-3/);
    await stage.delete(mine);
    await other.delete(other.service(3, {}, named));
    await other.provider.close?.();
  });

  test('deletion protection: nothing is damaged, the remedy is told, and without it the deletion goes on', async () => {
    const protectedOne = { attributes: 'deletion_protection.enabled=true' };
    const one = await stage.ensure(stage.service(2, {}, protectedOne));
    const before = await stage.inventory();
    const error = await stage.delete(one).catch((caught: unknown) => caught);
    expect(providerErrorCode(error)).toBe('rejected');
    expect(String(error)).toMatch(/deletion_protection\.enabled to false/);
    expect(await stage.inventory()).toEqual(before);
    await stage.ensure({
      ...one,
      annotations: stage.service(2, {}, { attributes: 'deletion_protection.enabled=false' }).annotations,
    });
    await stage.delete(one);
    expect((await stage.inventory()).filter(line => line.includes('service-2'))).toEqual([]);
  });

  test('a quota: no half of a balancer is made, and once there is room it goes on', async () => {
    world.fake.account.settings.quotas.loadBalancers = 1;
    const bounded = await AwsStage.open(world, { quotas: { loadBalancers: 1 } });
    const before = await stage.inventory();
    const error = await bounded.try(bounded.service(2)).catch((caught: unknown) => caught);
    expect(providerErrorCode(error)).toBe('rejected');
    expect(String(error)).toMatch(/quota is 1: delete some, or raise it in Service Quotas/);
    expect(await stage.inventory()).toEqual(before);
    world.fake.account.settings.quotas.loadBalancers = 2;
    await bounded.ensure(bounded.service(2));
    await bounded.provider.close?.();
  });

  test('an attribute that AWS does not know is told by its name', async () => {
    const error = await stage
      .try(stage.service(2, {}, { attributes: 'no.such.attribute=1' }))
      .catch((caught: unknown) => caught);
    expect(providerErrorCode(error)).toBe('rejected');
    expect(String(error)).toMatch(/no\.such\.attribute/);
  });

  test('an instance that AWS does not take keeps no other out, and is told', async () => {
    const others = stage.service(2).backends.slice(1);
    const gone = { ...world.backend(0), node: 'gone', providerId: 'aws:///us-west-2a/i-0123456789abcdef0' };
    const wanted = stage.service(2, { backends: [gone, ...others] });
    const answer = await stage.try(wanted);
    expect(answer.backends).toEqual({
      registered: others.length,
      rejected: [{ node: 'gone', reason: expect.stringMatching(/InvalidTarget/) }],
    });
    expect(await stage.actionsOf(() => stage.try(wanted)), 'it is not offered again at once').toEqual([]);
  });
});

describe('what holds on to something', () => {
  test('a security group in use for a while: the deletion waits, and goes on', async () => {
    const one = await stage.ensure(stage.service(2));
    world.proxy.faults.refuseNext('DeleteSecurityGroup', 7, 'DependencyViolation');
    const answer = stage.provider.ensureLoadBalancerDeleted(refOf(one), stage.call());
    await expect(answer).resolves.toMatchObject({
      state: 'pending',
      reason: expect.stringMatching(/security group sg-/),
    });
    await stage.delete(one);
    expect((await stage.inventory()).filter(line => line.includes('service-2'))).toEqual([]);
  });

  test('a target group in use for a moment', async () => {
    const one = await stage.ensure(stage.service(2));
    world.proxy.faults.refuseNext('DeleteTargetGroup', 2, 'ResourceInUse');
    await stage.delete(one);
    expect((await stage.inventory()).filter(line => line.includes('service-2'))).toEqual([]);
  });

  test('parts that somebody has deleted by hand are no error', async () => {
    const one = await stage.ensure(stage.service(2));
    const { balancers, groups } = await observeWorld(world.clients);
    const { elb } = world.clients;
    const isOfTwo = ({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean =>
      tags['fairlead.dev/id'] === one.id;
    const { LoadBalancerArn } = balancers.find(isOfTwo)?.shape ?? {};
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    const { TargetGroupArn } = groups.find(isOfTwo)?.shape ?? {};
    await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    await stage.delete(one);
    expect((await stage.inventory()).filter(line => line.includes('service-2'))).toEqual([]);
  });

  test('the last balancer takes along what all of them share, and the nodes’ group is as it was', async () => {
    const second = await stage.ensure(stage.service(2));
    await stage.delete(first);
    expect((await stage.inventory()).filter(line => line.startsWith('rule node-sg'))).toHaveLength(3);
    await stage.delete(second);
    const left = await stage.inventory();
    expect(left.filter(line => line.includes('fairlead.dev'))).toEqual([]);
  });
});
