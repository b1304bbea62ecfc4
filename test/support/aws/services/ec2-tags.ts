import type { Params } from '../wire/params.ts';
import { Refusal } from '../wire/refusal.ts';
import { checkTagCount, readTags } from '../wire/tag-params.ts';
import type { Account } from '../world/account.ts';
import type { Operation } from './service.ts';

/** `TagSpecification`, which must be for what is being made. */
export function readTagSpecification(params: Params, resourceType: string): Map<string, string> {
  const all = params.structs('TagSpecification', item => {
    const type = item.required('ResourceType');
    if (type !== resourceType)
      throw new Refusal('InvalidParameterValue', `'${type}' is not a valid taggable resource type for this operation.`);
    return readTags(item, 'Tag', 'TagLimitExceeded');
  });
  return new Map((all ?? []).flatMap(tags => [...tags]));
}

export function tagSet(tags: ReadonlyMap<string, string>): readonly { readonly [field: string]: string }[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}

export const createTags: Operation = params => {
  const ids = readIds(params);
  const wanted = readTags(params, 'Tag', 'TagLimitExceeded');
  if (wanted.size === 0) throw new Refusal('MissingParameter', 'The request must contain the parameter Tag');
  return account => {
    const all = ids.map(id => tagsOf(account, id));
    for (const tags of all) checkTagCount(new Map([...tags, ...wanted]), 'TagLimitExceeded');
    for (const tags of all) for (const [key, value] of wanted) tags.set(key, value);
    return { return: true };
  };
};

/** A tag given with a value goes only where it has that value. */
export const deleteTags: Operation = params => {
  const ids = readIds(params);
  const unwanted = params.structs('Tag', item => ({ key: item.required('Key'), value: item.optional('Value') }));
  return account => {
    for (const tags of ids.map(id => tagsOf(account, id))) {
      for (const { key, value } of unwanted ?? [...tags.keys()].map(every => ({ key: every, value: undefined })))
        if (value === undefined || tags.get(key) === value) tags.delete(key);
    }
    return { return: true };
  };
};

function readIds(params: Params): readonly string[] {
  const ids = params.texts('ResourceId') ?? [];
  if (ids.length === 0) throw new Refusal('MissingParameter', 'The request must contain the parameter ResourceId');
  return ids;
}

function tagsOf(account: Account, id: string): Map<string, string> {
  const { vpcs, subnets, securityGroups, instances, addresses, internetGateways, routeTables } = account;
  for (const things of [vpcs, subnets, securityGroups, instances, addresses, internetGateways, routeTables]) {
    const thing = things.get(id);
    if (thing !== undefined) return thing.tags;
  }
  throw new Refusal('InvalidID', `The ID '${id}' is not valid`);
}
