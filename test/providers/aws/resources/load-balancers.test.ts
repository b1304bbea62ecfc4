import { expect, test } from 'vitest';
import {
  modifyLoadBalancerAttributes,
  observeLoadBalancerAttributes,
} from '../../../../providers/aws/resources/attributes.ts';
import {
  deleteLoadBalancer,
  observeLoadBalancerNamed,
  observeLoadBalancers,
  observeLoadBalancersByArn,
  setAddressType,
  setSecurityGroups,
  setSubnets,
} from '../../../../providers/aws/resources/load-balancers.ts';
import { createSecurityGroup } from '../../../../providers/aws/resources/security-groups.ts';
import { addTags, observeTags, removeTags } from '../../../../providers/aws/resources/tags.ts';
import { onEachWorld } from './harness.ts';

const tags = { 'fairlead.dev/cluster': 'c1', owner: 'a=b:c/d' };

onEachWorld(stage => {
  test('a balancer is made, and found by list, by ARN and by name', async () => {
    const { aws, call, fixture } = stage;
    const name = stage.name();
    const made = await stage.loadBalancer(name, { securityGroupIds: [fixture.nodeSecurityGroup], tags });
    expect(made).toMatchObject({
      name,
      scheme: 'internet-facing',
      addressType: 'ipv4',
      vpcId: fixture.vpcId,
      subnetIds: [fixture.subnets.a, fixture.subnets.b].toSorted(),
      securityGroupIds: [fixture.nodeSecurityGroup],
    });
    expect(made.hostname).toMatch(/^[a-z0-9.-]+$/);
    const active = { ...made, state: 'active' };
    const gone = `${made.arn.slice(0, -4)}0000`;
    expect(await observeLoadBalancers(aws, call)).toContainEqual(active);
    expect(await observeLoadBalancersByArn(aws, [gone, made.arn], call)).toEqual([active]);
    expect(await observeLoadBalancerNamed(aws, name, call)).toEqual(active);
    expect(await observeLoadBalancerNamed(aws, 'nobody', call)).toBeUndefined();
    expect(await observeLoadBalancersByArn(aws, [], call)).toEqual([]);
  });

  test('subnets, groups, address type and attributes change in place', async () => {
    const { aws, call, fixture } = stage;
    const { arn } = await stage.loadBalancer(stage.name(), { securityGroupIds: [fixture.nodeSecurityGroup] });
    const wanted = { name: stage.name(), description: 'another', vpcId: fixture.vpcId, tags };
    const other = await createSecurityGroup(aws, wanted, call);
    await setSecurityGroups(aws, arn, [other], call);
    const mappings = [
      { subnetId: fixture.subnets.c, zone: 'us-west-2a' },
      { subnetId: fixture.subnets.d, zone: 'us-west-2b' },
    ];
    await setSubnets(aws, arn, mappings, call);
    await setAddressType(aws, arn, 'dualstack', call);
    await modifyLoadBalancerAttributes(aws, arn, { 'load_balancing.cross_zone.enabled': 'true' }, call);
    expect(await observeLoadBalancersByArn(aws, [arn], call)).toMatchObject([
      {
        securityGroupIds: [other],
        subnetIds: [fixture.subnets.c, fixture.subnets.d].toSorted(),
        addressType: 'dualstack',
      },
    ]);
    expect(await observeLoadBalancerAttributes(aws, arn, call)).toMatchObject({
      'load_balancing.cross_zone.enabled': 'true',
    });
  });

  test('addresses that were asked for are seen with their subnets, where the cloud shows them', async () => {
    const { aws, call, fixture } = stage;
    const given = [
      { subnetId: fixture.subnets.c, zone: 'us-west-2a', privateIpv4: '10.0.2.10' },
      { subnetId: fixture.subnets.d, zone: 'us-west-2b', privateIpv4: '10.0.3.10' },
    ];
    const { arn } = await stage.loadBalancer(stage.name(), { scheme: 'internal', subnets: given });
    const plain = await stage.loadBalancer(stage.name());
    const [found] = await observeLoadBalancersByArn(aws, [arn], call);
    const [bare] = await observeLoadBalancersByArn(aws, [plain.arn], call);
    const shown = new Set(found?.addresses);
    expect(shown).toEqual(new Set(stage.isMoto ? [] : given));
    expect(bare?.addresses?.some(one => one.privateIpv4 !== undefined)).toBe(stage.isMoto ? undefined : false);
  });

  test('tags are read for many at once, whatever is gone, and changed for several', async () => {
    const { aws, call } = stage;
    const all = await Promise.all(Array.from({ length: 21 }, () => stage.loadBalancer(stage.name(), { tags })));
    const arns = all.map(({ arn }) => arn);
    const [first = '', second = ''] = arns;
    await deleteLoadBalancer(aws, second, call);
    const left = arns.filter(arn => arn !== second);
    const read = await observeTags(aws, arns, call);
    expect(left.map(arn => read.get(arn))).toEqual(left.map(() => tags));
    await addTags(aws, [first, ...left.slice(1, 3)], { team: 'x' }, call);
    expect((await observeTags(aws, [first], call)).get(first)).toEqual({ ...tags, team: 'x' });
    await removeTags(aws, [first], ['team'], call);
    expect((await observeTags(aws, [first], call)).get(first)).toEqual(tags);
  });

  test('what is gone can be deleted', async () => {
    const { aws, call } = stage;
    const { arn } = await stage.loadBalancer();
    await deleteLoadBalancer(aws, arn, call);
    await deleteLoadBalancer(aws, arn, call);
    expect(await observeLoadBalancersByArn(aws, [arn], call)).toEqual([]);
  });
});
