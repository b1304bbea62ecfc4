import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Aws, AwsCall } from '../client/aws.ts';
import { isNotFound } from '../client/classify-error.ts';
import type { AddressType, Scheme, SubnetMapping } from '../model/desired.ts';
import type { ObservedLoadBalancer, Tags } from '../model/observed.ts';
import { batches, describedInBatches } from './batches.ts';
import { toTagList } from './tags.ts';

export interface NewLoadBalancer {
  readonly name: string;
  readonly scheme: Scheme;
  readonly addressType: AddressType;
  readonly subnets: readonly SubnetMapping[];
  /** Empty: a balancer without, for ever. */
  readonly securityGroupIds: readonly string[];
  readonly tags: Tags;
}

/** Every network load balancer of the account and region, 400 a request. */
export async function observeLoadBalancers(aws: Aws, call: AwsCall): Promise<readonly ObservedLoadBalancer[]> {
  const found: LoadBalancer[] = [];
  for (let marker: string | undefined; ; ) {
    const page = await aws.send('DescribeLoadBalancers', { PageSize: 400, Marker: marker }, call);
    found.push(...(page.LoadBalancers ?? []));
    marker = page.NextMarker;
    if (marker === undefined || marker === '') break;
  }
  return found.filter(({ Type }) => Type === 'network').map(toObserved);
}

/** Those of them that exist, 20 a request. */
export function observeLoadBalancersByArn(
  aws: Aws,
  arns: readonly string[],
  call: AwsCall,
): Promise<readonly ObservedLoadBalancer[]> {
  return describedInBatches(batches(arns, 20), async some => {
    const { LoadBalancers = [] } = await aws.send('DescribeLoadBalancers', { LoadBalancerArns: some }, call);
    return LoadBalancers.map(toObserved);
  });
}

/** Of whichever type, since the name is one for all types; moto, which makes duplicates, may show any one of them. */
export async function observeLoadBalancerNamed(
  aws: Aws,
  name: string,
  call: AwsCall,
): Promise<ObservedLoadBalancer | undefined> {
  try {
    const { LoadBalancers = [] } = await aws.send('DescribeLoadBalancers', { Names: [name] }, call);
    return LoadBalancers.map(toObserved)[0];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function createLoadBalancer(
  aws: Aws,
  wanted: NewLoadBalancer,
  call: AwsCall,
): Promise<ObservedLoadBalancer> {
  const { name, scheme, addressType, subnets, securityGroupIds, tags } = wanted;
  const { LoadBalancers = [] } = await aws.send(
    'CreateLoadBalancer',
    {
      Name: name,
      Type: 'network',
      Scheme: scheme,
      IpAddressType: addressType,
      SubnetMappings: subnets.map(toMapping),
      SecurityGroups: securityGroupIds.length > 0 ? [...securityGroupIds] : undefined,
      Tags: toTagList(tags),
    },
    call,
  );
  const [made] = LoadBalancers;
  if (made === undefined) throw new Error(`AWS has answered the create of load balancer ${name} without it`);
  return { ...toObserved(made), scheme };
}

/** The whole list: a subnet that is not in it is left. */
export async function setSubnets(
  aws: Aws,
  arn: string,
  subnets: readonly SubnetMapping[],
  call: AwsCall,
): Promise<void> {
  await aws.send('SetSubnets', { LoadBalancerArn: arn, SubnetMappings: subnets.map(toMapping) }, call);
}

/** Only of a balancer that was made with at least one, and never to none. */
export async function setSecurityGroups(aws: Aws, arn: string, ids: readonly string[], call: AwsCall): Promise<void> {
  await aws.send('SetSecurityGroups', { LoadBalancerArn: arn, SecurityGroups: [...ids] }, call);
}

export async function setAddressType(aws: Aws, arn: string, type: AddressType, call: AwsCall): Promise<void> {
  await aws.send('SetIpAddressType', { LoadBalancerArn: arn, IpAddressType: type }, call);
}

/** With its listeners; absent is success. */
export async function deleteLoadBalancer(aws: Aws, arn: string, call: AwsCall): Promise<void> {
  try {
    await aws.send('DeleteLoadBalancer', { LoadBalancerArn: arn }, call);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function toMapping({ subnetId, allocationId, privateIpv4, ipv6 }: SubnetMapping) {
  return { SubnetId: subnetId, AllocationId: allocationId, PrivateIPv4Address: privateIpv4, IPv6Address: ipv6 };
}

/** Host names are published in lower case: Kubernetes takes no other. */
function toObserved(one: LoadBalancer): ObservedLoadBalancer {
  return {
    arn: one.LoadBalancerArn ?? '',
    name: one.LoadBalancerName ?? '',
    hostname: (one.DNSName ?? '').toLowerCase(),
    scheme: one.Scheme === 'internal' ? 'internal' : 'internet-facing',
    addressType: one.IpAddressType === 'dualstack' ? 'dualstack' : 'ipv4',
    vpcId: one.VpcId ?? '',
    subnetIds: (one.AvailabilityZones ?? []).flatMap(({ SubnetId }) => SubnetId ?? []).toSorted(),
    ...addressesOf(one),
    securityGroupIds: (one.SecurityGroups ?? []).toSorted(),
    state: one.State?.Code ?? '',
  };
}

/** AWS shows an empty list where no address was asked for. */
function addressesOf({ AvailabilityZones = [] }: LoadBalancer): Pick<ObservedLoadBalancer, 'addresses'> {
  if (!AvailabilityZones.some(zone => zone.LoadBalancerAddresses !== undefined)) return {};
  const addresses = AvailabilityZones.map(({ SubnetId = '', ZoneName = '', LoadBalancerAddresses: [given] = [] }) => ({
    subnetId: SubnetId,
    zone: ZoneName,
    ...(given?.AllocationId !== undefined && { allocationId: given.AllocationId }),
    ...(given?.PrivateIPv4Address !== undefined && { privateIpv4: given.PrivateIPv4Address }),
    ...(given?.IPv6Address !== undefined && { ipv6: given.IPv6Address }),
  }));
  return { addresses };
}
