import type { Call } from '../../../src/provider/provider.ts';
import type { Aws } from '../client/aws.ts';
import type { AwsConfig } from '../config.ts';
import type { ObservedSecurityGroup } from '../model/observed.ts';
import { tagKeys } from '../model/tags.ts';
import { observeSecurityGroups } from '../resources/security-groups.ts';

/** The security group that the nodes stand in. */
export interface NodeGroup {
  readonly group: ObservedSecurityGroup | undefined;
  /** Why it could not be told, for people. */
  readonly fault?: string;
}

/** One read. */
export async function findNodeGroup(aws: Aws, config: AwsConfig, call: Call): Promise<NodeGroup> {
  const { nodeSecurityGroup: id, clusterName, vpcId } = config;
  if (id !== undefined) {
    const [group] = await observeSecurityGroups(aws, { ids: [id] }, call);
    return chooseNodeGroup(config, group === undefined ? [] : [group]);
  }
  if (clusterName === undefined) return chooseNodeGroup(config, []);
  const tags = { [clusterTag(clusterName)]: [] };
  const found = await observeSecurityGroups(aws, { tags, ...(vpcId === undefined ? {} : { vpcId }) }, call);
  return chooseNodeGroup(config, found);
}

/**
 * Pure. Those that carry our own marks are no nodes'.
 *
 * | configured   | found with the cluster's tag | →                                           |
 * |--------------|------------------------------|---------------------------------------------|
 * | an id        | it                           | it                                          |
 * | an id        | no such group                | none, and a word                            |
 * | no id        | one                          | it                                          |
 * | no id        | several                      | an owned one, the lowest id; and a word     |
 * | no id        | none, or no cluster name     | none, and a word                            |
 */
export function chooseNodeGroup(
  { nodeSecurityGroup: id, clusterName }: Pick<AwsConfig, 'nodeSecurityGroup' | 'clusterName'>,
  found: readonly ObservedSecurityGroup[],
): NodeGroup {
  const remedy =
    'set nodeSecurityGroup in the provider’s config, or preauthorised where nodes let the traffic in already';
  if (id !== undefined) {
    const group = found.find(one => one.id === id);
    return group === undefined ? { group, fault: `there is no security group ${id}: ${remedy}` } : { group };
  }
  const candidates = found.filter(({ tags }) => tags[tagKeys.cluster] === undefined);
  const owned = (one: ObservedSecurityGroup): number => (one.tags[clusterTag(clusterName ?? '')] === 'owned' ? 0 : 1);
  const [group, other] = candidates.toSorted((one, two) => owned(one) - owned(two) || (one.id < two.id ? -1 : 1));
  if (group === undefined)
    return { group, fault: `nodes may not let the load balancers in, as their security group is not known: ${remedy}` };
  if (other === undefined) return { group };
  const names = candidates.map(one => one.id).join(', ');
  return {
    group,
    fault: `security groups ${names} are all tagged as the cluster’s, and ${group.id} was taken: ${remedy}`,
  };
}

function clusterTag(clusterName: string): string {
  return `kubernetes.io/cluster/${clusterName}`;
}
