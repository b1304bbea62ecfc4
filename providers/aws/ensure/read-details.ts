import type { KnownListener } from '../inventory/known-balancer.ts';
import { observeLoadBalancerAttributes, observeTargetGroupAttributes } from '../resources/attributes.ts';
import { observeCertificates, observeListeners } from '../resources/listeners.ts';
import type { ApplyDeps, Work } from './apply/work.ts';

/** Reads what no look at everything shows, where it is not known: one request for the listeners, and one for each set of attributes. */
export async function readDetails(deps: ApplyDeps, work: Work): Promise<void> {
  await Promise.all([readListeners(deps, work), readAttributes(deps, work), readGroupAttributes(deps, work)]);
}

/** Everything that is not in a look at everything is to be read again: by `readDetails`, and the targets where they are made right. */
export function forgetDetails({ desired, record }: Work): void {
  record.update({ listeners: undefined });
  if (Object.keys(desired.attributes).length > 0) record.patchLoadBalancer(() => ({ attributes: undefined }));
  for (const { arn, name } of record.known.targetGroups) {
    const wanted = desired.targetGroups.find(group => group.name === name);
    const attributes = Object.keys(wanted?.attributes ?? {}).length > 0 ? { attributes: undefined } : {};
    record.patchTargetGroup(arn, { targets: undefined, ...attributes });
  }
  record.refused.clear();
}

async function readListeners({ aws }: ApplyDeps, { record, call }: Work): Promise<void> {
  const { loadBalancer, listeners } = record.known;
  if (listeners !== undefined) return;
  if (loadBalancer === undefined) return record.update({ listeners: [] });
  const found = await observeListeners(aws, loadBalancer.arn, call);
  const whole = found.map(async (listener): Promise<KnownListener> => {
    const certificates = listener.protocol === 'TLS' ? await observeCertificates(aws, listener.arn, call) : [];
    return { ...listener, certificates };
  });
  record.update({ listeners: await Promise.all(whole) });
}

async function readAttributes({ aws }: ApplyDeps, { record, call }: Work): Promise<void> {
  const { loadBalancer } = record.known;
  if (loadBalancer === undefined || loadBalancer.attributes !== undefined) return;
  const attributes = await observeLoadBalancerAttributes(aws, loadBalancer.arn, call);
  record.patchLoadBalancer(() => ({ attributes }));
}

async function readGroupAttributes({ aws }: ApplyDeps, { desired, record, call }: Work): Promise<void> {
  const wanted = new Set(desired.targetGroups.map(({ name }) => name));
  const unread = record.known.targetGroups.filter(
    ({ name, attributes }) => wanted.has(name) && attributes === undefined,
  );
  await Promise.all(
    unread.map(async ({ arn }) => {
      record.patchTargetGroup(arn, { attributes: await observeTargetGroupAttributes(aws, arn, call) });
    }),
  );
}
