import type { IpPermission } from '@aws-sdk/client-ec2';
import type { IngressRule } from '../model/desired.ts';
import type { ObservedRule } from '../model/observed.ts';

const protocols = new Set<string>(['tcp', 'udp', 'icmp', 'icmpv6'] satisfies IngressRule['protocol'][]);

/** One rule as one permission. AWS forgets an empty description, so none is sent. */
export function toPermission(rule: ObservedRule): IpPermission {
  const { protocol, fromPort, toPort, source } = rule;
  const Description = rule.description === '' ? undefined : rule.description;
  const range = { IpProtocol: protocol, FromPort: fromPort, ToPort: toPort };
  if ('securityGroup' in source)
    return { ...range, UserIdGroupPairs: [{ GroupId: source.securityGroup, Description }] };
  if ('prefixList' in source) return { ...range, PrefixListIds: [{ PrefixListId: source.prefixList, Description }] };
  return source.cidr.includes(':')
    ? { ...range, Ipv6Ranges: [{ CidrIpv6: source.cidr, Description }] }
    : { ...range, IpRanges: [{ CidrIp: source.cidr, Description }] };
}

/** The rules in one permission; those for protocols that we never ask for (`-1`, numbers) are nobody's of ours and are left out. */
export function toRules(permission: IpPermission): readonly ObservedRule[] {
  const { IpProtocol = '', FromPort = -1, ToPort = -1 } = permission;
  if (!protocols.has(IpProtocol)) return [];
  const range = { protocol: IpProtocol as IngressRule['protocol'], fromPort: FromPort, toPort: ToPort };
  return [
    ...(permission.IpRanges ?? []).map(one => ruleOf({ cidr: one.CidrIp ?? '' }, one.Description)),
    ...(permission.Ipv6Ranges ?? []).map(one => ruleOf({ cidr: one.CidrIpv6 ?? '' }, one.Description)),
    ...(permission.PrefixListIds ?? []).map(one => ruleOf({ prefixList: one.PrefixListId ?? '' }, one.Description)),
    ...(permission.UserIdGroupPairs ?? []).map(one => ruleOf({ securityGroup: one.GroupId ?? '' }, one.Description)),
  ];

  function ruleOf(source: IngressRule['source'], description = ''): ObservedRule {
    return { ...range, source, description };
  }
}
