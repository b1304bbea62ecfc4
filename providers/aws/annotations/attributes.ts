import { printable } from '../../../src/provider/adapter/printable.ts';
import { oneOf, type Syntax } from '../../../src/provider/adapter/value-syntax.ts';
import { type Entries, flag, mapOf, wholeNumber } from './value-syntax.ts';

/**
 * Attributes whose values are known: a wrong one is told before anything is changed. Others go to AWS as they are, which knows those
 * that came after this was written.
 */
type Known = Readonly<Record<string, Syntax<unknown>>>;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const balancerAttributes: Known = {
  'deletion_protection.enabled': flag,
  'load_balancing.cross_zone.enabled': flag,
  'dns_record.client_routing_policy': oneOf([
    'any_availability_zone',
    'partial_availability_zone_affinity',
    'availability_zone_affinity',
  ]),
  'ipv6.deny_all_igw_traffic': flag,
  'zonal_shift.config.enabled': flag,
  'secondary_ips.auto_assigned.per_subnet': wholeNumber(0, 7),
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const targetGroupAttributes: Known = {
  'deregistration_delay.timeout_seconds': wholeNumber(0, 3_600),
  'deregistration_delay.connection_termination.enabled': flag,
  'preserve_client_ip.enabled': flag,
  'proxy_protocol_v2.enabled': flag,
  'stickiness.enabled': flag,
  'stickiness.type': oneOf(['source_ip']),
  'load_balancing.cross_zone.enabled': oneOf(['true', 'false', 'use_load_balancer_configuration']),
  'target_health_state.unhealthy.connection_termination.enabled': flag,
  'target_health_state.unhealthy.draining_interval_seconds': wholeNumber(0, 360_000),
};

/** Where logs go is the operator's to release, and each annotation can be released only as a whole. */
const logKey = /^access_logs\./;

export const balancerAttributeMap = attributeMap(balancerAttributes, key =>
  logKey.test(key)
    ? `${printable(key)} cannot be set here: use the annotations access-log-enabled, access-log-s3-bucket-name and access-log-s3-bucket-prefix, which the operator can release`
    : undefined,
);

export const targetGroupAttributeMap = attributeMap(targetGroupAttributes, () => undefined);

function attributeMap(known: Known, refused: (key: string) => string | undefined): Syntax<Entries> {
  const inner = mapOf('map of attributes', 50, (key, value) => refused(key) ?? attributeFault(known, key, value));
  return {
    shape: inner.shape,
    parse: text => {
      const parsed = inner.parse(text);
      return 'fault' in parsed ? parsed : { value: withGoFlags(known, parsed.value) };
    },
  };
}

function attributeFault(known: Known, key: string, value: string): string | undefined {
  if (!/^[a-z0-9_.]{1,256}$/.test(key)) return `${printable(key)} is no key of an attribute`;
  if (!/^[\x20-\x7e]{0,1024}$/.test(value)) return `${printable(value)} is no value of the attribute ${key}`;
  const parsed = Object.hasOwn(known, key) ? known[key]?.parse(value) : undefined;
  return parsed !== undefined && 'fault' in parsed ? `${key}: ${parsed.fault}` : undefined;
}

/** `True` and `1` become what AWS reads. */
function withGoFlags(known: Known, entries: Entries): Entries {
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => {
      const parsed = Object.hasOwn(known, key) ? known[key]?.parse(value) : undefined;
      return [key, parsed !== undefined && 'value' in parsed ? String(parsed.value) : value];
    }),
  );
}
