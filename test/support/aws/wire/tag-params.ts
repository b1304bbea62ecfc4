import type { Params } from './params.ts';
import { Refusal } from './refusal.ts';

/** `Tags` of an ELBv2 request, `Tag` of an EC2 one. */
export function readTags(params: Params, name: 'Tags' | 'Tag', tooMany: string): ReadonlyMap<string, string> {
  const list = params.structs(name, tag => [tag.required('Key'), tag.optional('Value') ?? ''] as const) ?? [];
  const tags = new Map(list);
  if (tags.size < list.length) throw new Refusal('DuplicateTagKeys', 'A tag key was specified more than once');
  for (const [key, value] of list) checkTag(params, key, value, name === 'Tags');
  checkTagCount(tags, tooMany);
  return tags;
}

export function checkTagCount(tags: ReadonlyMap<string, string>, tooMany: string): void {
  if (tags.size > 50) throw new Refusal(tooMany, 'The maximum number of tags for a resource is 50');
}

function checkTag(params: Params, key: string, value: string, isStrict: boolean): void {
  if (key.length > 128) throw params.malformed('Key', key, 'it must not be longer than 128 characters');
  if (value.length > 256) throw params.malformed('Value', value, 'it must not be longer than 256 characters');
  if (/^aws:/i.test(key)) throw params.malformed('Key', key, "the prefix 'aws:' is reserved");
  // EC2 takes any character.
  if (isStrict && !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key + value))
    throw params.malformed('Key', key, 'it contains a character that is not allowed');
}

export function tagList(tags: ReadonlyMap<string, string>): readonly { readonly [field: string]: string }[] {
  return [...tags].map(([key, value]) => ({ Key: key, Value: value }));
}
