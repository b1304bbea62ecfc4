import type { IpFamily } from '../../../src/provider/provider.ts';
import type { ForwardingRule } from '../client/resources.ts';
import type { DesiredFrontend } from '../desired/desired-balancer.ts';
import { networkOf } from '../desired/firewall-base.ts';
import { type NewRule, planRules, type RulesPlan } from '../plan/plan-rules.ts';
import { together } from '../writing/together.ts';
import { bare } from './addresses.ts';
import { holdAddress, isAddressRefused, keepAddress, ownAddress, rangeOf } from './frontend-address.ts';
import { backendServicePath, familyOf, type Making, makeFirewall, sharesAddress } from './own-parts.ts';

/**
 * One family of a balancer: its address, its forwarding rules, its firewall rule. Returns the address, as rules have it.
 *
 * The address is, in this order: that of a rule, that of an address held or kept, that which is asked for, that which is published, any.
 */
export async function makeFrontend(making: Making, frontend: DesiredFrontend): Promise<string> {
  const { desired, record, writer, asked, published, warn } = making;
  const { family, layout } = frontend;
  const rules = planRules({
    layout,
    found: record.known.forwardingRules.filter(rule => familyOf(rule) === family),
    backendService: backendServicePath(making),
    isFiltered: making.config.firewall === 'managed',
    isExclusive: desired.scheme === 'INTERNAL',
  });
  const current = currentAddress(making, family, rules);
  const wanted = asked.find(one => one.family === family)?.ip;
  if (current !== undefined && wanted !== undefined && bare(wanted) !== bare(current))
    warn({
      reason: 'AddressNotChanged',
      message: `the address is ${bare(current)} and does not become ${bare(wanted)}: delete the Service and create it again`,
    });
  const kept = desired.keepAddress ? await keepAddress(making, family, current ?? wanted) : undefined;
  const held = needsHold(making, rules, kept ?? wanted) ? await holdAddress(making, family, current) : undefined;
  await together(rules.replace.map(({ name }) => writer.delete('forwardingRules', name)));
  const address = current ?? kept ?? wanted ?? held;
  const made = await insertAndAdmit(making, frontend, rules, address ?? published.get(family), address !== undefined);
  await together([
    ...rules.remove.map(({ name }) => writer.delete('forwardingRules', name)),
    ...rules.keep.map(rule => writer.repairLabels('forwardingRules', rule, desired.labels)),
    ...rules.keep
      .filter(rule => (rule.allowGlobalAccess ?? false) !== desired.globalAccess)
      .map(({ name }) => writer.patch('forwardingRules', name, { allowGlobalAccess: desired.globalAccess })),
  ]);
  return made;
}

function currentAddress(making: Making, family: IpFamily, rules: RulesPlan): string | undefined {
  const rule = [...rules.keep, ...rules.remove, ...rules.replace].find(({ IPAddress }) => IPAddress !== undefined);
  return rule?.IPAddress ?? ownAddress(making, family);
}

/** The firewall rule beside the forwarding rules where the address is known, and after the first of them where it is not. */
async function insertAndAdmit(
  making: Making,
  frontend: DesiredFrontend,
  { insert }: RulesPlan,
  address: string | undefined,
  isSure: boolean,
): Promise<string> {
  const { family, firewall } = frontend;
  const [first] = insert;
  const admit = async (to: string): Promise<void> => {
    if (firewall !== undefined) await makeFirewall({ ...firewall, destinationRanges: [rangeOf(to)] }, making);
  };
  if (address !== undefined && isSure) {
    await together([
      admit(address),
      ...insert.map(rule => making.writer.insert('forwardingRules', ruleBody(making, family, rule, address))),
    ]);
    return address;
  }
  if (first === undefined)
    throw new Error('a balancer has no address and no rule is to be made: it is looked at again');
  const got = await insertFirst(making, family, first, address);
  await admit(got);
  return got;
}

/** With the published address where there is one: what users know comes back, unless Google has given it to somebody else. */
async function insertFirst(
  making: Making,
  family: IpFamily,
  rule: NewRule,
  published: string | undefined,
): Promise<string> {
  const { writer, warn } = making;
  const body = ruleBody(making, family, rule, published);
  try {
    await writer.insert('forwardingRules', body);
  } catch (error) {
    if (published === undefined || !isAddressRefused(error)) throw error;
    await writer.insert('forwardingRules', ruleBody(making, family, rule, undefined));
    warn({
      reason: 'AddressLost',
      message: `the forwarding rule was deleted by somebody, and its address ${published} cannot be had again: the Service has another one`,
    });
  }
  const found = await writer.read('forwardingRules', body.name);
  if (found?.IPAddress === undefined) throw new Error(`the forwarding rule ${body.name} has no address yet`);
  return found.IPAddress;
}

function ruleBody(making: Making, family: IpFamily, { protocol, ports }: NewRule, address?: string): ForwardingRule {
  const { desired, config } = making;
  const isInternal = desired.scheme === 'INTERNAL';
  const needsSubnet = isInternal || family === 'IPv6';
  return {
    name: desired.names.forwardingRule(family, protocol, ports),
    description: desired.description,
    labels: desired.labels,
    loadBalancingScheme: desired.scheme,
    backendService: backendServicePath(making),
    IPProtocol: protocol,
    ...(ports === 'all' ? { allPorts: true } : { ports: ports.map(String) }),
    ...(address === undefined ? (family === 'IPv6' ? { ipVersion: 'IPV6' } : {}) : { IPAddress: address }),
    ...(isInternal
      ? { network: networkOf(config), allowGlobalAccess: desired.globalAccess }
      : { networkTier: desired.tier }),
    ...(needsSubnet && desired.subnetwork !== undefined ? { subnetwork: desired.subnetwork } : {}),
  };
}

/**
 * An address that nobody has reserved dies with its last rule, and is refused to any rule but the one that it came with. Pure.
 *
 * | scheme   | rules                              | reserved already | →    |
 * |----------|------------------------------------|------------------|------|
 * | external | one is there, and another one comes | no              | hold |
 * | external | none is there, and several come    | no               | hold |
 * | internal | one is replaced                    | no               | hold |
 * | any      | any                                | yes              |      |
 */
function needsHold({ desired }: Making, rules: RulesPlan, reserved: string | undefined): boolean {
  const there = rules.keep.length + rules.remove.length + rules.replace.length;
  const isShared = rules.insert.length > 0 && sharesAddress(desired, there + rules.insert.length);
  return reserved === undefined && (rules.hold || isShared);
}
