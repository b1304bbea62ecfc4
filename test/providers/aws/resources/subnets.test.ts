import { expect, test } from 'vitest';
import { observeSubnets } from '../../../../providers/aws/resources/subnets.ts';
import { observeVpcs } from '../../../../providers/aws/resources/vpcs.ts';
import { onEachWorld } from './harness.ts';

onEachWorld(stage => {
  test('subnets are found by tag and by id, with zone, networks and room', async () => {
    const { aws, call, fixture } = stage;
    const { a, b } = fixture.subnets;
    const tagged = await observeSubnets(
      aws,
      { vpcId: fixture.vpcId, tags: { 'kubernetes.io/role/elb': ['', '1'] } },
      call,
    );
    expect(tagged.map(({ id }) => id).toSorted((x, y) => x.localeCompare(y))).toEqual([a, b].toSorted());
    const [one] = await observeSubnets(aws, { ids: [a, 'subnet-0123456789abcdef0'] }, call);
    expect(one).toMatchObject({
      id: a,
      zone: 'us-west-2a',
      vpcId: fixture.vpcId,
      cidr: '10.0.0.0/24',
      tags: { 'kubernetes.io/role/elb': '1' },
    });
    expect(one?.freeAddresses).toBeGreaterThan(200);
    expect(one?.ipv6Cidrs).toHaveLength(1);
    expect(await observeSubnets(aws, { tags: { 'kubernetes.io/role/none': [] } }, call)).toEqual([]);
  });

  test('a VPC has the networks of both families', async () => {
    const { aws, call, fixture } = stage;
    const [vpc] = await observeVpcs(aws, { ids: [fixture.vpcId] }, call);
    expect(vpc?.cidrs).toEqual(['10.0.0.0/16', expect.stringMatching(/:.*\/56$/)]);
  });
});
