import { checkUnchanged, listOf, oneOf, partOf, textOf } from '../rules/fields.ts';
import { familyOf, isRange } from '../rules/ip.ts';
import { allocate, reservationOf, type Tier, type Wish } from '../rules/ip-space.ts';
import { chooseRuleAddress, reservedFor } from '../rules/rule-address.ts';
import { parseRulePorts, type RulePorts } from '../rules/rule-ports.ts';
import { checkTarget } from '../rules/rule-target.ts';
import { checkProxySubnetwork, networkFor, subnetworkFor } from '../rules/subnetwork.ts';
import { checkLabels } from '../schema/names.ts';
import { urlOf } from '../schema/paths.ts';
import { invalid, required } from '../world/api-error.ts';
import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import type { KindRules } from './kind-rules.ts';

const schemes = ['EXTERNAL', 'INTERNAL', 'EXTERNAL_MANAGED', 'INTERNAL_MANAGED'];

export const forwardingRules: KindRules = {
  insert(world, fields, path) {
    const scheme = oneOf(fields, 'loadBalancingScheme', schemes, 'EXTERNAL');
    const protocol = oneOf(fields, 'IPProtocol', ['TCP', 'UDP', 'L3_DEFAULT'], 'TCP');
    checkLabels(partOf(fields, 'labels'));
    const ports = parseRulePorts(fields);
    checkForm(ports, protocol, scheme);
    checkSourceRanges(world, fields, scheme);
    if (fields['allowGlobalAccess'] === true && !scheme.startsWith('INTERNAL'))
      throw invalid(
        "Invalid value for field 'resource.allowGlobalAccess': 'true'. Only for internal forwarding rules.",
      );
    const target = checkTarget(world, fields, scheme, ports, path);
    const wish = wishOf(world, fields, scheme, path);
    const place = placeOf(world, fields, scheme, wish, path);
    const IPAddress = chooseRuleAddress(world, fields, wish, path);
    return {
      ...fields,
      ...target,
      ...place,
      ...(ports.form === 'portRange' ? { portRange: rangeText(ports) } : {}),
      IPAddress,
      IPProtocol: protocol,
      loadBalancingScheme: scheme,
      ...(wish.type === 'EXTERNAL' ? { networkTier: wish.tier } : { networkTier: 'PREMIUM' }),
      ...(wish.version === 'IPV6' ? { ipVersion: 'IPV6' } : {}),
    };
  },

  /** Global access and the tier are all that ever changes. */
  change(world, object, fields) {
    const changeable = ['allowGlobalAccess', 'networkTier', 'allowPscGlobalAccess', 'fingerprint'];
    const names = new Set([...Object.keys(fields), ...Object.keys(object.fields)]);
    checkUnchanged(
      object.fields,
      fields,
      [...names].filter(name => !changeable.includes(name)),
    );
    const scheme = String(object.fields['loadBalancingScheme']);
    if (fields['allowGlobalAccess'] !== object.fields['allowGlobalAccess'] && scheme !== 'INTERNAL')
      throw invalid("Invalid value for field 'resource.allowGlobalAccess'. The field cannot be changed.");
    if (fields['networkTier'] === object.fields['networkTier']) return fields;
    return { ...fields, IPAddress: otherTier(world, object, fields) };
  },

  remove() {},
};

/**
 * | scheme           | ports | portRange | allPorts | none |
 * |------------------|-------|-----------|----------|------|
 * | EXTERNAL         | yes   | yes       | yes      | no   |
 * | INTERNAL         | yes   | no        | yes      | no   |
 * | …_MANAGED        | one   | one       | no       | no   |
 *
 * L3_DEFAULT takes all ports and nothing else.
 */
function checkForm(ports: RulePorts, protocol: string, scheme: string): void {
  if (protocol === 'L3_DEFAULT' && ports.form !== 'allPorts')
    throw invalid("Invalid value for field 'resource.allPorts': 'false'. L3_DEFAULT requires allPorts to be true.");
  if (ports.form === 'none') throw required('resource.ports');
  if (scheme === 'INTERNAL' && ports.form === 'portRange')
    throw invalid("Invalid value for field 'resource.portRange'. An internal forwarding rule takes ports or allPorts.");
}

