import type { DesiredBalancer } from '../../model/desired.ts';

/** Names for tags and attributes that have been asked for: what is not asked for any more is taken back, what never was is not ours. */
export const askedKey = {
  tag: (key: string) => `tag ${key}`,
  attribute: (key: string) => `attribute ${key}`,
  groupAttribute: (group: string, key: string) => `${group} ${key}`,
};

export function askedKeys(desired: DesiredBalancer): ReadonlySet<string> {
  return new Set([
    ...Object.keys(desired.tags).map(askedKey.tag),
    ...Object.keys(desired.attributes).map(askedKey.attribute),
    ...desired.targetGroups.flatMap(({ name, attributes }) =>
      Object.keys(attributes).map(key => askedKey.groupAttribute(name, key)),
    ),
  ]);
}
