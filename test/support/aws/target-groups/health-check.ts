import type { Params } from '../wire/params.ts';
import { Refusal } from '../wire/refusal.ts';
import type { HealthCheck } from '../world/elb-model.ts';

/** The fields of a health check that a request names. */
export function readHealthCheck(params: Params): Partial<HealthCheck> {
  if (params.flag('HealthCheckEnabled') === false)
    throw new Refusal('InvalidConfigurationRequest', 'Health check must be enabled for instance and ip target groups');
  const fields: Partial<HealthCheck> = {
    protocol: params.oneOf('HealthCheckProtocol', ['TCP', 'HTTP', 'HTTPS']),
    port: readPort(params),
    path: params.optional('HealthCheckPath'),
    matcher: params.struct('Matcher', matcher => matcher.required('HttpCode')),
    interval: params.within('HealthCheckIntervalSeconds', 5, 300),
    timeout: params.within('HealthCheckTimeoutSeconds', 2, 120),
    healthyThreshold: params.within('HealthyThresholdCount', 2, 10),
    unhealthyThreshold: params.within('UnhealthyThresholdCount', 2, 10),
  } satisfies Record<keyof HealthCheck, unknown> as Partial<HealthCheck>;
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What is wanted over what there is; what belongs to HTTP goes with HTTP, and is refused without. */
export function mergeHealthCheck(present: HealthCheck | undefined, wanted: Partial<HealthCheck>): HealthCheck {
  const protocol = wanted.protocol ?? present?.protocol ?? 'TCP';
  const isHttp = protocol !== 'TCP';
  if (!isHttp && (wanted.path !== undefined || wanted.matcher !== undefined))
    throw new Refusal('InvalidConfigurationRequest', 'You cannot specify a health check path or matcher with TCP');
  const merged: HealthCheck = {
    protocol,
    port: wanted.port ?? present?.port ?? 'traffic-port',
    path: isHttp ? (wanted.path ?? present?.path ?? '/') : undefined,
    matcher: isHttp ? (wanted.matcher ?? present?.matcher ?? '200-399') : undefined,
    interval: wanted.interval ?? present?.interval ?? 30,
    timeout: wanted.timeout ?? present?.timeout ?? (protocol === 'HTTP' ? 6 : 10),
    healthyThreshold: wanted.healthyThreshold ?? present?.healthyThreshold ?? 5,
    unhealthyThreshold: wanted.unhealthyThreshold ?? present?.unhealthyThreshold ?? 2,
  };
  check(merged);
  return merged;
}

function check({ path, matcher, timeout, interval }: HealthCheck): void {
  if (timeout > interval)
    throw new Refusal('ValidationError', 'Health check timeout must be smaller than or equal to the interval');
  if (path !== undefined && !/^\/[\x21-\x7e]{0,1023}$/.test(path))
    throw new Refusal(
      'ValidationError',
      `Health check path '${path}' must begin with '/' and be at most 1024 characters`,
    );
  if (matcher !== undefined && !matcher.split(',').every(isCodeRange))
    throw new Refusal('ValidationError', `Health check matcher HTTP code '${matcher}' must be within '200-599'`);
}

function isCodeRange(text: string): boolean {
  return /^[2-5]\d\d(-[2-5]\d\d)?$/.test(text);
}

function readPort(params: Params): string | undefined {
  const port = params.optional('HealthCheckPort');
  if (port === undefined || port === 'traffic-port') return port;
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw params.malformed('HealthCheckPort', port, "it must be 'traffic-port' or between 1 and 65535");
  return port;
}
