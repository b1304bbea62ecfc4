import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { Rule } from '../world/ec2-model.ts';

/** As DescribeSecurityGroups shows rules: those of one protocol and port range together. */
export function permissionsXml(account: Account, rules: readonly Rule[]): readonly Answer[] {
  const grouped = Map.groupBy(rules, ({ protocol, fromPort, toPort }) => JSON.stringify([protocol, fromPort, toPort]));
  return [...grouped.values()].map(same => {
    const of = (kind: Rule['source']['kind']) => same.filter(({ source }) => source.kind === kind);
    return {
      ipProtocol: same[0]?.protocol,
      fromPort: same[0]?.fromPort,
      toPort: same[0]?.toPort,
      ipRanges: of('ipv4').map(({ source, description }) => ({ cidrIp: source.value, description })),
      ipv6Ranges: of('ipv6').map(({ source, description }) => ({ cidrIpv6: source.value, description })),
      prefixListIds: of('prefixList').map(({ source, description }) => ({ prefixListId: source.value, description })),
      groups: of('securityGroup').map(({ source, description }) => ({
        groupId: source.value,
        userId: account.id,
        description,
      })),
    };
  });
}

/** As Authorize answers: each rule with an id of its own. */
export function ruleXml(account: Account, groupId: string, rule: Rule): Answer {
  const only = (kind: Rule['source']['kind']) => (rule.source.kind === kind ? rule.source.value : undefined);
  const referenced = only('securityGroup');
  return {
    securityGroupRuleId: rule.id,
    groupId,
    groupOwnerId: account.id,
    isEgress: false,
    ipProtocol: rule.protocol,
    fromPort: rule.fromPort ?? -1,
    toPort: rule.toPort ?? -1,
    cidrIpv4: only('ipv4'),
    cidrIpv6: only('ipv6'),
    prefixListId: only('prefixList'),
    referencedGroupInfo: referenced === undefined ? undefined : { groupId: referenced, userId: account.id },
    description: rule.description,
  };
}
