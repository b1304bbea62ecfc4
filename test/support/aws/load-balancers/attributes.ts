import type { Operation } from '../services/service.ts';
import {
  type AttributeTable,
  attributesXml,
  isFlag,
  isOneOf,
  isText,
  isWithin,
  readAttributes,
} from '../wire/attributes.ts';
import { Refusal } from '../wire/refusal.ts';
import { loadBalancerAt } from './lookup.ts';

export const loadBalancerDefaults: readonly (readonly [string, string])[] = [
  ['deletion_protection.enabled', 'false'],
  ['load_balancing.cross_zone.enabled', 'false'],
  ['access_logs.s3.enabled', 'false'],
  ['access_logs.s3.bucket', ''],
  ['access_logs.s3.prefix', ''],
  ['dns_record.client_routing_policy', 'any_availability_zone'],
  ['ipv6.deny_all_igw_traffic', 'false'],
  ['zonal_shift.config.enabled', 'false'],
  ['secondary_ips.auto_assigned.per_subnet', '0'],
];

const table: AttributeTable = {
  'deletion_protection.enabled': isFlag,
  'load_balancing.cross_zone.enabled': isFlag,
  'access_logs.s3.enabled': isFlag,
  'access_logs.s3.bucket': isText,
  'access_logs.s3.prefix': isText,
  'dns_record.client_routing_policy': isOneOf(
    'any_availability_zone',
    'partial_availability_zone_affinity',
    'availability_zone_affinity',
  ),
  'ipv6.deny_all_igw_traffic': isFlag,
  'zonal_shift.config.enabled': isFlag,
  'secondary_ips.auto_assigned.per_subnet': isWithin(0, 7),
};

export const describeLoadBalancerAttributes: Operation = params => {
  const arn = params.required('LoadBalancerArn');
  return account => attributesXml(loadBalancerAt(account, arn).attributes);
};

export const modifyLoadBalancerAttributes: Operation = params => {
  const arn = params.required('LoadBalancerArn');
  const wanted = readAttributes(params, table);
  return account => {
    const { attributes } = loadBalancerAt(account, arn);
    const merged = new Map([...attributes, ...wanted]);
    if (merged.get('access_logs.s3.enabled') === 'true' && merged.get('access_logs.s3.bucket') === '')
      throw new Refusal('InvalidConfigurationRequest', 'Access logs need a bucket');
    const secondary = 'secondary_ips.auto_assigned.per_subnet';
    if (Number(merged.get(secondary)) < Number(attributes.get(secondary)))
      throw new Refusal('InvalidConfigurationRequest', `Attribute '${secondary}' cannot be decreased`);
    for (const [key, value] of wanted) attributes.set(key, value);
    return attributesXml(attributes);
  };
};
