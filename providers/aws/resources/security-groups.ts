import type { DescribeSecurityGroupsCommandInput, SecurityGroup } from '@aws-sdk/client-ec2';
import type { Aws, AwsCall } from '../client/aws.ts';
import { isDuplicate, isNotFound } from '../client/classify-error.ts';
import type { ObservedRule, ObservedSecurityGroup, Tags } from '../model/observed.ts';
import { toFilters } from './filters.ts';
import { toPermission, toRules } from './permissions.ts';
import { toTagList, toTags } from './tags.ts';

/** All that is said must fit. */
export interface SecurityGroupFilter {
  readonly ids?: readonly string[];
  readonly name?: string;
  readonly vpcId?: string;
  /** Tag → its values; an empty list: any value. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
}

/** With their rules. Ids that do not exist are left out, and so is everything where nothing fits. */
export async function observeSecurityGroups(
  aws: Aws,
  filter: SecurityGroupFilter,
  call: AwsCall,
): Promise<readonly ObservedSecurityGroup[]> {
  const input: DescribeSecurityGroupsCommandInput = {
    Filters: toFilters(
      { 'group-id': filter.ids, 'group-name': wrapped(filter.name), 'vpc-id': wrapped(filter.vpcId) },
      filter.tags,
    ),
    MaxResults: 1_000,
  };
  const found: SecurityGroup[] = [];
  for (let token: string | undefined; ; ) {
    const page = await aws.send('DescribeSecurityGroups', { ...input, NextToken: token }, call);
    found.push(...(page.SecurityGroups ?? []));
    token = page.NextToken;
    if (token === undefined || token === '') break;
  }
  return found.map(toObserved);
}

export interface NewSecurityGroup {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly tags: Tags;
}

/** Its id. It has no rule for what comes in, and AWS's own for what goes out. */
export async function createSecurityGroup(aws: Aws, wanted: NewSecurityGroup, call: AwsCall): Promise<string> {
  const { GroupId } = await aws.send(
    'CreateSecurityGroup',
    {
      GroupName: wanted.name,
      Description: wanted.description,
      VpcId: wanted.vpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: toTagList(wanted.tags) }],
    },
    call,
  );
  if (GroupId === undefined)
    throw new Error(`AWS has answered the create of security group ${wanted.name} without its id`);
  return GroupId;
}

/** Absent is success. While something is in it or names it, it fails with `isInUse`. */
export async function deleteSecurityGroup(aws: Aws, id: string, call: AwsCall): Promise<void> {
  try {
    await aws.send('DeleteSecurityGroup', { GroupId: id }, call);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** One request; one for each rule only where some of them are there already, which AWS refuses as a whole. */
export async function authorizeIngress(
  aws: Aws,
  groupId: string,
  rules: readonly ObservedRule[],
  call: AwsCall,
): Promise<void> {
  await eachIfRefused(rules, isDuplicate, async some => {
    await aws.send('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: some.map(toPermission) }, call);
  });
}

/** One request; one for each rule only where some of them are gone already. A group that is gone is success. */
export async function revokeIngress(
  aws: Aws,
  groupId: string,
  rules: readonly ObservedRule[],
  call: AwsCall,
): Promise<void> {
  await eachIfRefused(rules, isNotFound, async some => {
    await aws.send('RevokeSecurityGroupIngress', { GroupId: groupId, IpPermissions: some.map(toPermission) }, call);
  });
}

/** A tag that is there gets the value. */
export async function tagSecurityGroups(aws: Aws, ids: readonly string[], tags: Tags, call: AwsCall): Promise<void> {
  await aws.send('CreateTags', { Resources: [...ids], Tags: toTagList(tags) }, call);
}

export async function untagSecurityGroups(
  aws: Aws,
  ids: readonly string[],
  keys: readonly string[],
  call: AwsCall,
): Promise<void> {
  await aws.send('DeleteTags', { Resources: [...ids], Tags: keys.map(Key => ({ Key })) }, call);
}

async function eachIfRefused(
  rules: readonly ObservedRule[],
  isDone: (error: unknown) => boolean,
  send: (some: readonly ObservedRule[]) => Promise<void>,
): Promise<void> {
  try {
    await send(rules);
  } catch (error) {
    if (!isDone(error)) throw error;
    if (rules.length > 1) for (const one of rules) await eachIfRefused([one], isDone, send);
  }
}

function wrapped(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

function toObserved(one: SecurityGroup): ObservedSecurityGroup {
  return {
    id: one.GroupId ?? '',
    name: one.GroupName ?? '',
    vpcId: one.VpcId ?? '',
    tags: toTags(one.Tags),
    rules: (one.IpPermissions ?? []).flatMap(toRules),
  };
}
