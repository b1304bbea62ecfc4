import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { Rule, RuleSource, SecurityGroup } from '../world/ec2-model.ts';
import { readRules, ruleKey, type WantedRule } from './rule-params.ts';
import { ruleXml } from './rule-xml.ts';
import { securityGroupAt } from './security-groups.ts';

/** All or none. */
export const authorizeSecurityGroupIngress: Operation = params => {
  const groupId = params.required('GroupId');
  const wanted = readRules(params) ?? [];
  if (wanted.length === 0)
    throw new Refusal('MissingParameter', 'The request must contain the parameter IpPermissions');
  return account => {
    const group = securityGroupAt(account, groupId);
    const draft = new Map(group.ingress);
    for (const rule of wanted) {
      checkSource(account, group, rule.source);
      if (draft.has(ruleKey(rule)))
        throw new Refusal('InvalidPermission.Duplicate', `the specified rule "${describe(rule)}" already exists`);
      draft.set(ruleKey(rule), { ...rule, id: account.newId('sgr') });
    }
    checkQuota(account, [...draft.values()]);
    const added = [...draft].filter(([key]) => !group.ingress.has(key));
    for (const [key, rule] of added) group.ingress.set(key, rule);
    return { return: true, securityGroupRuleSet: added.map(([, rule]) => ruleXml(account, group.id, rule)) };
  };
};

/** By the rules themselves or by their ids; all or none. */
export const revokeSecurityGroupIngress: Operation = params => {
  const groupId = params.required('GroupId');
  const rules = readRules(params);
  const ids = params.texts('SecurityGroupRuleId');
  if ((rules === undefined) === (ids === undefined))
    throw new Refusal('InvalidParameterCombination', 'Either IpPermissions or SecurityGroupRuleIds must be given');
  return account => {
    const group = securityGroupAt(account, groupId);
    const keys = [...(rules ?? []).map(ruleKey), ...(ids ?? []).map(id => keyOfId(group, id))];
    if (keys.some(key => key === undefined || !group.ingress.has(key)))
      throw new Refusal('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    for (const key of keys) group.ingress.delete(key ?? '');
    return { return: true };
  };
};

function keyOfId(group: SecurityGroup, id: string): string | undefined {
  return [...group.ingress].find(([, rule]) => rule.id === id)?.[0];
}

function checkSource(account: Account, group: SecurityGroup, { kind, value }: RuleSource): void {
  if (kind === 'prefixList' && !account.prefixLists.has(value))
    throw new Refusal('InvalidPrefixListID.NotFound', `The prefix list ID '${value}' does not exist`);
  if (kind === 'securityGroup' && securityGroupAt(account, value).vpcId !== group.vpcId)
    throw new Refusal('InvalidGroup.NotFound', `The security group '${value}' does not exist in VPC '${group.vpcId}'`);
}

/** The limit is one for IPv4 and one for IPv6; a group or a prefix list as a source counts in both. */
function checkQuota(account: Account, rules: readonly Rule[]): void {
  const most = account.settings.quotas.rulesPerSecurityGroup;
  const without = (kind: RuleSource['kind']) => rules.filter(({ source }) => source.kind !== kind).length;
  if (Math.max(without('ipv4'), without('ipv6')) > most)
    throw new Refusal(
      'RulesPerSecurityGroupLimitExceeded',
      'The maximum number of rules per security group has been reached.',
    );
}

function describe({ protocol, fromPort, toPort, source }: WantedRule): string {
  return `peer: ${source.value}, ${protocol}, from port: ${fromPort}, to port: ${toPort}, ALLOW`;
}
