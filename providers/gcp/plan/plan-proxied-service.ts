import type { BackendService } from '../client/resources.ts';
import type { Known } from '../model/kinds.ts';

/**
 * The fields of a proxied port's backend service that have to change; `undefined`: none. Pure. Groups are added, and never taken away: see
 * `planBackendService`.
 */
export function planProxiedService(
  wanted: BackendService,
  groups: readonly string[],
  found: Known<'backendServices'>,
): Partial<BackendService> | undefined {
  const there = new Set((found.backends ?? []).map(({ group }) => group));
  const missing = groups.filter(group => !there.has(group));
  const { portName, healthChecks, sessionAffinity } = wanted;
  const changes: Partial<BackendService> = {
    ...(portName === undefined || portName === found.portName ? {} : { portName }),
    ...(healthChecks === undefined || healthChecks[0] === found.healthChecks?.[0] ? {} : { healthChecks }),
    ...(sessionAffinity === undefined || sessionAffinity === (found.sessionAffinity ?? 'NONE')
      ? {}
      : { sessionAffinity }),
    ...(missing.length === 0 ? {} : { backends: [...(found.backends ?? []), ...proxiedBackends(missing)] }),
  };
  return Object.keys(changes).length === 0 ? undefined : changes;
}

/** A group may also stand behind balancers that count connections: of the other modes this one goes with that. */
export function proxiedBackends(groups: readonly string[]): NonNullable<BackendService['backends']> {
  return groups.map(group => ({ group, balancingMode: 'UTILIZATION' }));
}
