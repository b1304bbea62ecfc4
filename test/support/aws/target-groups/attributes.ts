import type { Operation } from '../services/service.ts';
import { type AttributeTable, attributesXml, isFlag, isOneOf, isWithin, readAttributes } from '../wire/attributes.ts';
import { Refusal } from '../wire/refusal.ts';
import type { TargetGroup } from '../world/elb-model.ts';
import { targetGroupAt } from './lookup.ts';

const isCountOrOff = (value: string): boolean => value === 'off' || isWithin(1, 1_000)(value);
const isPercentOrOff = (value: string): boolean => value === 'off' || isWithin(1, 100)(value);

const table: AttributeTable = {
  'deregistration_delay.timeout_seconds': isWithin(0, 3_600),
  'deregistration_delay.connection_termination.enabled': isFlag,
  'preserve_client_ip.enabled': isFlag,
  'proxy_protocol_v2.enabled': isFlag,
  'stickiness.enabled': isFlag,
  'stickiness.type': isOneOf('source_ip'),
  'load_balancing.cross_zone.enabled': isOneOf('true', 'false', 'use_load_balancer_configuration'),
  'target_health_state.unhealthy.connection_termination.enabled': isFlag,
  'target_health_state.unhealthy.draining_interval_seconds': isWithin(0, 360_000),
  'target_group_health.dns_failover.minimum_healthy_targets.count': isCountOrOff,
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': isPercentOrOff,
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': isWithin(1, 1_000),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': isPercentOrOff,
};

type Kind = Pick<TargetGroup, 'protocol' | 'targetType'>;

export function targetGroupDefaults(kind: Kind): readonly (readonly [string, string])[] {
  const preserves = kind.targetType === 'instance' || isDatagram(kind);
  return [
    ['deregistration_delay.timeout_seconds', '300'],
    ['deregistration_delay.connection_termination.enabled', String(isDatagram(kind))],
    ['preserve_client_ip.enabled', String(preserves)],
    ['proxy_protocol_v2.enabled', 'false'],
    ['stickiness.enabled', 'false'],
    ['stickiness.type', 'source_ip'],
    ['load_balancing.cross_zone.enabled', 'use_load_balancer_configuration'],
    ['target_health_state.unhealthy.connection_termination.enabled', 'true'],
    ['target_health_state.unhealthy.draining_interval_seconds', '0'],
    ['target_group_health.dns_failover.minimum_healthy_targets.count', '1'],
    ['target_group_health.dns_failover.minimum_healthy_targets.percentage', 'off'],
    ['target_group_health.unhealthy_state_routing.minimum_healthy_targets.count', '1'],
    ['target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage', 'off'],
  ];
}

export const describeTargetGroupAttributes: Operation = params => {
  const arn = params.required('TargetGroupArn');
  return account => attributesXml(targetGroupAt(account, arn).attributes);
};

export const modifyTargetGroupAttributes: Operation = params => {
  const arn = params.required('TargetGroupArn');
  const wanted = readAttributes(params, table);
  return account => {
    const group = targetGroupAt(account, arn);
    if (isDatagram(group) && wanted.get('preserve_client_ip.enabled') === 'false')
      throw new Refusal(
        'InvalidConfigurationRequest',
        `Client IP preservation cannot be disabled for ${group.protocol} target groups`,
      );
    if (group.protocol === 'TLS' && wanted.get('stickiness.enabled') === 'true')
      throw new Refusal('InvalidConfigurationRequest', 'Stickiness is not supported for TLS target groups');
    for (const [key, value] of wanted) group.attributes.set(key, value);
    return attributesXml(group.attributes);
  };
};

function isDatagram({ protocol }: Kind): boolean {
  return protocol !== 'TCP' && protocol !== 'TLS';
}
