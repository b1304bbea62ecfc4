import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Aws, AwsCall } from '../client/aws.ts';
import { awsCodeOf, isNotFound } from '../client/classify-error.ts';
import type { Target } from '../model/desired.ts';
import type { ObservedTarget } from '../model/observed.ts';
import { batches } from './batches.ts';

/** AWS publishes no figure; 200 a request is what its own controller sends. */
const mostAtOnce = 200;

/** Those that are draining too. */
export async function observeTargets(
  aws: Aws,
  targetGroupArn: string,
  call: AwsCall,
): Promise<readonly ObservedTarget[]> {
  const { TargetHealthDescriptions = [] } = await aws.send(
    'DescribeTargetHealth',
    { TargetGroupArn: targetGroupArn },
    call,
  );
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
    id: Target?.Id ?? '',
    port: Target?.Port ?? 0,
    ...(Target?.AvailabilityZone !== undefined && { zone: Target.AvailabilityZone }),
    state: TargetHealth?.State ?? '',
    ...(TargetHealth?.Reason !== undefined && { reason: TargetHealth.Reason }),
  }));
}

/** Again is success. A target that AWS does not take (`InvalidTarget`) refuses its whole request. */
export async function registerTargets(
  aws: Aws,
  targetGroupArn: string,
  targets: readonly Target[],
  call: AwsCall,
): Promise<void> {
  for (const some of batches(targets, mostAtOnce)) {
    await aws.send('RegisterTargets', { TargetGroupArn: targetGroupArn, Targets: some.map(toDescription) }, call);
  }
}

/** What is not registered, or whose group is gone, is success. */
export async function deregisterTargets(
  aws: Aws,
  targetGroupArn: string,
  targets: readonly Target[],
  call: AwsCall,
): Promise<void> {
  for (const some of batches(targets, mostAtOnce)) await deregister(aws, targetGroupArn, some, call);
}

/** Moto refuses a request in which one target is unknown: one by one, then, what is left is deregistered all the same. */
async function deregister(aws: Aws, targetGroupArn: string, targets: readonly Target[], call: AwsCall): Promise<void> {
  try {
    await aws.send('DeregisterTargets', { TargetGroupArn: targetGroupArn, Targets: targets.map(toDescription) }, call);
  } catch (error) {
    if (isNotFound(error)) return;
    if (awsCodeOf(error) !== 'InvalidTarget') throw error;
    if (targets.length > 1) for (const one of targets) await deregister(aws, targetGroupArn, [one], call);
  }
}

function toDescription({ id, port, zone }: Target): TargetDescription {
  return { Id: id, Port: port, AvailabilityZone: zone };
}
