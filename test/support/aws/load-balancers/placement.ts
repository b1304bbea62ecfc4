import { cidrContains } from '../network/cidr.ts';
import { freeAddresses, isFree } from '../network/private-addresses.ts';
import type { Params } from '../wire/params.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Account } from '../world/account.ts';
import type { Subnet } from '../world/ec2-model.ts';
import type { LoadBalancer, Zone } from '../world/elb-model.ts';

export type Mapping = Omit<Zone, 'zone'>;
type Kind = Pick<LoadBalancer, 'scheme' | 'addressType'>;

/** Below that AWS puts no load balancer into a subnet. */
const minFreeAddresses = 8;

export function readMappings(params: Params): readonly Mapping[] {
  const subnets = params.texts('Subnets')?.map((subnetId): Mapping => ({ subnetId }));
  const mappings = params.structs('SubnetMappings', item => ({
    subnetId: item.required('SubnetId'),
    allocationId: item.optional('AllocationId'),
    privateIpv4: item.optional('PrivateIPv4Address'),
    ipv6: item.optional('IPv6Address'),
    sourceNatPrefix: item.optional('SourceNatIpv6Prefix'),
  }));
  if (subnets !== undefined && mappings !== undefined)
    throw new Refusal('ValidationError', 'You can specify only one of subnets and subnet mappings');
  const all = subnets ?? mappings ?? [];
  if (all.length === 0) throw new Refusal('ValidationError', 'You must specify subnets or subnet mappings');
  return all;
}

/** The zones of a load balancer with these mappings, or why AWS refuses them. `present`: what it has already, and may keep. */
export function zonesOf(
  account: Account,
  mappings: readonly Mapping[],
  kind: Kind,
  present: readonly Zone[] = [],
): { readonly zones: readonly Zone[]; readonly vpcId: string } {
  const subnets = mappings.map(mapping => subnetAt(account, mapping.subnetId));
  const [first] = subnets;
  if (first === undefined || subnets.some(({ vpcId }) => vpcId !== first.vpcId))
    throw invalid('All subnets must be of one VPC');
  if (new Set(subnets.map(({ zone }) => zone)).size < subnets.length)
    throw invalid('A load balancer cannot be attached to multiple subnets in the same Availability Zone');
  checkGateway(account, first.vpcId, kind);
  checkAllOrNone(mappings, 'allocationId', 'an allocation ID');
  checkAllOrNone(mappings, 'privateIpv4', 'a private IPv4 address');
  const zones = mappings.map((mapping, index): Zone => {
    const subnet = subnets[index] ?? first;
    const kept = present.find(({ subnetId }) => subnetId === mapping.subnetId);
    if (kept === undefined) checkMapping(account, mapping, subnet, kind);
    return kept ?? { ...mapping, zone: subnet.zone };
  });
  checkIpv6(subnets, kind);
  return { zones, vpcId: first.vpcId };
}

export function checkIpv6(subnets: readonly Subnet[], { addressType }: Pick<Kind, 'addressType'>): void {
  const without = subnets.find(({ ipv6Cidr }) => ipv6Cidr === undefined);
  if (addressType === 'dualstack' && without !== undefined)
    throw invalid(`The subnet ${without.id} must have an associated IPv6 CIDR block`);
}

export function subnetAt(account: Account, id: string): Subnet {
  const subnet = account.subnets.get(id);
  if (subnet === undefined) throw new Refusal('SubnetNotFound', `The subnet ID '${id}' does not exist`);
  return subnet;
}

function checkGateway(account: Account, vpcId: string, { scheme }: Kind): void {
  const hasGateway = [...account.internetGateways.values()].some(gateway => gateway.vpcId === vpcId);
  if (scheme === 'internet-facing' && !hasGateway)
    throw new Refusal('InvalidSubnet', `VPC ${vpcId} has no internet gateway`);
}

function checkMapping(account: Account, mapping: Mapping, subnet: Subnet, kind: Kind): void {
  const { allocationId, privateIpv4, ipv6 } = mapping;
  if (freeAddresses(account, subnet) < minFreeAddresses)
    throw new Refusal('InvalidSubnet', `Not enough IP space available in ${subnet.id}`);
  if (allocationId !== undefined) checkAllocation(account, allocationId, kind);
  if (privateIpv4 !== undefined) {
    if (kind.scheme !== 'internal') throw invalid('Private IPv4 addresses are for internal load balancers only');
    if (!cidrContains(subnet.cidr, privateIpv4)) throw invalid(`${privateIpv4} is not in the subnet ${subnet.id}`);
    if (!isFree(account, subnet, privateIpv4)) throw invalid(`${privateIpv4} is in use`);
  }
  if (ipv6 === undefined) return;
  if (kind.addressType !== 'dualstack') throw invalid('IPv6 addresses are for dualstack load balancers only');
  if (!cidrContains(subnet.ipv6Cidr ?? '', ipv6)) throw invalid(`${ipv6} is not in the subnet ${subnet.id}`);
}

function checkAllocation(account: Account, allocationId: string, { scheme }: Kind): void {
  if (scheme !== 'internet-facing') throw invalid('Elastic IP addresses are for internet-facing load balancers only');
  if (!account.addresses.has(allocationId))
    throw new Refusal('AllocationIdNotFound', `The allocation IDs '${allocationId}' do not exist`);
  if (account.interfaces().some(one => one.allocationId === allocationId))
    throw new Refusal('ResourceInUse', `The allocation IDs '${allocationId}' are not available for use`);
}

function checkAllOrNone(mappings: readonly Mapping[], field: 'allocationId' | 'privateIpv4', what: string): void {
  const given = mappings.filter(mapping => mapping[field] !== undefined).length;
  if (given !== 0 && given !== mappings.length) throw invalid(`You must specify ${what} for every subnet or for none`);
  if (new Set(mappings.map(mapping => mapping[field])).size < given)
    throw invalid(`You must specify ${what} only once`);
}

function invalid(message: string): Refusal {
  return new Refusal('InvalidConfigurationRequest', message);
}
