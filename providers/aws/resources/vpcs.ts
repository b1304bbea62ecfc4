import type { Vpc } from '@aws-sdk/client-ec2';
import type { Aws, AwsCall } from '../client/aws.ts';
import type { ObservedVpc } from '../model/observed.ts';
import { toFilters } from './filters.ts';
import { toTags } from './tags.ts';

export interface VpcFilter {
  readonly ids?: readonly string[];
  /** Tag → its values; an empty list: any value. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
}

/** Ids that do not exist are left out. */
export async function observeVpcs(aws: Aws, filter: VpcFilter, call: AwsCall): Promise<readonly ObservedVpc[]> {
  const { Vpcs = [] } = await aws.send(
    'DescribeVpcs',
    { Filters: toFilters({ 'vpc-id': filter.ids }, filter.tags) },
    call,
  );
  return Vpcs.map(toObserved);
}

function toObserved(one: Vpc): ObservedVpc {
  const more = (one.CidrBlockAssociationSet ?? [])
    .filter(({ CidrBlockState }) => CidrBlockState?.State === 'associated')
    .flatMap(({ CidrBlock }) => CidrBlock ?? []);
  const ipv6 = (one.Ipv6CidrBlockAssociationSet ?? [])
    .filter(({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State === 'associated')
    .flatMap(({ Ipv6CidrBlock }) => Ipv6CidrBlock ?? []);
  return { id: one.VpcId ?? '', cidrs: [...new Set([one.CidrBlock ?? '', ...more, ...ipv6])], tags: toTags(one.Tags) };
}
