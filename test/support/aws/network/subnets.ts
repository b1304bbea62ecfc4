import { describeEc2 } from '../services/describe-ec2.ts';
import { readTagSpecification, tagSet } from '../services/ec2-tags.ts';
import type { Operation } from '../services/service.ts';
import { Refusal } from '../wire/refusal.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { Subnet } from '../world/ec2-model.ts';
import { canonicalCidr, cidrContains, sizeOf } from './cidr.ts';
import { freeAddresses } from './private-addresses.ts';
import { vpcAt } from './vpcs.ts';

const zones = ['a', 'b', 'c', 'd'];

export const createSubnet: Operation = params => {
  const vpcId = params.required('VpcId');
  const cidr = params.required('CidrBlock');
  const ipv6Cidr = params.optional('Ipv6CidrBlock');
  const zone = params.optional('AvailabilityZone');
  const tags = readTagSpecification(params, 'subnet');
  if (canonicalCidr(cidr, 'ipv4') !== cidr || sizeOf(cidr) < 16)
    throw new Refusal('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
  return account => {
    const vpc = vpcAt(account, vpcId);
    checkRange(account, vpcId, vpc.cidr, cidr);
    if (ipv6Cidr !== undefined && !cidrContains(vpc.ipv6Cidr ?? '', ipv6Cidr.split('/')[0] ?? ''))
      throw new Refusal('InvalidSubnet.Range', `The CIDR '${ipv6Cidr}' is invalid.`);
    const id = account.newId('subnet');
    const subnet: Subnet = { id, vpcId, cidr, ipv6Cidr, zone: zoneOf(account, zone), tags };
    account.subnets.set(id, subnet);
    return { subnet: subnetXml(account, subnet) };
  };
};

export const describeSubnets = describeEc2<Subnet>({
  idParam: 'SubnetId',
  notFound: 'InvalidSubnetID.NotFound',
  resultSet: 'subnetSet',
  all: account => account.subnets.values(),
  filters: () => ({
    'subnet-id': subnet => [subnet.id],
    'vpc-id': subnet => [subnet.vpcId],
    'availability-zone': subnet => [subnet.zone],
    'cidr-block': subnet => [subnet.cidr],
    state: () => ['available'],
  }),
  xml: subnetXml,
});

export const describeAvailabilityZones = describeEc2<{ readonly id: string; readonly tags: Map<string, string> }>({
  idParam: 'ZoneName',
  notFound: 'InvalidParameterValue',
  resultSet: 'availabilityZoneInfo',
  all: account => zones.map(letter => ({ id: account.region + letter, tags: new Map() })),
  filters: account => ({
    'zone-name': zone => [zone.id],
    'zone-type': () => ['availability-zone'],
    'region-name': () => [account.region],
    state: () => ['available'],
  }),
  xml: (account, { id }) => ({
    zoneName: id,
    zoneId: `usw2-az${zones.indexOf(id.slice(-1)) + 1}`,
    zoneType: 'availability-zone',
    zoneState: 'available',
    regionName: account.region,
  }),
});

function zoneOf(account: Account, wanted: string | undefined): string {
  const zone = wanted ?? `${account.region}a`;
  if (!zones.some(letter => zone === account.region + letter))
    throw new Refusal('InvalidParameterValue', `Value (${zone}) for parameter availabilityZone is invalid.`);
  return zone;
}

function checkRange(account: Account, vpcId: string, vpcCidr: string, cidr: string): void {
  const [base = ''] = cidr.split('/');
  if (!cidrContains(vpcCidr, base) || sizeOf(cidr) > sizeOf(vpcCidr))
    throw new Refusal('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
  const others = [...account.subnets.values()].filter(subnet => subnet.vpcId === vpcId).map(subnet => subnet.cidr);
  if (others.some(other => cidrContains(other, base) || cidrContains(cidr, other.split('/')[0] ?? '')))
    throw new Refusal('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
}

function subnetXml(account: Account, subnet: Subnet): Answer {
  const ipv6 = { ipv6CidrBlock: subnet.ipv6Cidr, ipv6CidrBlockState: { state: 'associated' } };
  return {
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    ownerId: account.id,
    state: 'available',
    cidrBlock: subnet.cidr,
    ipv6CidrBlockAssociationSet: subnet.ipv6Cidr === undefined ? [] : [ipv6],
    availableIpAddressCount: freeAddresses(account, subnet),
    availabilityZone: subnet.zone,
    availabilityZoneId: `usw2-az${zones.indexOf(subnet.zone.slice(-1)) + 1}`,
    tagSet: tagSet(subnet.tags),
  };
}
