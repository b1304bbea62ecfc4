import { ruleKey } from '../../desired/security-rules.ts';
import type { KnownBalancer } from '../../inventory/known-balancer.ts';
import type { DesiredBalancer, IngressRule } from '../../model/desired.ts';
import type { ObservedRule } from '../../model/observed.ts';
import { ruleDescription } from '../../model/tags.ts';
import type { Change } from './change.ts';

export interface RuleDiff {
  readonly authorize: readonly IngressRule[];
  readonly revoke: readonly ObservedRule[];
}

/** Rules without our description are somebody else's: they stay, and where one allows the same as ours it stands for it. Pure. */
export function diffRules(
  wanted: readonly IngressRule[],
  observed: readonly ObservedRule[],
  description: string,
): RuleDiff {
  const there = new Set(observed.map(ruleKey));
  const keys = new Set(wanted.map(ruleKey));
  return {
    authorize: wanted.filter(rule => !there.has(ruleKey(rule))),
    revoke: observed.filter(rule => rule.description === description && !keys.has(ruleKey(rule))),
  };
}

/**
 * Pure. `has`: the balancer stands with security groups, which it keeps or lacks for ever; true while there is none.
 *
 * | desired       | own group is | has | →                                                                  |
 * |---------------|--------------|-----|--------------------------------------------------------------------|
 * | own           | missing      | yes | create, authorise                                                  |
 * | own           | there        | yes | authorise what is missing, then revoke what is too much            |
 * | own           | missing      | no  | nothing                                                            |
 * | given         | there        |     | delete, once the balancer has let go of it                         |
 * | none          | there        | yes | nothing: the balancer cannot let go of it                          |
 * | none          | there        | no  | delete                                                             |
 */
export function planSecurityGroup(desired: DesiredBalancer, known: KnownBalancer): readonly Change[] {
  const { securityGroups } = desired;
  const { loadBalancer, securityGroup } = known;
  if (securityGroups.kind !== 'own') {
    const stays = securityGroups.kind === 'none' && loadBalancer?.securityGroupIds.includes(securityGroup?.id ?? '');
    return securityGroup === undefined || stays === true ? [] : [{ do: 'delete-security-group' }];
  }
  if (securityGroup === undefined) {
    const hasNone = loadBalancer !== undefined && loadBalancer.securityGroupIds.length === 0;
    if (hasNone) return [];
    return [{ do: 'create-security-group' }, { do: 'authorize', rules: securityGroups.rules }];
  }
  const { authorize, revoke } = diffRules(securityGroups.rules, securityGroup.rules, ruleDescription(desired.cluster));
  return [
    ...(authorize.length === 0 ? [] : [{ do: 'authorize', rules: authorize } as const]),
    ...(revoke.length === 0 ? [] : [{ do: 'revoke', rules: revoke } as const]),
  ];
}

/**
 * The groups that should be on the balancer. `undefined` while one of them is still being made. Pure.
 */
export function wantedGroupIds(
  desired: DesiredBalancer,
  known: KnownBalancer,
  backendGroup: string | undefined,
): readonly string[] | undefined {
  const { securityGroups } = desired;
  if (securityGroups.kind === 'none') return [];
  const backend = securityGroups.backend ? [backendGroup] : [];
  const own = securityGroups.kind === 'own' ? [known.securityGroup?.id] : securityGroups.ids;
  const ids = [...own, ...backend].filter(id => id !== undefined);
  return ids.length === own.length + backend.length ? ids : undefined;
}
