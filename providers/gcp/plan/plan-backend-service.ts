import { urlOf } from '../client/links.ts';
import type { BackendService } from '../client/resources.ts';
import type { Known } from '../model/kinds.ts';

type Found = Known<'backendServices'>;

export interface BackendServiceInput {
  /** Without groups. */
  readonly wanted: BackendService;
  /** Paths of the instance groups in which the Service's nodes are. */
  readonly groups: readonly string[];
  readonly found: Found;
  /** Asked for by annotation; otherwise what somebody has set stays. */
  readonly drainSeconds: number | undefined;
  /** Of all rules that lead to it now. */
  readonly ruleProtocols: readonly string[];
}

/**
 * The fields that have to change; `undefined`: none. Pure.
 *
 * | field                      | found                               | →                                                            |
 * |----------------------------|-------------------------------------|--------------------------------------------------------------|
 * | protocol                   | as wanted, or UNSPECIFIED           | stays: that one goes with every protocol of a rule           |
 * |                            | another one                         | UNSPECIFIED: rules of the other one are still there          |
 * | groups                     | one too few                         | added, beside what is there                                  |
 * |                            | one too much                        | stays: it is empty, or somebody's                            |
 * | draining                   | another one, and asked for          | as asked for                                                 |
 * |                            | another one, and not asked for      | stays                                                        |
 * | affinity, health check, weights | another one                    | as wanted                                                    |
 */
export function planBackendService(input: BackendServiceInput): Partial<BackendService> | undefined {
  const { wanted, found, groups, drainSeconds } = input;
  const changes: Partial<BackendService> = {
    ...protocolChange(input),
    ...(wanted.sessionAffinity === (found.sessionAffinity ?? 'NONE') ? {} : pick(wanted, 'sessionAffinity')),
    ...(wanted.healthChecks?.[0] === found.healthChecks?.[0] ? {} : pick(wanted, 'healthChecks')),
    ...(drainSeconds === undefined || drainSeconds === (found.connectionDraining?.drainingTimeoutSec ?? 0)
      ? {}
      : { connectionDraining: { drainingTimeoutSec: drainSeconds } }),
    ...localityChange(wanted, found),
    ...trackingChange(wanted, found),
    ...groupsChange(groups, found),
  };
  return Object.keys(changes).length === 0 ? undefined : changes;
}

function pick<Key extends keyof BackendService>(from: BackendService, key: Key): Pick<BackendService, Key> {
  return { [key]: from[key] } as Pick<BackendService, Key>;
}

function protocolChange({ wanted, found, ruleProtocols }: BackendServiceInput): Partial<BackendService> {
  if (found.protocol === 'UNSPECIFIED' || found.protocol === wanted.protocol) return {};
  const isFree = ruleProtocols.every(protocol => protocol === wanted.protocol);
  return { protocol: isFree ? (wanted.protocol ?? 'UNSPECIFIED') : 'UNSPECIFIED' };
}

const weighted = ['WEIGHTED_MAGLEV', 'WEIGHTED_GCP_RENDEZVOUS'];

function localityChange({ localityLbPolicy: wanted }: BackendService, found: Found): Partial<BackendService> {
  if (wanted !== undefined) return wanted === found.localityLbPolicy ? {} : { localityLbPolicy: wanted };
  return weighted.includes(found.localityLbPolicy ?? '') ? { localityLbPolicy: 'MAGLEV' } : {};
}

function trackingChange({ connectionTrackingPolicy: wanted }: BackendService, found: Found): Partial<BackendService> {
  const has = found.connectionTrackingPolicy;
  if (wanted === undefined)
    return has?.enableStrongAffinity === true
      ? { connectionTrackingPolicy: { trackingMode: 'PER_CONNECTION', enableStrongAffinity: false } }
      : {};
  const isSame =
    has?.enableStrongAffinity === true &&
    has.idleTimeoutSec === wanted.idleTimeoutSec &&
    has.trackingMode === wanted.trackingMode;
  return isSame ? {} : { connectionTrackingPolicy: wanted };
}

function groupsChange(groups: readonly string[], { backends = [] }: Found): Partial<BackendService> {
  const there = new Set(backends.map(one => one.group));
  const missing = groups.filter(group => !there.has(group) && !there.has(urlOf(group)));
  return missing.length === 0 ? {} : { backends: [...backends, ...backendsOf(missing)] };
}

export function backendsOf(groups: readonly string[]): NonNullable<BackendService['backends']> {
  // Said expressly: an internal balancer refuses the default of the API, UTILIZATION.
  return groups.map(group => ({ group, balancingMode: 'CONNECTION' }));
}
