import { describeEc2 } from '../services/describe-ec2.ts';
import { readTagSpecification, tagSet } from '../services/ec2-tags.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { SecurityGroup } from '../world/ec2-model.ts';
import { permissionsXml } from './rule-xml.ts';

/** What names and descriptions may consist of. */
const allowed = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

export const createSecurityGroup: Operation = params => {
  const name = params.required('GroupName');
  const description = params.required('GroupDescription');
  const vpcId = params.optional('VpcId');
  const tags = readTagSpecification(params, 'security-group');
  if (!allowed.test(name) || name.startsWith('sg-'))
    throw params.malformed('GroupName', name, 'no such name is allowed');
  if (!allowed.test(description)) throw params.malformed('GroupDescription', description, 'it has other characters');
  return account => {
    if (vpcId === undefined) throw new Refusal('VPCIdNotSpecified', 'No default VPC for this user');
    if (!account.vpcs.has(vpcId)) throw new Refusal('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
    if ([...account.securityGroups.values()].some(group => group.vpcId === vpcId && group.name === name))
      throw new Refusal('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);
    if (account.securityGroups.size >= account.settings.quotas.securityGroups)
      throw new Refusal('SecurityGroupLimitExceeded', 'The maximum number of security groups has been reached.');
    const group = makeSecurityGroup(account, { name, description, vpcId }, tags);
    return { return: true, groupId: group.id, securityGroupArn: arnOf(account, group), tagSet: tagSet(tags) };
  };
};

export function makeSecurityGroup(
  account: Account,
  fields: Pick<SecurityGroup, 'name' | 'description' | 'vpcId'>,
  tags: ReadonlyMap<string, string> = new Map(),
): SecurityGroup {
  const id = account.newId('sg');
  const group = { ...fields, id, createdAt: account.now(), ingress: new Map(), tags: new Map(tags) };
  account.securityGroups.set(id, group);
  return group;
}

export const describeSecurityGroups = describeEc2<SecurityGroup>({
  idParam: 'GroupId',
  notFound: 'InvalidGroup.NotFound',
  resultSet: 'securityGroupInfo',
  all: account => [...account.securityGroups.values()].filter(group => account.sees(group)),
  filters: () => ({
    'group-id': group => [group.id],
    'group-name': group => [group.name],
    'vpc-id': group => [group.vpcId],
    description: group => [group.description],
    'ip-permission.group-id': group => [...group.ingress.values()].map(({ source }) => source.value),
  }),
  xml: (account, group) => ({
    groupId: group.id,
    groupName: group.name,
    groupDescription: group.description,
    vpcId: group.vpcId,
    ownerId: account.id,
    securityGroupArn: arnOf(account, group),
    ipPermissions: permissionsXml(account, [...group.ingress.values()]),
    ipPermissionsEgress: [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] }],
    tagSet: tagSet(group.tags),
  }),
});

/** A group that another one's rule names, or that is on a network interface, stays. */
export const deleteSecurityGroup: Operation = params => {
  const id = params.required('GroupId');
  return account => {
    const group = securityGroupAt(account, id);
    if (group.name === 'default')
      throw new Refusal('CannotDelete', `the specified group: "${id}" name: "default" cannot be deleted by a user`);
    const others = [...account.securityGroups.values()].filter(other => other !== group);
    const isNamed = others.some(({ ingress }) => [...ingress.values()].some(({ source }) => source.value === id));
    const isWorn = account.interfaces().some(({ securityGroups }) => securityGroups.includes(id));
    if (isNamed || isWorn) throw new Refusal('DependencyViolation', `resource ${id} has a dependent object`);
    account.securityGroups.delete(id);
    return { return: true, groupId: id };
  };
};

export function securityGroupAt(account: Account, id: string): SecurityGroup {
  const group = account.securityGroups.get(id);
  if (group === undefined) throw new Refusal('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  return group;
}

function arnOf(account: Account, { id }: SecurityGroup): string {
  return `arn:aws:ec2:${account.region}:${account.id}:security-group/${id}`;
}
