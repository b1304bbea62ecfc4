import {
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type Filter,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { recordOf } from '../observed/observed-world.ts';
import { outcomeOf, type Rule } from './rule.ts';
import type { Stage } from './stage.ts';

export const securityGroupRules: readonly Rule[] = [
  {
    rule: 'a name is there once in a VPC, and does not begin with sg-',
    try: async stage => {
      const GroupName = stage.newName();
      return [
        await outcomeOf(stage.securityGroup({ GroupName })),
        await outcomeOf(stage.securityGroup({ GroupName })),
        await outcomeOf(stage.securityGroup({ GroupName: 'sg-x' })),
        await outcomeOf(stage.securityGroup({ VpcId: 'vpc-00000000000000000' })),
        await outcomeOf(stage.securityGroup({ Description: 'umlaut ä' })),
      ];
    },
    aws: ['ok', 'InvalidGroup.Duplicate', 'InvalidParameterValue', 'InvalidVpcID.NotFound', 'InvalidParameterValue'],
    moto: ['ok', 'InvalidGroup.Duplicate', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'groups are found by id, name, VPC and tags',
    try: async stage => {
      const GroupName = stage.newName();
      const Tags = [{ Key: 'purpose', Value: GroupName }];
      const id = await stage.securityGroup({
        GroupName,
        TagSpecifications: [{ ResourceType: 'security-group', Tags }],
      });
      const filters: Filter[][] = [
        [{ Name: 'group-id', Values: [id] }],
        [{ Name: 'group-name', Values: [GroupName, 'another'] }],
        [
          { Name: 'vpc-id', Values: [stage.fixture.vpcId] },
          { Name: 'tag:purpose', Values: [GroupName] },
        ],
        [
          { Name: 'tag-key', Values: ['purpose'] },
          { Name: 'group-name', Values: [`${GroupName}*`] },
        ],
        [
          { Name: 'tag:purpose', Values: [GroupName] },
          { Name: 'group-name', Values: ['another'] },
        ],
      ];
      const found: number[] = [];
      for (const Filters of filters) {
        const { SecurityGroups } = await stage.clients.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
        found.push(SecurityGroups?.length ?? 0);
      }
      return found;
    },
    aws: [1, 1, 1, 1, 0],
  },
  {
    rule: 'a filter must be known, and an id there',
    try: async stage => {
      const { ec2 } = stage.clients;
      const Filters = [{ Name: 'bogus', Values: ['x'] }];
      return [
        await outcomeOf(ec2.send(new DescribeSecurityGroupsCommand({ Filters }))),
        await outcomeOf(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-00000000000000000'] }))),
        await outcomeOf(ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-00000000000000000'] }))),
      ];
    },
    aws: ['InvalidParameterValue', 'InvalidGroup.NotFound', 'InvalidSubnetID.NotFound'],
    moto: ['Error', 'InvalidGroup.NotFound', 'InvalidSubnetID.NotFound'],
  },
  {
    rule: 'tags can be given and taken away later',
    try: async stage => {
      const { ec2 } = stage.clients;
      const GroupIds = [await stage.securityGroup()];
      const Tags = ['a', 'b', 'c'].map(Key => ({ Key, Value: '<&>"' }));
      await ec2.send(new CreateTagsCommand({ Resources: GroupIds, Tags }));
      await ec2.send(new DeleteTagsCommand({ Resources: GroupIds, Tags: [{ Key: 'a' }, { Key: 'b', Value: 'x' }] }));
      const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds }));
      return recordOf(SecurityGroups?.[0]?.Tags);
    },
    aws: { b: '<&>"', c: '<&>"' },
  },
  {
    rule: 'a rule is kept without host bits, with its description, which does not make another rule of it',
    try: async stage => {
      const id = await stage.securityGroup();
      await stage.authorize(id, from('10.1.2.3/16', 'first'));
      const again = await outcomeOf(stage.authorize(id, from('10.1.0.0/16', 'second')));
      const found = await permissionsOf(stage, id);
      return [again, found.map(({ IpRanges }) => IpRanges)];
    },
    aws: ['InvalidPermission.Duplicate', [[{ CidrIp: '10.1.0.0/16', Description: 'first' }]]],
    moto: [
      'ok',
      [
        [
          { CidrIp: '10.1.2.3/16', Description: 'first' },
          { CidrIp: '10.1.0.0/16', Description: 'second' },
        ],
      ],
    ],
  },
  {
    rule: 'the rules of a request come all or none',
    try: async stage => {
      const id = await stage.securityGroup();
      await stage.authorize(id, from('10.1.0.0/16'));
      const outcome = await outcomeOf(stage.authorize(id, from('10.2.0.0/16'), from('10.1.0.0/16')));
      return [outcome, (await permissionsOf(stage, id)).flatMap(({ IpRanges }) => IpRanges ?? []).length];
    },
    aws: ['InvalidPermission.Duplicate', 1],
    moto: ['InvalidPermission.Duplicate', 2],
  },
  {
    rule: 'sixty rules are the most',
    try: async stage => {
      const id = await stage.securityGroup();
      const ranges = (count: number) => ({
        ...from('10.0.0.0/32'),
        IpRanges: Array.from({ length: count }, (_, n) => ({ CidrIp: `10.0.${count}.${n}/32` })),
      });
      return [await outcomeOf(stage.authorize(id, ranges(60))), await outcomeOf(stage.authorize(id, ranges(1)))];
    },
    aws: ['ok', 'RulesPerSecurityGroupLimitExceeded'],
  },
  {
    rule: 'a wrong range, a range of ports the wrong way round and an absent group are refused',
    try: async stage => {
      const id = await stage.securityGroup();
      const ports = { ...from('10.0.0.0/8'), FromPort: 2, ToPort: 1 };
      const absent = [{ GroupId: 'sg-00000000000000000' }];
      return [
        await outcomeOf(stage.authorize(id, from('10.0.0.0/33'))),
        await outcomeOf(stage.authorize(id, ports)),
        await outcomeOf(stage.authorize(id, { ...from('10.0.0.0/8'), IpRanges: undefined, UserIdGroupPairs: absent })),
      ];
    },
    aws: ['InvalidParameterValue', 'InvalidParameterValue', 'InvalidGroup.NotFound'],
    moto: ['InvalidParameterValue', 'ok', 'InvalidGroup.NotFound'],
  },
  {
    rule: 'a rule is revoked with whatever description; one that is not there cannot be',
    try: async stage => {
      const id = await stage.securityGroup();
      await stage.authorize(id, from('10.1.0.0/16', 'first'));
      return [await revoke(stage, id, from('10.1.0.0/16')), await revoke(stage, id, from('10.1.0.0/16'))];
    },
    aws: ['ok', 'InvalidPermission.NotFound'],
  },
  {
    rule: 'a group that a rule of another names stays',
    try: async stage => {
      const [named, naming] = [await stage.securityGroup(), await stage.securityGroup()];
      const permission = { IpProtocol: 'tcp', FromPort: 1, ToPort: 2, UserIdGroupPairs: [{ GroupId: named }] };
      await stage.authorize(naming, permission);
      const before = await remove(stage, named);
      await revoke(stage, naming, permission);
      return [before, await remove(stage, named), await remove(stage, named)];
    },
    aws: ['DependencyViolation', 'ok', 'InvalidGroup.NotFound'],
    moto: ['ok', 'InvalidGroup.NotFound', 'InvalidGroup.NotFound'],
  },
  {
    rule: 'a group on a load balancer stays',
    try: async stage => {
      const group = await stage.securityGroup();
      await stage.balancer({ SecurityGroups: [group] });
      return remove(stage, group);
    },
    aws: 'DependencyViolation',
    moto: 'ok',
  },
];

function from(CidrIp: string, Description?: string): IpPermission {
  return { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp, Description }] };
}

function revoke(stage: Stage, GroupId: string, ...IpPermissions: IpPermission[]): Promise<string> {
  return outcomeOf(stage.clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
}

function remove(stage: Stage, GroupId: string): Promise<string> {
  return outcomeOf(stage.clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
}

async function permissionsOf(stage: Stage, id: string): Promise<readonly IpPermission[]> {
  const { SecurityGroups } = await stage.clients.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return SecurityGroups?.[0]?.IpPermissions ?? [];
}
