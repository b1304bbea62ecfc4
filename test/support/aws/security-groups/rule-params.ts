import { canonicalCidr } from '../network/cidr.ts';
import type { Params } from '../wire/params.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Rule, RuleSource } from '../world/ec2-model.ts';

export type WantedRule = Omit<Rule, 'id'>;

/** By what two rules are the same: the description does not count. */
export function ruleKey({ protocol, fromPort, toPort, source }: WantedRule): string {
  return JSON.stringify([protocol, fromPort, toPort, source.kind, source.value]);
}

/** `IpPermissions`, one rule for each source. */
export function readRules(params: Params): readonly WantedRule[] | undefined {
  return params.structs('IpPermissions', readPermission)?.flat();
}

function readPermission(item: Params): readonly WantedRule[] {
  const protocol = readProtocol(item);
  const ports = readPorts(item, protocol);
  const sources = [
    ...readSources(item, 'IpRanges', 'CidrIp', 'ipv4'),
    ...readSources(item, 'Ipv6Ranges', 'CidrIpv6', 'ipv6'),
    ...readSources(item, 'PrefixListIds', 'PrefixListId', 'prefixList'),
    ...readSources(item, 'Groups', 'GroupId', 'securityGroup'),
  ];
  if (sources.length === 0) throw new Refusal('InvalidParameterValue', 'A source must be given with each permission');
  return sources.map(({ source, description }) => ({ protocol, ...ports, source, description }));
}

const protocolNames: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' };

function readProtocol(item: Params): string {
  const text = item.required('IpProtocol').toLowerCase();
  const protocol = protocolNames[text] ?? text;
  const isNumber = /^(-1|\d{1,3})$/.test(protocol) && Number(protocol) <= 255;
  if (!isNumber && !Object.values(protocolNames).includes(protocol))
    throw item.malformed('IpProtocol', text, 'no such protocol');
  return protocol;
}

/** With TCP and UDP a range of ports, with ICMP a type and a code, with others nothing. */
function readPorts(item: Params, protocol: string): Pick<Rule, 'fromPort' | 'toPort'> {
  const [fromPort, toPort] = [item.within('FromPort', -1, 65_535), item.within('ToPort', -1, 65_535)];
  const isIcmp = protocol.startsWith('icmp');
  if (protocol !== 'tcp' && protocol !== 'udp' && !isIcmp) return {};
  if (fromPort === undefined || toPort === undefined)
    throw new Refusal('InvalidParameterValue', `A port range must be given with ${protocol}`);
  if (!isIcmp && (fromPort < 0 || fromPort > toPort))
    throw new Refusal('InvalidParameterValue', `Invalid TCP/UDP port range (${fromPort}:${toPort})`);
  return { fromPort, toPort };
}

function readSources(item: Params, list: string, field: string, kind: RuleSource['kind']) {
  const entries = item.structs(list, entry => {
    const userId = entry.optional('UserId');
    const description = entry.optional('Description');
    const value = checkedSource(kind, entry.required(field));
    if (kind !== 'securityGroup' && userId !== undefined)
      throw entry.malformed('UserId', userId, 'it belongs to groups');
    if (description !== undefined && !/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(description))
      throw entry.malformed('Description', description, 'it has other characters than allowed');
    return { source: { kind, value }, description };
  });
  return entries ?? [];
}

function checkedSource(kind: RuleSource['kind'], text: string): string {
  if (kind === 'prefixList' && !/^pl-[0-9a-f]{8,17}$/.test(text))
    throw new Refusal('InvalidPrefixListId.Malformed', `Invalid id: "${text}"`);
  if (kind === 'securityGroup' && !/^sg-[0-9a-f]{8,17}$/.test(text))
    throw new Refusal('InvalidGroupId.Malformed', `Invalid id: "${text}"`);
  if (kind === 'prefixList' || kind === 'securityGroup') return text;
  const cidr = canonicalCidr(text, kind);
  if (cidr === undefined) throw new Refusal('InvalidParameterValue', `CIDR block ${text} is malformed`);
  return cidr;
}