const rangeText = ({ ranges: [range] }: RulePorts): string => `${range?.from}-${range?.to}`;

function checkSourceRanges(world: GceWorld, fields: Fields, scheme: string): void {
  const ranges = listOf(fields, 'sourceIpRanges');
  if (ranges.length === 0) return;
  if (scheme !== 'EXTERNAL' || ranges.length > 64)
    throw invalid(
      "Invalid value for field 'resource.sourceIpRanges'. At most 64, and only for external forwarding rules.",
    );
  const wrong = ranges.find(range => !isRange(range));
  if (wrong !== undefined)
    throw invalid(`Invalid value for field 'resource.sourceIpRanges': '${wrong}'. Must be an address or a range.`);
  const address = textOf(fields, 'IPAddress');
  const base = world.store
    .all('forwardingRules')
    .some(other => other.fields['IPAddress'] === address && listOf(other.fields, 'sourceIpRanges').length === 0);
  if (!base)
    throw invalid(
      "Invalid value for field 'resource.sourceIpRanges'. There is no base forwarding rule with this address.",
    );
}

/** Said, or that of the address. */
function versionOf(world: GceWorld, fields: Fields, path: string): Wish['version'] {
  const asked = textOf(fields, 'IPAddress');
  if (textOf(fields, 'ipVersion') === 'IPV6') return 'IPV6';
  if (asked === undefined) return 'IPV4';
  return familyOf(textOf(reservedFor(world, asked, path)?.fields ?? {}, 'address') ?? asked) === 6 ? 'IPV6' : 'IPV4';
}

function wishOf(world: GceWorld, fields: Fields, scheme: string, path: string): Wish {
  const type = scheme.startsWith('EXTERNAL') ? 'EXTERNAL' : 'INTERNAL';
  const version = versionOf(world, fields, path);
  const tier = oneOf(fields, 'networkTier', ['PREMIUM', 'STANDARD'], 'PREMIUM') as Tier;
  if (tier === 'STANDARD' && (type === 'INTERNAL' || version === 'IPV6'))
    throw invalid(
      "Invalid value for field 'resource.networkTier': 'STANDARD'. Internal and IPv6 forwarding rules are PREMIUM.",
    );
  const subnetwork = type === 'INTERNAL' || version === 'IPV6' ? subnetworkFor(world, fields, path) : undefined;
  if (version === 'IPV6' && subnetwork?.fields['ipv6AccessType'] !== type)
    throw invalid(
      `Invalid value for field 'resource.subnetwork': '${String(subnetwork?.path)}'. It has no ${type} IPv6 range.`,
    );
  return { type, version, tier, subnetwork };
}

/** Network and subnetwork, where the rule has them. */
function placeOf(world: GceWorld, fields: Fields, scheme: string, { subnetwork }: Wish, path: string): Fields {
  if (subnetwork === undefined && scheme === 'EXTERNAL') {
    if (textOf(fields, 'subnetwork') !== undefined)
      throw invalid("Invalid value for field 'resource.subnetwork'. An external IPv4 forwarding rule has none.");
    return {};
  }
  const network = networkFor(
    world,
    subnetwork === undefined ? fields : { network: subnetwork.fields['network'] },
    path,
  );
  if (scheme.endsWith('_MANAGED')) checkProxySubnetwork(world, network, path);
  return { network: urlOf(network), ...(subnetwork === undefined ? {} : { subnetwork: urlOf(subnetwork.path) }) };
}

function otherTier(world: GceWorld, { fields: before }: StoredObject, fields: Fields): string {
  const tier = oneOf(fields, 'networkTier', ['PREMIUM', 'STANDARD'], 'PREMIUM') as Tier;
  if (
    reservationOf(world, String(before['IPAddress'])) !== undefined ||
    !String(before['loadBalancingScheme']).startsWith('EXTERNAL')
  )
    throw invalid(
      `Invalid value for field 'resource.networkTier': '${tier}'. The network tier must match that of the address.`,
    );
  return allocate(world, { type: 'EXTERNAL', version: 'IPV4', tier, subnetwork: undefined });
}
