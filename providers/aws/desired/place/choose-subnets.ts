import { printable } from '../../../../src/provider/adapter/printable.ts';
import type { AddressType, Scheme } from '../../model/desired.ts';
import type { ObservedSubnet } from '../../model/observed.ts';
import { byIdOrName, isOfCluster, isOfOthers, roleTags, zoneTypeOf } from './subnet-tags.ts';

export interface SubnetsInput {
  /** The Service's: ids or values of `Name` tags; absent: discovered. */
  readonly wanted?: readonly string[];
  /** The operator's, likewise: only these are discovered, whether they have a tag or not. */
  readonly allowed?: readonly string[];
  readonly scheme: Scheme;
  readonly addressType: AddressType;
  readonly vpcId: string;
  readonly clusterName?: string;
  /** Those that the balancer stands in already: they stay. */
  readonly present: readonly string[];
  /** No zone is added to a balancer that exists: each of its addresses was given by hand. */
  readonly noMoreZones?: boolean;
  readonly subnets: readonly ObservedSubnet[];
}

export interface SubnetChoice {
  /** One of each zone; in the user's order where there is one, else sorted by id. */
  readonly chosen: readonly ObservedSubnet[];
  /** Every other candidate, and why. */
  readonly leftOut: readonly LeftOut[];
  /** Why there is no choice, each in one line. */
  readonly faults: readonly string[];
}

export interface LeftOut {
  readonly id: string;
  readonly reason: string;
}

/** AWS asks for so many: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html */
const fewestFreeAddresses = 8;

/**
 * Where a balancer stands. Pure. Named subnets are taken as they are named, or nothing is; otherwise, of the VPC:
 *
 * | subnet                                              | →                                                    |
 * |-----------------------------------------------------|------------------------------------------------------|
 * | the balancer stands in it                           | taken; a fault where it has no IPv6 block, with dualstack |
 * | without the role tag, or with another value than 1  | left out, unless the operator names subnets          |
 * | the operator names others, or it has the other role tag only | left out                                    |
 * | tagged for other clusters only                      | left out                                             |
 * | fewer than 8 free addresses                         | left out                                             |
 * | no IPv6 block, with dualstack                       | left out                                             |
 * | another kind of zone than the first of the others   | left out (availability zones come first)             |
 * | second of its zone                                  | left out: first the present one, then the cluster's own, then the smallest id |
 * | a new zone, with addresses given by hand            | left out                                             |
 */
export function chooseSubnets(input: SubnetsInput): SubnetChoice {
  return input.wanted === undefined ? discovered(input) : named(input, input.wanted);
}

function discovered(input: SubnetsInput): SubnetChoice {
  const leftOut: LeftOut[] = [];
  const inVpc = input.subnets.filter(({ vpcId }) => vpcId === input.vpcId);
  const fit = inVpc.filter(subnet => {
    const reason = input.present.includes(subnet.id) ? undefined : reasonAgainst(subnet, input);
    if (reason !== undefined) leftOut.push({ id: subnet.id, reason });
    return reason === undefined;
  });
  const ranked = fit.toSorted(byRank(input));
  const chosen = ranked.filter(subnet => {
    const reason = reasonBehind(subnet, ranked, input);
    if (reason !== undefined) leftOut.push({ id: subnet.id, reason });
    return reason === undefined;
  });
  const faults = chosen.length > 0 ? presentFaults(input) : [nothingFound(input, leftOut)];
  return {
    chosen: chosen.toSorted(byId),
    leftOut: leftOut.toSorted(byId),
    faults: [...operatorFaults(input), ...faults],
  };
}

function operatorFaults({ allowed = [], subnets }: SubnetsInput): readonly string[] {
  const unknown = allowed.filter(name => byIdOrName(subnets, name).length === 0);
  return unknown.map(name => `the operator’s config names subnet ${printable(name)}, which is not there`);
}

/** A subnet with a balancer in it cannot be deleted: one that is not there has not been read, and dropping it would cost the balancer a zone. */
function presentFaults({ present, subnets, addressType }: SubnetsInput): readonly string[] {
  return present.flatMap(id => {
    const subnet = subnets.find(one => one.id === id);
    if (subnet === undefined) return [`the balancer stands in subnet ${id}, which was not found`];
    const without = withoutIpv6(subnet, addressType);
    return without === undefined ? [] : [`the balancer stands in subnet ${id}: ${without}`];
  });
}

function reasonAgainst(subnet: ObservedSubnet, input: SubnetsInput): string | undefined {
  const unasked = input.allowed === undefined ? withoutRole(subnet, input.scheme) : notAllowed(subnet, input);
  if (unasked !== undefined) return unasked;
  if (isOfOthers(subnet, input.clusterName)) return 'tagged for another cluster';
  return tooSmall(subnet) ?? withoutIpv6(subnet, input.addressType);
}

function withoutRole({ tags }: ObservedSubnet, scheme: Scheme): string | undefined {
  const role = roleTags[scheme];
  const value = tags[role];
  if (value === undefined) return `no tag ${role}`;
  return value === '' || value === '1' ? undefined : `the tag ${role} is ${printable(value)}, not 1`;
}

