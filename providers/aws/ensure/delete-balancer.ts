import type { Call, Deleted, LoadBalancerRef } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { AwsCall } from '../client/aws.ts';
import { awsCodeOf, isInUse } from '../client/classify-error.ts';
import type { BalancerRecord } from '../inventory/balancer-record.ts';
import { isNothing, type KnownLoadBalancer } from '../inventory/known-balancer.ts';
import type { Provisioning } from '../inventory/provisioning.ts';
import { pause } from '../inventory/unless-aborted.ts';
import { deleteLoadBalancer } from '../resources/load-balancers.ts';
import { deleteSecurityGroup } from '../resources/security-groups.ts';
import { deleteTargetGroup } from '../resources/target-groups.ts';
import type { ApplyDeps } from './apply/work.ts';

export interface DeleteDeps extends ApplyDeps {
  readonly provisioning: Provisioning;
}

/** AWS lets go of the parts of a balancer within seconds of its end, of its security group within a minute or so. */
const shortWaitsMs = [250, 1_000];
const firstRetryMs = 2_000;
const longestRetryMs = 30_000;

/**
 * Removes every part that exists: the balancer with its listeners, then its target groups and its security group side by side, whatever is
 * there; 2 + P requests in a warm process. What is held on to for a moment is waited for, what is held longer comes back later. Nothing but the
 * marks of ownership decides what goes.
 */
export async function deleteBalancer(deps: DeleteDeps, ref: LoadBalancerRef, call: Call): Promise<Deleted> {
  const { namespace, name, uid } = ref.service;
  const record = await deps.inventory.record({ id: ref.id, service: { namespace, name, uid } }, call);
  await deps.inventory.meetTargetGroups(record, call);
  const held = await deleteParts(deps, record, call);
  if (!isNothing(record.known)) return later(record, held);
  record.settled = undefined;
  record.verifiedAt = undefined;
  if (!(await deps.backend.release(ref.id, call)))
    return later(record, ['the security group that all balancers share']);
  record.deletions = 0;
  return { state: 'deleted' };
}

async function deleteParts(deps: DeleteDeps, record: BalancerRecord, call: AwsCall): Promise<readonly string[]> {
  const { aws } = deps;
  const { loadBalancer, duplicates } = record.known;
  const balancers = loadBalancer === undefined ? duplicates : [loadBalancer, ...duplicates];
  await together(balancers.map(one => deleteOne(deps, record, one, call)));
  record.update({ loadBalancer: undefined, duplicates: [], listeners: [] });
  const { targetGroups, securityGroup } = record.known;
  const held: string[] = [];
  const remove = async (what: string, send: () => Promise<void>, done: () => void): Promise<void> => {
    if (await unlessHeld(deps, () => record.change(send), call)) done();
    else held.push(what);
  };
  await together([
    ...targetGroups.map(({ arn, name }) =>
      remove(
        `target group ${name}`,
        () => deleteTargetGroup(aws, arn, call),
        () => {
          deps.targets.forget(arn);
          record.removeTargetGroup(arn);
        },
      ),
    ),
    ...(securityGroup === undefined
      ? []
      : [
          remove(
            `security group ${securityGroup.id}`,
            () => deleteSecurityGroup(aws, securityGroup.id, call),
            () => record.setSecurityGroup(undefined),
          ),
        ]),
  ]);
  return held;
}

/** While it is protected nothing else is touched: it may be serving. */
async function deleteOne(
  deps: DeleteDeps,
  record: BalancerRecord,
  { arn, name }: KnownLoadBalancer,
  call: AwsCall,
): Promise<void> {
  try {
    await record.change(() => deleteLoadBalancer(deps.aws, arn, call));
    deps.provisioning.forget(arn);
  } catch (error) {
    if (awsCodeOf(error) !== 'OperationNotPermitted') throw error;
    throw new ProviderError(
      'rejected',
      `AWS does not let load balancer ${name} be deleted: set its attribute deletion_protection.enabled to false, and end VPC endpoint services that use it`,
      { cause: error },
    );
  }
}

/** `false`: something holds on to it still. */
async function unlessHeld({ clock }: DeleteDeps, send: () => Promise<void>, call: AwsCall): Promise<boolean> {
  for (const waitMs of [...shortWaitsMs, 0]) {
    try {
      await send();
      return true;
    } catch (error) {
      if (!isInUse(error)) throw error;
    }
    if (waitMs > 0) await pause(clock, waitMs, call.signal);
  }
  return false;
}

/** All of them, then the first error: one that fails keeps no other from going. */
async function together(all: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(all)) if (outcome.status === 'rejected') throw outcome.reason;
}

function later(record: BalancerRecord, held: readonly string[]): Deleted {
  const retryAfterMs = Math.min(firstRetryMs * 2 ** record.deletions, longestRetryMs);
  record.deletions += 1;
  return { state: 'pending', reason: `still in use at AWS: ${held.join(', ')}`, retryAfterMs };
}
