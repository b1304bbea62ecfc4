import type { Aws, AwsCall } from '../client/aws.ts';

/** Attributes of load balancers and target groups, as AWS names them. What has never been set may be missing (moto) or there with its default. */
export type Attributes = Readonly<Record<string, string>>;

export async function observeLoadBalancerAttributes(aws: Aws, arn: string, call: AwsCall): Promise<Attributes> {
  const { Attributes } = await aws.send('DescribeLoadBalancerAttributes', { LoadBalancerArn: arn }, call);
  return toRecord(Attributes);
}

/** Those that are given; the others stay as they are. */
export async function modifyLoadBalancerAttributes(
  aws: Aws,
  arn: string,
  attributes: Attributes,
  call: AwsCall,
): Promise<void> {
  await aws.send('ModifyLoadBalancerAttributes', { LoadBalancerArn: arn, Attributes: toList(attributes) }, call);
}

export async function observeTargetGroupAttributes(aws: Aws, arn: string, call: AwsCall): Promise<Attributes> {
  const { Attributes } = await aws.send('DescribeTargetGroupAttributes', { TargetGroupArn: arn }, call);
  return toRecord(Attributes);
}

/** Those that are given; the others stay as they are. */
export async function modifyTargetGroupAttributes(
  aws: Aws,
  arn: string,
  attributes: Attributes,
  call: AwsCall,
): Promise<void> {
  await aws.send('ModifyTargetGroupAttributes', { TargetGroupArn: arn, Attributes: toList(attributes) }, call);
}

interface Attribute {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

function toRecord(list: readonly Attribute[] = []): Attributes {
  return Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]));
}

function toList(attributes: Attributes): { Key: string; Value: string }[] {
  return Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
}
