import { describe, expect, test } from 'vitest';
import { chooseNodeGroup } from '../../../../providers/aws/backend/node-group.ts';

const tag = 'kubernetes.io/cluster/prod';

function group(id: string, tags: Readonly<Record<string, string>> = { [tag]: 'owned' }) {
  return { id, name: id, vpcId: 'vpc-1', tags, rules: [] };
}

describe('which security group is the nodes’', () => {
  test.each([
    {
      name: 'the one that is configured',
      config: { nodeSecurityGroup: 'sg-1' },
      found: [group('sg-1', {})],
      chosen: 'sg-1',
      fault: undefined,
    },
    {
      name: 'one that is configured and not there',
      config: { nodeSecurityGroup: 'sg-1' },
      found: [],
      chosen: undefined,
      fault: /no security group sg-1/,
    },
    {
      name: 'the only one with the cluster’s tag',
      config: { clusterName: 'prod' },
      found: [group('sg-1')],
      chosen: 'sg-1',
      fault: undefined,
    },
    {
      name: 'our own are no nodes’',
      config: { clusterName: 'prod' },
      found: [group('sg-0', { [tag]: 'owned', 'fairlead.dev/cluster': 'c' }), group('sg-1')],
      chosen: 'sg-1',
      fault: undefined,
    },
    {
      name: 'of several an owned one, and the lowest id',
      config: { clusterName: 'prod' },
      found: [group('sg-0', { [tag]: 'shared' }), group('sg-2'), group('sg-1')],
      chosen: 'sg-1',
      fault: /sg-0, sg-2, sg-1 are all tagged/,
    },
    {
      name: 'none',
      config: { clusterName: 'prod' },
      found: [],
      chosen: undefined,
      fault: /set nodeSecurityGroup .* or preauthorised/,
    },
    { name: 'none, without a name to look for', config: {}, found: [], chosen: undefined, fault: /not known/ },
  ])('$name', ({ config, found, chosen, fault }) => {
    const node = chooseNodeGroup(config, found);
    expect(node.group?.id).toBe(chosen);
    expect(node.fault ?? '').toMatch(fault ?? /^$/);
  });
});
