import type { DescribeTargetGroupsCommandInput, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Aws, AwsCall } from '../client/aws.ts';
import { isNotFound } from '../client/classify-error.ts';
import type { AwsProtocol, DesiredTargetGroup, HealthCheck } from '../model/desired.ts';
import type { ObservedTargetGroup, Tags } from '../model/observed.ts';
import { toHealthCheck, toHealthCheckInput } from './health-check.ts';
import { toTagList } from './tags.ts';

/** Every target group of the account and region, 400 a request: also those that no network load balancer could use, which have strange protocols. */
export function observeTargetGroups(aws: Aws, call: AwsCall): Promise<readonly ObservedTargetGroup[]> {
  return described(aws, {}, call);
}

export function observeTargetGroupsOf(
  aws: Aws,
  loadBalancerArn: string,
  call: AwsCall,
): Promise<readonly ObservedTargetGroup[]> {
  return described(aws, { LoadBalancerArn: loadBalancerArn }, call);
}

export async function observeTargetGroupNamed(
  aws: Aws,
  name: string,
  call: AwsCall,
): Promise<ObservedTargetGroup | undefined> {
  const [found] = await described(aws, { Names: [name] }, call);
  return found;
}

/** Without its targets and attributes. */
export async function createTargetGroup(
  aws: Aws,
  wanted: DesiredTargetGroup,
  tags: Tags,
  call: AwsCall,
): Promise<ObservedTargetGroup> {
  const { TargetGroups = [] } = await aws.send(
    'CreateTargetGroup',
    {
      Name: wanted.name,
      Protocol: wanted.protocol,
      Port: wanted.port,
      VpcId: wanted.vpcId,
      TargetType: wanted.targetType,
      IpAddressType: wanted.addressType,
      ...toHealthCheckInput(wanted.healthCheck),
      Tags: toTagList(tags),
    },
    call,
  );
  const [made] = TargetGroups;
  if (made === undefined) throw new Error(`AWS has answered the create of target group ${wanted.name} without it`);
  return toObserved(made);
}

export async function modifyHealthCheck(aws: Aws, arn: string, check: HealthCheck, call: AwsCall): Promise<void> {
  await aws.send('ModifyTargetGroup', { TargetGroupArn: arn, ...toHealthCheckInput(check) }, call);
}

/** With its targets; absent is success. While a listener uses it, it fails with `isInUse`. */
export async function deleteTargetGroup(aws: Aws, arn: string, call: AwsCall): Promise<void> {
  try {
    await aws.send('DeleteTargetGroup', { TargetGroupArn: arn }, call);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** A filter that finds nothing is an error of AWS with names, and of moto always. */
async function described(
  aws: Aws,
  filter: Pick<DescribeTargetGroupsCommandInput, 'LoadBalancerArn' | 'Names'>,
  call: AwsCall,
): Promise<readonly ObservedTargetGroup[]> {
  const found: TargetGroup[] = [];
  try {
    for (let marker: string | undefined; ; ) {
      const page = await aws.send('DescribeTargetGroups', { ...filter, PageSize: 400, Marker: marker }, call);
      found.push(...(page.TargetGroups ?? []));
      marker = page.NextMarker;
      if (marker === undefined || marker === '') break;
    }
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return found.map(toObserved);
}

function toObserved(one: TargetGroup): ObservedTargetGroup {
  return {
    arn: one.TargetGroupArn ?? '',
    name: one.TargetGroupName ?? '',
    protocol: (one.Protocol ?? '') as AwsProtocol,
    port: one.Port ?? 0,
    targetType: one.TargetType === 'ip' ? 'ip' : 'instance',
    vpcId: one.VpcId ?? '',
    loadBalancerArns: one.LoadBalancerArns ?? [],
    healthCheck: toHealthCheck(one),
  };
}
