import { ProviderError } from '../../../../src/provider/provider-error.ts';
import { isDuplicate, isInUse } from '../../client/classify-error.ts';
import { isOurs } from '../../inventory/holder.ts';
import type { DesiredTargetGroup } from '../../model/desired.ts';
import { partTags } from '../../model/tags.ts';
import { modifyTargetGroupAttributes } from '../../resources/attributes.ts';
import { observeTags } from '../../resources/tags.ts';
import {
  createTargetGroup,
  deleteTargetGroup,
  modifyHealthCheck,
  observeTargetGroupNamed,
} from '../../resources/target-groups.ts';
import { keyOf, noTargets } from '../../targets/known-targets.ts';
import type { Appliers, ApplyDeps, Work } from './work.ts';

export const targetGroupAppliers: Appliers<
  | 'create-target-group'
  | 'modify-health-check'
  | 'modify-target-group-attributes'
  | 'sync-targets'
  | 'delete-target-group'
> = {
  'create-target-group': (deps, work, { group }) => create(deps, work, group),
  async 'modify-health-check'({ aws }, { record, call }, { group, check }) {
    const { arn } = record.targetGroup(group);
    await record.change(() => modifyHealthCheck(aws, arn, check, call));
    record.patchTargetGroup(arn, { healthCheck: check });
  },
  async 'modify-target-group-attributes'({ aws }, { record, call }, { group, attributes }) {
    const { arn } = record.targetGroup(group);
    await record.change(() => modifyTargetGroupAttributes(aws, arn, attributes, call));
    record.patchTargetGroup(arn, { attributes: { ...record.targetGroup(group).attributes, ...attributes } });
  },
  'sync-targets': (deps, work, { group }) => sync(deps, work, group),
  async 'delete-target-group'({ aws, targets }, { record, call, waits }, { observed: { arn, name } }) {
    try {
      await record.change(() => deleteTargetGroup(aws, arn, call));
      targets.forget(arn);
      record.removeTargetGroup(arn);
    } catch (error) {
      if (!isInUse(error)) throw error;
      waits.add(`target group ${name} is still in use`);
    }
  },
};

/** Where one of that name is there already, its answer was lost, or it is from before this process: it is taken over if its tags are ours. */
async function create({ aws }: ApplyDeps, { desired, record, call }: Work, group: DesiredTargetGroup): Promise<void> {
  const { name, healthCheck } = group;
  const tags = partTags(desired, 'target-group');
  try {
    const made = await record.change(() => createTargetGroup(aws, group, tags, call));
    record.setTargetGroup({ ...made, healthCheck, tags, attributes: {}, targets: noTargets });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const found = await observeTargetGroupNamed(aws, name, call);
    if (found === undefined)
      throw new Error(`target group ${name} is said to exist, and is not shown yet`, { cause: error });
    const theirs = (await observeTags(aws, [found.arn], call)).get(found.arn) ?? {};
    if (!isOurs(theirs, desired))
      throw new ProviderError(
        'rejected',
        `the target group name ${name} is taken by something else: delete that target group`,
      );
    record.setTargetGroup({ ...found, tags: theirs, attributes: undefined, targets: undefined });
  }
}

async function sync({ targets }: ApplyDeps, { record, call, waits }: Work, group: DesiredTargetGroup): Promise<void> {
  const { arn, targets: known } = record.targetGroup(group.name);
  const { held, refused } = await targets.sync(
    {
      arn,
      wanted: group.targets,
      known,
      remember: next => record.patchTargetGroup(arn, { targets: next }),
      change: run => record.change(run),
    },
    call,
  );
  record.refused.set(arn, new Set(refused.map(keyOf)));
  if (held.length > 0) waits.add('the new targets are not healthy yet, so the former ones stay');
}
