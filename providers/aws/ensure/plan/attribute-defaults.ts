import type { Attributes } from '../../inventory/known-balancer.ts';
import type { DesiredTargetGroup } from '../../model/desired.ts';

/**
 * What holds while nobody has set anything: what is wanted and is so by default needs no request, and what is not asked for any more goes back to it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
 */
export const loadBalancerDefaults: Attributes = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'deletion_protection.enabled': 'false',
  'dns_record.client_routing_policy': 'any_availability_zone',
  'ipv6.deny_all_igw_traffic': 'false',
  'load_balancing.cross_zone.enabled': 'false',
  'zonal_shift.config.enabled': 'false',
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export function targetGroupDefaults({
  protocol,
  targetType,
}: Pick<DesiredTargetGroup, 'protocol' | 'targetType'>): Attributes {
  const udp = protocol === 'UDP' || protocol === 'TCP_UDP';
  return {
    'deregistration_delay.timeout_seconds': '300',
    'deregistration_delay.connection_termination.enabled': String(udp),
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    'preserve_client_ip.enabled': String(udp || targetType === 'instance'),
    'proxy_protocol_v2.enabled': 'false',
    'stickiness.enabled': 'false',
    'stickiness.type': 'source_ip',
    'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
    'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
    'target_health_state.unhealthy.connection_termination.enabled': 'true',
    'target_health_state.unhealthy.draining_interval_seconds': '0',
  };
}

export interface AttributeInput {
  readonly desired: Attributes;
  /** `undefined`: not read; nothing is judged then, but of what is just being made (`{}`) all holds by default. */
  readonly observed: Attributes | undefined;
  readonly defaults: Attributes;
  /** What this process has asked for before. */
  readonly asked: (key: string) => boolean;
}

/**
 * What has to be set. Pure.
 *
 * | desired | asked before | observed, or default where there is none | →                    |
 * |---------|--------------|------------------------------------------|----------------------|
 * | x       |              | x                                        |                      |
 * | x       |              | y                                        | x                    |
 * | not     | yes          | y, and the default is x                  | x                    |
 * | not     | no           | y                                        |                      |
 * | any     |              | not read                                 |                      |
 */
export function planAttributes({ desired, observed, defaults, asked }: AttributeInput): Attributes | undefined {
  if (observed === undefined) return undefined;
  const before = { ...defaults, ...observed };
  const wanted = Object.entries({ ...forgotten(before, desired, defaults, asked), ...desired });
  const changes = wanted.filter(([key, value]) => before[key] !== value);
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

function forgotten(
  before: Attributes,
  desired: Attributes,
  defaults: Attributes,
  asked: (key: string) => boolean,
): Attributes {
  const keys = Object.keys(before).filter(key => !Object.hasOwn(desired, key) && asked(key));
  return Object.fromEntries(keys.flatMap(key => (defaults[key] === undefined ? [] : [[key, defaults[key]]])));
}
