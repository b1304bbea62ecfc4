import type { KnownBalancer } from '../../inventory/known-balancer.ts';
import type { DesiredBalancer } from '../../model/desired.ts';
import type { Tags } from '../../model/observed.ts';
import { balancerTags } from '../../model/tags.ts';
import { askedKey } from './asked-keys.ts';
import type { Change } from './change.ts';

/**
 * Tags that are missing or have another value are set; those that were asked for and are not any more are taken away; all others are
 * somebody else's. The role of a part is given with its create, and read of security groups only. Listeners go with their balancer, since nobody reads theirs. Pure.
 */
export function planTags(
  desired: DesiredBalancer,
  known: KnownBalancer,
  asked: ReadonlySet<string>,
): readonly Change[] {
  const wanted = balancerTags(desired);
  const balancing = [
    ...(known.loadBalancer === undefined ? [] : [{ arns: arnsWithListeners(known), tags: known.loadBalancer.tags }]),
    ...known.targetGroups
      .filter(({ name }) => desired.targetGroups.some(group => group.name === name))
      .map(({ arn, tags }) => ({ arns: [arn], tags })),
  ];
  const missing = balancing.flatMap(({ arns, tags }) => {
    const some = missingOf(wanted, tags);
    return some === undefined ? [] : [{ arns, tags: some }];
  });
  const surplus = balancing.flatMap(({ arns, tags }) => {
    const keys = surplusOf(wanted, tags, asked);
    return keys.length === 0 ? [] : [{ arns, keys }];
  });
  return [
    ...together(missing, ({ tags }) => JSON.stringify(tags)).map(
      ({ arns, first: { tags } }): Change => ({ do: 'add-tags', arns, tags }),
    ),
    ...together(surplus, ({ keys }) => keys.join('\n')).map(
      ({ arns, first: { keys } }): Change => ({ do: 'remove-tags', arns, keys }),
    ),
    ...planGroupTags(desired, known, asked),
  ];
}

function planGroupTags(desired: DesiredBalancer, known: KnownBalancer, asked: ReadonlySet<string>): readonly Change[] {
  if (known.securityGroup === undefined || desired.securityGroups.kind !== 'own') return [];
  const wanted = balancerTags(desired);
  const tags = missingOf(wanted, known.securityGroup.tags);
  const keys = surplusOf(wanted, known.securityGroup.tags, asked);
  return [
    ...(tags === undefined ? [] : [{ do: 'tag-security-group', tags } as const]),
    ...(keys.length === 0 ? [] : [{ do: 'untag-security-group', keys } as const]),
  ];
}

/** Of a listener that is being made its create says the tags. */
function arnsWithListeners({ loadBalancer, listeners = [] }: KnownBalancer): readonly string[] {
  return [...(loadBalancer === undefined ? [] : [loadBalancer.arn]), ...listeners.map(({ arn }) => arn)];
}

function missingOf(wanted: Tags, tags: Tags): Tags | undefined {
  const missing = Object.entries(wanted).filter(([key, value]) => tags[key] !== value);
  return missing.length === 0 ? undefined : Object.fromEntries(missing);
}

function surplusOf(wanted: Tags, tags: Tags, asked: ReadonlySet<string>): readonly string[] {
  return Object.keys(tags).filter(key => !Object.hasOwn(wanted, key) && asked.has(askedKey.tag(key)));
}

/** One request for all that need the same. */
function together<One extends { readonly arns: readonly string[] }>(
  all: readonly One[],
  keyOf: (one: One) => string,
): readonly { readonly arns: readonly string[]; readonly first: One }[] {
  return [...Map.groupBy(all, keyOf).values()].flatMap(group => {
    const [first] = group;
    return first === undefined ? [] : [{ arns: group.flatMap(({ arns }) => arns), first }];
  });
}
