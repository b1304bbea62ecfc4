import { checkUnchanged, listOf, numberOf, oneOf, partsOf, textOf } from '../rules/fields.ts';
import { familyOf, isRange } from '../rules/ip.ts';
import { parseRange } from '../rules/rule-ports.ts';
import { networkFor } from '../rules/subnetwork.ts';
import { urlOf } from '../schema/paths.ts';
import { invalid, required } from '../world/api-error.ts';
import type { Fields } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import type { KindRules } from './kind-rules.ts';

const protocols = /^(?:tcp|udp|icmp|esp|ah|sctp|ipip|all|\d{1,3})$/;

export const firewalls: KindRules = {
  insert: (world, fields, path) => checked(world, fields, path),
  change(world, object, fields) {
    const after = checked(world, fields, object.path);
    checkUnchanged(object.fields, after, ['network', 'direction']);
    if (listOf(after, 'allowed').length > 0 !== listOf(object.fields, 'allowed').length > 0)
      throw invalid("Invalid value for field 'resource.denied'. A rule that allows cannot become one that denies.");
    return after;
  },
  remove() {},
};

function checked(world: GceWorld, fields: Fields, path: string): Fields {
  const direction = oneOf(fields, 'direction', ['INGRESS', 'EGRESS'], 'INGRESS');
  const allowed = partsOf(fields, 'allowed');
  const denied = partsOf(fields, 'denied');
  if (allowed.length === 0 && denied.length === 0) throw required('resource.allowed');
  if (allowed.length > 0 && denied.length > 0)
    throw invalid("Invalid value for field 'resource.denied'. allowed and denied are mutually exclusive.");
  checkRanges(fields, direction);
  if (listOf(fields, 'targetTags').length > 0 && listOf(fields, 'targetServiceAccounts').length > 0)
    throw invalid(
      "Invalid value for field 'resource.targetTags'. targetTags and targetServiceAccounts are mutually exclusive.",
    );
  for (const tag of [...listOf(fields, 'targetTags'), ...listOf(fields, 'sourceTags')])
    if (!/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(tag))
      throw invalid(`Invalid value for field 'resource.targetTags': '${tag}'. Must be a network tag.`);
  const [all] = familyOf(listOf(fields, 'destinationRanges')[0] ?? '0.0.0.0/0') === 6 ? ['::/0'] : ['0.0.0.0/0'];
  const sources =
    listOf(fields, 'sourceRanges').length + listOf(fields, 'sourceTags').length > 0 || direction === 'EGRESS'
      ? {}
      : { sourceRanges: [all] };
  return {
    ...fields,
    ...sources,
    network: urlOf(networkFor(world, fields, path)),
    direction,
    priority: numberOf(fields, 'priority', 0, 65_535, 1_000),
    ...(allowed.length > 0 ? { allowed: allowed.map(checkedRule) } : { denied: denied.map(checkedRule) }),
  };
}

function checkRanges(fields: Fields, direction: string): void {
  const sources = listOf(fields, 'sourceRanges');
  const destinations = listOf(fields, 'destinationRanges');
  const wrong = [...sources, ...destinations].find(range => !isRange(range));
  if (wrong !== undefined)
    throw invalid(`Invalid value for field 'resource.sourceRanges': '${wrong}'. Must be an address or a range.`);
  if (new Set([...sources, ...destinations].map(familyOf)).size > 1)
    throw invalid("Invalid value for field 'resource.sourceRanges'. IPv4 and IPv6 ranges cannot be mixed in one rule.");
  if (direction === 'EGRESS' && sources.length > 0)
    throw invalid("Invalid value for field 'resource.sourceRanges'. Only for INGRESS rules.");
}

function checkedRule(rule: Fields): Fields {
  const protocol = textOf(rule, 'IPProtocol');
  if (protocol === undefined) throw required('resource.allowed[].IPProtocol');
  if (!protocols.test(protocol.toLowerCase()))
    throw invalid(`Invalid value for field 'resource.allowed[].IPProtocol': '${protocol}'.`);
  const ports = listOf(rule, 'ports');
  if (ports.length > 0 && !['tcp', 'udp', 'sctp', '6', '17', '132'].includes(protocol.toLowerCase()))
    throw invalid(`Invalid value for field 'resource.allowed[].ports'. Protocol ${protocol} has no ports.`);
  for (const port of ports) parseRange(port, 'allowed[].ports');
  return { ...rule, IPProtocol: protocol.toLowerCase() };
}
