import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeWorld, fakeWorld } from '../aws-world.ts';
import { rawClients } from '../raw-clients.ts';
import { outcomeOf } from '../rules/rule.ts';
import { Stage } from '../rules/stage.ts';
import { countByAction, criticalPath } from './call-log.ts';

let world: FakeWorld;
/** Through the proxy. */
let stage: Stage;

beforeEach(async () => {
  world = await fakeWorld();
  stage = new Stage({ ...world, clients: rawClients(world.url) });
});
afterEach(async () => {
  stage.clients.close();
  await world.close();
});

test('every call is in the log, with its parameters and what came of it', async () => {
  const since = world.proxy.log.mark();
  await stage.clients.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [stage.fixture.subnets.a] }));
  await outcomeOf(stage.balancer({ Name: '-' }));
  expect(since()).toMatchObject([
    {
      service: 'ec2',
      action: 'DescribeSubnets',
      params: { 'SubnetId.1': stage.fixture.subnets.a },
      isMutation: false,
      status: 200,
    },
    {
      service: 'elasticloadbalancing',
      action: 'CreateLoadBalancer',
      params: { Name: '-' },
      isMutation: true,
      status: 400,
      code: 'ValidationError',
    },
  ]);
  expect(countByAction(since())).toEqual({ DescribeSubnets: 1, CreateLoadBalancer: 1 });
  expect(world.proxy.log.mutations.length).toBe(1);
});

test('the critical path is the longest chain of calls of which none overlaps the next', async () => {
  world.proxy.faults.delays.writeMs = 30;
  const since = world.proxy.log.mark();
  await Promise.all([stage.group(), stage.balancer()]);
  await Promise.all([stage.group(), stage.group()]);
  await stage.balancer();
  expect([since().length, criticalPath(since())]).toEqual([5, 3]);
});

test.each([
  { when: 'before', made: 1 },
  { when: 'after', made: 2 },
] as const)('the answer to the n-th mutating request is lost $when it is carried out', async ({ when, made }) => {
  world.proxy.faults.failMutation(2, when);
  await stage.balancer();
  await stage.clients.elb.send(new DescribeLoadBalancersCommand({}));
  await expect(stage.balancer()).rejects.toThrow(/socket hang up|ECONNRESET/);
  expect(world.fake.account.loadBalancers.size).toBe(made);
  await stage.balancer();
  expect(world.proxy.log.calls.map(({ status }) => status)).toEqual([200, 200, 0, 200]);
});

test('the next calls of an action are refused', async () => {
  world.proxy.faults.refuseNext('CreateLoadBalancer', 2, 'Throttling');
  world.proxy.faults.refuseNext('*', 1, 'InternalFailure');
  const outcomes: string[] = [];
  for (let n = 0; n < 4; n++) outcomes.push(await outcomeOf(stage.balancer()));
  expect(outcomes).toEqual(['Throttling', 'Throttling', 'InternalFailure', 'ok']);
  expect(world.proxy.log.calls.map(({ status }) => status)).toEqual([400, 400, 500, 200]);
  world.proxy.faults.refuseNext('DescribeSubnets', 1, 'RequestLimitExceeded');
  const { ec2 } = stage.clients;
  expect(await outcomeOf(ec2.send(new DescribeSubnetsCommand({})))).toBe('RequestLimitExceeded');
});

test('nothing goes on while it hangs; what was given up is not carried out', async () => {
  const release = world.proxy.faults.hang();
  const abort = new AbortController();
  const { elb } = stage.clients;
  const held = stage.balancer();
  const givenUp = elb.send(new DescribeLoadBalancersCommand({}), { abortSignal: abort.signal });
  await expect.poll(() => world.proxy.log.calls.length).toBe(2);
  abort.abort();
  await expect(givenUp).rejects.toThrow('aborted');
  expect(world.fake.account.loadBalancers.size).toBe(0);
  release();
  await held;
  expect(world.fake.account.loadBalancers.size).toBe(1);
});

test('new load balancers are provisioning while they are held back, others stay active', async () => {
  const states = async () => {
    const { LoadBalancers = [] } = await stage.clients.elb.send(new DescribeLoadBalancersCommand({}));
    return LoadBalancers.map(({ State }) => State?.Code);
  };
  await stage.balancer();
  const release = world.proxy.holdBack();
  await stage.balancer();
  expect(await states()).toEqual(['active', 'provisioning']);
  release();
  expect(await states()).toEqual(['active', 'active']);
});
