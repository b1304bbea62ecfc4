import { expect, test } from 'vitest';
import { isDuplicate } from '../../../../providers/aws/client/classify-error.ts';
import type { ObservedRule } from '../../../../providers/aws/model/observed.ts';
import {
  authorizeIngress,
  createSecurityGroup,
  deleteSecurityGroup,
  observeSecurityGroups,
  revokeIngress,
  tagSecurityGroups,
  untagSecurityGroups,
} from '../../../../providers/aws/resources/security-groups.ts';
import { onEachWorld, type Stage } from './harness.ts';

const web: ObservedRule = {
  protocol: 'tcp',
  fromPort: 80,
  toPort: 80,
  source: { cidr: '10.1.0.0/16' },
  description: 'web',
};
const six: ObservedRule = { ...web, protocol: 'udp', source: { cidr: '2001:db8::/32' } };
const icmp: ObservedRule = { ...web, protocol: 'icmp', fromPort: 3, toPort: 4, source: { cidr: '0.0.0.0/0' } };

async function make(stage: Stage, tags: Readonly<Record<string, string>> = { a: 'b' }): Promise<string> {
  const { aws, call, fixture } = stage;
  return createSecurityGroup(aws, { name: stage.name(), description: 'a test', vpcId: fixture.vpcId, tags }, call);
}

async function rulesOf({ aws, call }: Stage, id: string): Promise<readonly ObservedRule[]> {
  const [found] = await observeSecurityGroups(aws, { ids: [id] }, call);
  return found?.rules ?? [];
}

onEachWorld(stage => {
  test('a group is made and found by id, by name, by tag and by a tag’s presence', async () => {
    const { aws, call, fixture } = stage;
    const name = stage.name();
    const wanted = {
      name,
      description: 'a test',
      vpcId: fixture.vpcId,
      tags: { 'fairlead.dev/cluster': 'c9', x: 'y' },
    };
    const id = await createSecurityGroup(aws, wanted, call);
    const made = { id, name, vpcId: fixture.vpcId, tags: wanted.tags, rules: [] };
    for (const filter of [
      { ids: [id, 'sg-0123456789abcdef0'] },
      { name, vpcId: fixture.vpcId },
      { tags: { 'fairlead.dev/cluster': ['c9'] } },
      { tags: { 'fairlead.dev/cluster': ['c8', 'c9'], x: [] } },
    ])
      expect(await observeSecurityGroups(aws, filter, call)).toEqual([made]);
    expect(await observeSecurityGroups(aws, { tags: { 'fairlead.dev/cluster': ['c8'] } }, call)).toEqual([]);
  });

  test('rules keep their descriptions, and name networks of both families and groups', async () => {
    const { aws, call, fixture } = stage;
    const id = await make(stage);
    const fromNodes: ObservedRule = {
      protocol: 'tcp',
      fromPort: 30_000,
      toPort: 32_767,
      source: { securityGroup: fixture.nodeSecurityGroup },
      description: 'fairlead: node ports',
    };
    const all = [web, six, icmp, fromNodes];
    await authorizeIngress(aws, id, all, call);
    const seen = await rulesOf(stage, id);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(expect.arrayContaining(all));
  });

  test('what is there already, or gone already, keeps none of the others', async () => {
    const { aws, call } = stage;
    const id = await make(stage);
    await authorizeIngress(aws, id, [web], call);
    await authorizeIngress(aws, id, [web, six, icmp], call);
    expect(await rulesOf(stage, id)).toHaveLength(3);
    await revokeIngress(aws, id, [web], call);
    await revokeIngress(aws, id, [web, six], call);
    expect(await rulesOf(stage, id)).toEqual([icmp]);
  });

  test('tags change', async () => {
    const { aws, call } = stage;
    const id = await make(stage);
    await tagSecurityGroups(aws, [id], { a: 'c', d: 'e' }, call);
    await untagSecurityGroups(aws, [id], ['a'], call);
    expect(await observeSecurityGroups(aws, { ids: [id] }, call)).toMatchObject([{ tags: { d: 'e' } }]);
  });

  test('a name that is taken is a duplicate; what is gone can be deleted, and revoked from', async () => {
    const { aws, call, fixture } = stage;
    const wanted = { name: stage.name(), description: 'a test', vpcId: fixture.vpcId, tags: { a: 'b' } };
    const id = await createSecurityGroup(aws, wanted, call);
    expect(isDuplicate(await createSecurityGroup(aws, wanted, call).catch((error: unknown) => error))).toBe(true);
    await deleteSecurityGroup(aws, id, call);
    await deleteSecurityGroup(aws, id, call);
    await revokeIngress(aws, id, [web], call);
    expect(await observeSecurityGroups(aws, { ids: [id] }, call)).toEqual([]);
  });
});
