import { DeleteSecurityGroupCommand } from '@aws-sdk/client-ec2';
import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bringMoto, startMoto } from '../../../deploy/local-cluster/moto/moto.mjs';
import { ownershipTags } from '../../../providers/aws/model/tags.ts';
import { idOf } from '../../../src/plan/load-balancer.ts';
import { sampleBackends, sampleLoadBalancer } from '../../../src/provider/conformance/sample.ts';
import type { TestWorld } from '../../../src/provider/conformance.ts';
import { inBrackets } from '../e2e/describe-in-lab.ts';
import { type AwsWorld, adjustTo, fakeWorld, motoWorld, testWorldOf } from './aws-world.ts';
import { rawClients } from './raw-clients.ts';
import { outcomeOf } from './rules/rule.ts';
import { forwardTo, Stage } from './rules/stage.ts';

const whyNoMoto = await bringMoto();
const uid = '5eed0000-0000-4000-8000-000000000001';

describe('on the fake', () => {
  worldTests(() => fakeWorld());
});

describe.skipIf(whyNoMoto !== undefined)(`on moto${inBrackets(whyNoMoto)}`, () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  beforeAll(async () => {
    moto = await startMoto();
  }, 90_000);
  afterAll(() => moto.stop());
  worldTests(() => motoWorld(moto));
});

function worldTests(open: () => Promise<AwsWorld>): void {
  let world: AwsWorld;
  let hooks: Required<TestWorld>;
  /** Through the proxy, as a provider. */
  let stage: Stage;

  beforeEach(async () => {
    world = await open();
    hooks = testWorldOf(world, () => expect.unreachable());
    stage = new Stage({ ...world, clients: rawClients(world.url) });
  });
  afterEach(async () => {
    stage.clients.close();
    await hooks.close();
  });

  test('what is made is in the inventory and served, and nothing is left of it when it is deleted', async () => {
    const before = await hooks.inventory();
    const made = await makeBalancer(stage);
    expect(await hooks.inventory()).toHaveLength(before.length + 6);
    expect(await hooks.served(idOf(uid))).toEqual([
      { protocol: 'TCP', port: 80, nodePort: 30_080, backends: ['node-a'], sourceRanges: ['10.1.0.0/16'] },
    ]);
    expect(await hooks.served(idOf(uid.replace(/1$/, '2')))).toEqual([]);
    await deleteBalancer(stage, made);
    expect((await hooks.inventory()).toSorted()).toEqual(before.toSorted());
  });

  test('the inventory says the same of what is deleted and made again', async () => {
    const first = await makeBalancer(stage);
    const before = withoutHostname(await hooks.inventory());
    await deleteBalancer(stage, first);
    await makeBalancer(stage);
    expect(withoutHostname(await hooks.inventory())).toEqual(before);
  });

  test('requests that change something are counted, one of them fails when told to', async () => {
    await hooks.failMutation(2, 'after');
    await stage.group();
    await stage.clients.elb.send(new DescribeLoadBalancersCommand({}));
    expect(await outcomeOf(stage.balancer())).not.toBe('ok');
    expect(await hooks.mutations()).toBe(2);
    expect((await hooks.inventory()).filter(line => line.startsWith('load balancer'))).toHaveLength(1);
  });

  test('nothing becomes active while it is held back, and nothing answers while it hangs', async () => {
    const goOn = await hooks.holdBack();
    await stage.balancer();
    const stateNow = async () => {
      const { LoadBalancers } = await stage.clients.elb.send(new DescribeLoadBalancersCommand({}));
      return LoadBalancers?.[0]?.State?.Code;
    };
    expect(await stateNow()).toBe('provisioning');
    await goOn();
    const release = await hooks.hang();
    const state = stateNow();
    await release();
    expect(await state).toBe('active');
  });

  test('foreign things are in the inventory, and are no requests of the provider', async () => {
    const before = await hooks.inventory();
    await hooks.addForeign();
    expect(await hooks.inventory()).toHaveLength(before.length + 8);
    expect(await hooks.mutations()).toBe(0);
  });

  test("the kit's nodes are the fixture's instances", () => {
    const plain = sampleLoadBalancer(1, 'c', { protocols: ['TCP'], ipFamilies: ['IPv4'] } as never);
    const { backends } = adjustTo(world, plain);
    expect(backends.map(({ node }) => node)).toEqual(sampleBackends.map(({ node }) => node));
    expect(backends.map(({ providerId }) => providerId)).toEqual(
      world.fixture.instances.slice(0, 2).map(({ zone, id }) => `aws:///${zone}/${id}`),
    );
  });
}

interface Made {
  readonly balancer: string;
  readonly listener: string;
  readonly group: string;
  readonly securityGroup: string;
}

/** With six things: load balancer, listener, target group, target, security group and rule. */
async function makeBalancer(stage: Stage): Promise<Made> {
  const service = { namespace: 'default', name: 'web', uid };
  const Tags = Object.entries(ownershipTags('cluster', service)).map(([Key, Value]) => ({ Key, Value }));
  const securityGroup = await stage.securityGroup({ GroupName: 'web' });
  const ranges = [{ CidrIp: '10.1.0.0/16' }];
  await stage.authorize(securityGroup, { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: ranges });
  const group = await stage.group({ Name: 'web', Tags });
  const Targets = [{ Id: stage.fixture.instances[0]?.id, Port: 30_080 }];
  await stage.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets }));
  const balancer = await stage.balancer({ Name: 'web', SecurityGroups: [securityGroup], Tags });
  const listener = await stage.listener(balancer, { DefaultActions: forwardTo(group), Tags });
  return { balancer, listener, group, securityGroup };
}

async function deleteBalancer({ clients: { elb, ec2 }, fixture }: Stage, made: Made): Promise<void> {
  await elb.send(new DeleteListenerCommand({ ListenerArn: made.listener }));
  await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: made.balancer }));
  const Targets = [{ Id: fixture.instances[0]?.id, Port: 30_080 }];
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: made.group, Targets }));
  await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: made.group }));
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId: made.securityGroup }));
}

function withoutHostname(lines: readonly string[]): readonly string[] {
  return lines.map(line => line.replace(/"hostname":"[^"]*"/, '')).toSorted();
}
