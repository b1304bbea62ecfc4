import type { ObservedSubnet } from '../../model/observed.ts';
import { byIdOrName, roleTags } from './subnet-tags.ts';

export interface VpcInput {
  /** That of the balancer that exists. */
  readonly present?: string;
  readonly configured?: string;
  /** Subnets that are asked for: ids or values of `Name` tags. */
  readonly wanted: readonly string[];
  readonly subnets: readonly ObservedSubnet[];
}

/**
 * Where a balancer stands. Pure.
 *
 * | it exists | operator's `vpcId` | subnets asked for  | subnets with a role tag | →                        |
 * |-----------|--------------------|--------------------|-------------------------|--------------------------|
 * | yes       | any                | any                | any                     | as it is                 |
 * | no        | given              | any                | any                     | `vpcId`                  |
 * | no        | none               | all of one VPC     | any                     | that one                 |
 * | no        | none               | of several         | any                     | fault: names them        |
 * | no        | none               | none, or not found | all of one VPC          | that one                 |
 * | no        | none               | none, or not found | of none or of several   | fault: names them        |
 */
export function chooseVpc(input: VpcInput): { readonly vpcId: string } | { readonly fault: string } {
  const decided = input.present ?? input.configured;
  if (decided !== undefined) return { vpcId: decided };
  const named = input.wanted.flatMap(name => byIdOrName(input.subnets, name));
  const roles: readonly string[] = Object.values(roleTags);
  const candidates = named.length > 0 ? named : input.subnets.filter(({ tags }) => roles.some(role => role in tags));
  const [first, ...others] = new Set(candidates.map(subnet => subnet.vpcId));
  if (first !== undefined && others.length === 0) return { vpcId: first };
  const remedy = 'set vpcId in the operator’s config';
  if (first === undefined)
    return { fault: `no VPC has a subnet tagged ${roles.join(' or ')}: tag subnets of one, or ${remedy}` };
  const which = named.length > 0 ? 'the subnets that are asked for are' : 'subnets tagged for balancers are';
  return { fault: `${which} in ${others.length + 1} VPCs (${[first, ...others].join(', ')}): ${remedy}` };
}
