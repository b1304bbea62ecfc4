import { Refusal } from '../wire/refusal.ts';
import { checkTagCount, readTags, tagList } from '../wire/tag-params.ts';
import type { Account } from '../world/account.ts';
import type { Made } from '../world/elb-model.ts';
import type { Operation } from './service.ts';

const maxNamed = 20;

/** Tags of all resources of ELBv2. */
export const describeTags: Operation = params => {
  const arns = readArns(params.texts('ResourceArns'));
  return account => ({
    TagDescriptions: arns.map(arn => ({ ResourceArn: arn, Tags: tagList(taggedAt(account, arn).tags) })),
  });
};

/** All or none. */
export const addTags: Operation = params => {
  const arns = readArns(params.texts('ResourceArns'));
  const wanted = readTags(params, 'Tags', 'TooManyTags');
  if (wanted.size === 0) throw new Refusal('ValidationError', 'At least one tag must be given');
  return account => {
    const things = arns.map(arn => taggedAt(account, arn));
    for (const { tags } of things) checkTagCount(new Map([...tags, ...wanted]), 'TooManyTags');
    for (const { tags } of things) for (const [key, value] of wanted) tags.set(key, value);
    return {};
  };
};

export const removeTags: Operation = params => {
  const arns = readArns(params.texts('ResourceArns'));
  const keys = params.texts('TagKeys') ?? [];
  return account => {
    const things = arns.map(arn => taggedAt(account, arn));
    for (const { tags } of things) for (const key of keys) tags.delete(key);
    return {};
  };
};

function readArns(arns: readonly string[] = []): readonly string[] {
  if (arns.length === 0) throw new Refusal('ValidationError', 'At least one resource ARN must be given');
  if (arns.length > maxNamed) throw new Refusal('ValidationError', `At most ${maxNamed} resource ARNs can be given`);
  return arns;
}

function taggedAt(account: Account, arn: string): Made {
  const { loadBalancers, targetGroups, listeners } = account;
  const found = loadBalancers.get(arn) ?? targetGroups.get(arn) ?? listeners.get(arn);
  if (found !== undefined) return found;
  const [kind, code] =
    [
      [':loadbalancer/', 'LoadBalancerNotFound'],
      [':targetgroup/', 'TargetGroupNotFound'],
      [':listener/', 'ListenerNotFound'],
    ].find(([part = '']) => arn.includes(part)) ?? [];
  if (kind === undefined || code === undefined) throw new Refusal('ValidationError', `'${arn}' is not a valid ARN`);
  throw new Refusal(code, `'${arn}' not found`);
}
