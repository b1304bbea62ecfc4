import type { Operation } from '../services/service.ts';
import type { Params } from '../wire/params.ts';
import type { Answer } from '../wire/xml.ts';
import type { Account } from '../world/account.ts';
import type { Target, TargetGroup } from '../world/elb-model.ts';
import { targetGroupAt } from './lookup.ts';

export interface Health {
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining';
  readonly reason?: string;
}

/** Without those that have drained. */
export function targetsOf(account: Account, group: TargetGroup): readonly Target[] {
  for (const [key, { drainedAt }] of group.targets)
    if (drainedAt !== undefined && drainedAt <= account.now()) group.targets.delete(key);
  return [...group.targets.values()];
}

/**
 * | the target                                               | state     |
 * |----------------------------------------------------------|-----------|
 * | is deregistered, and drains                              | draining  |
 * | belongs to a group that no listener uses                 | unused    |
 * | is in a zone that the load balancer does not serve       | unused    |
 * | waits for its load balancer, or for its first checks     | initial   |
 * | fails its checks, as the test has said                   | unhealthy |
 * | otherwise                                                | healthy   |
 */
export function healthOf(account: Account, group: TargetGroup, target: Target): Health {
  if (target.drainedAt !== undefined) return { state: 'draining', reason: 'Target.DeregistrationInProgress' };
  const since = checkedSince(account, group, target);
  if (since === undefined) return { state: 'unused', reason: 'Target.NotInUse' };
  const from = Math.max(since, target.registeredAt);
  if (from > account.now()) return { state: 'initial', reason: 'Elb.RegistrationInProgress' };
  if (from + account.settings.healthyAfterMs > account.now())
    return { state: 'initial', reason: 'Elb.InitialHealthChecking' };
  if (account.unhealthy.has(target.id)) return { state: 'unhealthy', reason: 'Target.FailedHealthChecks' };
  return { state: 'healthy' };
}

/** When the first active load balancer began to check the target; `undefined`: none does. */
function checkedSince(account: Account, group: TargetGroup, target: Target): number | undefined {
  const zone = account.instances.get(target.id)?.zone;
  const starts = account.usersOf(group.arn).flatMap(({ loadBalancerArn, usedSince }) => {
    const balancer = account.loadBalancers.get(loadBalancerArn);
    if (balancer === undefined) return [];
    const isServed =
      zone === undefined || isCrossZone(balancer.attributes) || balancer.zones.some(one => one.zone === zone);
    return isServed ? [Math.max(balancer.activeAt, usedSince.get(group.arn) ?? 0)] : [];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

function isCrossZone(attributes: ReadonlyMap<string, string>): boolean {
  return attributes.get('load_balancing.cross_zone.enabled') === 'true';
}

/** Of all targets, or of those that are asked for: one that is not registered is `unused`. */
export const describeTargetHealth: Operation = params => {
  const arn = params.required('TargetGroupArn');
  const asked = params.structs('Targets', readAsked);
  return account => {
    const group = targetGroupAt(account, arn);
    const targets = targetsOf(account, group);
    const chosen = asked?.map(({ id, port = group.port }) => {
      return targets.find(target => target.id === id && target.port === port) ?? { id, port };
    });
    return { TargetHealthDescriptions: (chosen ?? targets).map(target => healthXml(account, group, target)) };
  };
};

function readAsked(item: Params) {
  const zone = item.optional('AvailabilityZone');
  return { id: item.required('Id'), port: item.within('Port', 1, 65_535), zone };
}

function healthXml(account: Account, group: TargetGroup, target: Target | { id: string; port: number }): Answer {
  const health: Health =
    'registeredAt' in target ? healthOf(account, group, target) : { state: 'unused', reason: 'Target.NotRegistered' };
  const { port } = group.healthCheck;
  return {
    Target: { Id: target.id, Port: target.port, AvailabilityZone: 'zone' in target ? target.zone : undefined },
    HealthCheckPort: port === 'traffic-port' ? target.port : port,
    TargetHealth: { State: health.state, Reason: health.reason },
  };
}
