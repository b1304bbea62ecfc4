import type { Aws, AwsCall } from '../client/aws.ts';

/** How many network load balancers the account may have in the region; `undefined` where AWS does not say. */
export async function observeLoadBalancerLimit(aws: Aws, call: AwsCall): Promise<number | undefined> {
  const { Limits = [] } = await aws.send('DescribeAccountLimits', { PageSize: 400 }, call);
  const max = Number(Limits.find(({ Name }) => Name === 'network-load-balancers')?.Max);
  return Number.isInteger(max) ? max : undefined;
}
