import { createHash } from 'node:crypto';
import type { DesiredBalancer } from '../model/desired.ts';

/**
 * Equal for two balancers that ask AWS for the same. Pure. Left out: targets, which have a way of their own, and a target group's port, which
 * only decides for targets without one and cannot be changed.
 */
export function fingerprint(balancer: DesiredBalancer): string {
  const targetGroups = balancer.targetGroups.map(({ targets: _targets, port: _port, ...rest }) => rest);
  return createHash('sha256')
    .update(JSON.stringify({ ...balancer, targetGroups }, inKeyOrder))
    .digest('base64url');
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
