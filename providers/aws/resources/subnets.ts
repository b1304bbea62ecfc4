import type { Subnet } from '@aws-sdk/client-ec2';
import type { Aws, AwsCall } from '../client/aws.ts';
import type { ObservedSubnet } from '../model/observed.ts';
import { toFilters } from './filters.ts';
import { toTags } from './tags.ts';

/** All that is said must fit. */
export interface SubnetFilter {
  readonly ids?: readonly string[];
  readonly vpcId?: string;
  /** Tag → its values; an empty list: any value. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
}

/** Ids that do not exist are left out. */
export async function observeSubnets(
  aws: Aws,
  filter: SubnetFilter,
  call: AwsCall,
): Promise<readonly ObservedSubnet[]> {
  const Filters = toFilters(
    { 'subnet-id': filter.ids, 'vpc-id': filter.vpcId === undefined ? undefined : [filter.vpcId] },
    filter.tags,
  );
  const found: Subnet[] = [];
  for (let token: string | undefined; ; ) {
    const page = await aws.send('DescribeSubnets', { Filters, MaxResults: 1_000, NextToken: token }, call);
    found.push(...(page.Subnets ?? []));
    token = page.NextToken;
    if (token === undefined || token === '') break;
  }
  return found.map(toObserved);
}

/** Moto writes the state of an IPv6 block as `{'State': 'associated'}`: what counts is that it is not on its way in or out, nor failed. */
function toObserved(one: Subnet): ObservedSubnet {
  const ipv6Cidrs = (one.Ipv6CidrBlockAssociationSet ?? [])
    .filter(({ Ipv6CidrBlockState }) => !/associating|disassociat|fail/i.test(Ipv6CidrBlockState?.State ?? ''))
    .flatMap(({ Ipv6CidrBlock }) => Ipv6CidrBlock ?? []);
  return {
    id: one.SubnetId ?? '',
    zone: one.AvailabilityZone ?? '',
    vpcId: one.VpcId ?? '',
    cidr: one.CidrBlock ?? '',
    ipv6Cidrs,
    freeAddresses: one.AvailableIpAddressCount ?? 0,
    tags: toTags(one.Tags),
  };
}