function notAllowed(subnet: ObservedSubnet, { allowed = [], subnets, scheme }: SubnetsInput): string | undefined {
  if (!allowed.some(name => byIdOrName(subnets, name).includes(subnet))) return 'not among the operator’s subnets';
  const other = roleTags[scheme === 'internal' ? 'internet-facing' : 'internal'];
  return other in subnet.tags && !(roleTags[scheme] in subnet.tags) ? `tagged ${other}` : undefined;
}

function tooSmall({ freeAddresses }: ObservedSubnet): string | undefined {
  if (freeAddresses >= fewestFreeAddresses) return undefined;
  return `${freeAddresses} free addresses, ${fewestFreeAddresses} are needed`;
}

function withoutIpv6({ ipv6Cidrs }: ObservedSubnet, addressType: AddressType): string | undefined {
  return addressType === 'dualstack' && ipv6Cidrs.length === 0 ? 'no IPv6 block' : undefined;
}

/** Against a subnet that would do, for the sake of those that come before it. */
function reasonBehind(
  subnet: ObservedSubnet,
  ranked: readonly ObservedSubnet[],
  input: SubnetsInput,
): string | undefined {
  const [first = subnet] = ranked;
  if (zoneTypeOf(subnet) !== zoneTypeOf(first))
    return `${subnet.zone} is of kind ${zoneTypeOf(subnet)}, ${first.zone} ${zoneTypeOf(first)}: a balancer has one kind`;
  const sameZone = ranked.find(({ zone }) => zone === subnet.zone) ?? subnet;
  if (sameZone !== subnet) return `${sameZone.id} is taken for ${subnet.zone}`;
  const isNewZone = input.present.length > 0 && !input.present.includes(subnet.id);
  return isNewZone && input.noMoreZones === true
    ? 'the balancer’s addresses are given, one for each present zone'
    : undefined;
}

/** The present ones, availability zones, the cluster's own, the smaller id. */
function byRank({ present, clusterName }: SubnetsInput): (one: ObservedSubnet, other: ObservedSubnet) => number {
  const rank = (subnet: ObservedSubnet) =>
    (present.includes(subnet.id) ? 0 : 4) +
    (zoneTypeOf(subnet) === 'availability-zone' ? 0 : 2) +
    (isOfCluster(subnet, clusterName) ? 0 : 1);
  return (one, other) => rank(one) - rank(other) || byId(one, other);
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

function nothingFound({ vpcId, scheme }: SubnetsInput, leftOut: readonly LeftOut[]): string {
  const remedy = `tag one subnet of each zone ${roleTags[scheme]}=1, or name subnets`;
  if (leftOut.length === 0) return `${vpcId} has no subnet: ${remedy}`;
  const byReason = Map.groupBy(leftOut, ({ reason }) => reason);
  const groups = [...byReason].map(([reason, those]) => `${those.map(({ id }) => id).join(', ')}: ${reason}`);
  return `no subnet of ${vpcId} can take ${scheme === 'internal' ? 'an internal' : 'an internet-facing'} balancer (${groups.join('; ')}): ${remedy}`;
}

function named(input: SubnetsInput, wanted: readonly string[]): SubnetChoice {
  const faults: string[] = [];
  const chosen: ObservedSubnet[] = [];
  for (const name of wanted) {
    const found = byIdOrName(input.subnets, name);
    const [subnet] = found;
    const fault = faultOf(name, found, chosen, input);
    if (fault !== undefined) faults.push(fault);
    else if (subnet !== undefined && !chosen.includes(subnet)) chosen.push(subnet);
  }
  const chosenIds = new Set(chosen.map(({ id }) => id));
  const others = input.subnets.filter(({ id, vpcId }) => vpcId === input.vpcId && !chosenIds.has(id));
  return { chosen, leftOut: others.map(({ id }) => ({ id, reason: 'not named' })).toSorted(byId), faults };
}

function faultOf(
  name: string,
  found: readonly ObservedSubnet[],
  chosen: readonly ObservedSubnet[],
  input: SubnetsInput,
): string | undefined {
  const [subnet] = found;
  if (subnet === undefined) return `there is no subnet with id or Name ${printable(name)}`;
  if (found.length > 1)
    return `${found.length} subnets have the Name ${printable(name)} (${found.map(({ id }) => id).join(', ')}): use an id`;
  if (subnet.vpcId !== input.vpcId) return `subnet ${subnet.id} is in ${subnet.vpcId}, the balancer in ${input.vpcId}`;
  const [first] = chosen;
  if (first !== undefined && zoneTypeOf(first) !== zoneTypeOf(subnet))
    return `subnet ${subnet.id} is in a zone of kind ${zoneTypeOf(subnet)}, ${first.id} ${zoneTypeOf(first)}: a balancer has one kind`;
  const neighbour = chosen.find(one => one.zone === subnet.zone && one.id !== subnet.id);
  if (neighbour !== undefined)
    return `subnets ${neighbour.id} and ${subnet.id} are both in ${subnet.zone}: name one of them`;
  const small = input.present.includes(subnet.id) ? undefined : tooSmall(subnet);
  const unfit = small ?? withoutIpv6(subnet, input.addressType);
  return unfit === undefined ? undefined : `subnet ${subnet.id}: ${unfit}`;
}
