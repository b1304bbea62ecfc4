import { printable } from '../../../../src/provider/adapter/printable.ts';
import type { LoadBalancer, Warning } from '../../../../src/provider/provider.ts';
import { annotationKey } from '../../annotations/annotation-table.ts';
import type { HealthCheckSettings, TargetKind } from '../../annotations/settings.ts';
import type { AwsProtocol, HealthCheck } from '../../model/desired.ts';

export interface HealthCheckInput {
  readonly kind: TargetKind;
  readonly policy: LoadBalancer['externalTrafficPolicy'];
  readonly protocol: AwsProtocol;
  /** Where kube-proxy tells whether a node can serve the Service. */
  readonly proxy: LoadBalancer['healthCheck'];
  readonly settings: HealthCheckSettings;
  /** The port of the targets behind a port's name; 0 while there is none, `undefined` where no port has that name. */
  readonly targetPortOf: (name: string) => number | undefined;
}

export interface HealthCheckChoice {
  readonly healthCheck: HealthCheck;
  readonly warnings: readonly Warning[];
  readonly faults: readonly string[];
}

/**
 * How targets are asked. Pure. Before annotations:
 *
 * | targets | policy  | protocol | →                                                                     |
 * |---------|---------|----------|-----------------------------------------------------------------------|
 * | nodes   | Local   | any      | HTTP, the Service's health port, `/healthz`, 10 s, 6 s, 2, 2, 200-399 |
 * | nodes   | Cluster | UDP      | HTTP, kube-proxy's port, `/healthz`, likewise: nobody answers TCP at a UDP port |
 * | nodes   | Cluster | others   | TCP, traffic-port, 10 s, 10 s, 3, 3                                   |
 * | pods    | any     | any      | TCP, traffic-port, 10 s, 10 s, 3, 3                                   |
 *
 * Each annotation replaces its field. For UDP, an annotation for the protocol or the port starts from the TCP row. Whoever shortens the interval only
 * shortens the timeout with it.
 */
export function chooseHealthCheck(input: HealthCheckInput): HealthCheckChoice {
  const base = baseOf(input);
  const { settings } = input;
  const protocol = settings.protocol ?? base.protocol;
  const port = portOf(input, base.port);
  const intervalSeconds = settings.intervalSeconds ?? base.intervalSeconds;
  const timeoutSeconds = settings.timeoutSeconds ?? Math.min(base.timeoutSeconds, intervalSeconds);
  const healthCheck: HealthCheck = {
    protocol,
    port: port ?? base.port,
    ...(protocol !== 'TCP' && {
      path: settings.path ?? base.path ?? '/',
      successCodes: settings.successCodes ?? '200-399',
    }),
    intervalSeconds,
    timeoutSeconds,
    healthyThreshold: settings.healthyThreshold ?? base.healthyThreshold,
    unhealthyThreshold: settings.unhealthyThreshold ?? base.unhealthyThreshold,
  };
  return { healthCheck, warnings: warningsOf(input, healthCheck), faults: faultsOf(input, healthCheck, port) };
}

const byTcp: HealthCheck = {
  protocol: 'TCP',
  port: 'traffic-port',
  intervalSeconds: 10,
  timeoutSeconds: 10,
  healthyThreshold: 3,
  unhealthyThreshold: 3,
};

function baseOf({ kind, policy, protocol, proxy, settings }: HealthCheckInput): HealthCheck {
  const isUdpOfNodes = protocol === 'UDP' && settings.protocol === undefined && settings.port === undefined;
  if (kind === 'ip' || (policy === 'Cluster' && !isUdpOfNodes)) return byTcp;
  return {
    protocol: 'HTTP',
    port: String(proxy.port),
    path: proxy.path,
    intervalSeconds: 10,
    timeoutSeconds: 6,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
  };
}

/** `undefined`: a name that no port has. */
function portOf({ settings, targetPortOf }: HealthCheckInput, otherwise: string): string | undefined {
  const { port = otherwise } = settings;
  if (port === 'traffic-port') return port;
  const isNumber = /^\d+$/.test(port);
  const number = isNumber ? Number(port) : targetPortOf(port);
  if (number === 0 && !isNumber) return 'traffic-port';
  return number !== undefined && number >= 1 && number <= 65_535 ? String(number) : undefined;
}

function faultsOf(
  { settings }: HealthCheckInput,
  { intervalSeconds, timeoutSeconds }: HealthCheck,
  port: string | undefined,
): readonly string[] {
  const faults: string[] = [];
  if (port === undefined)
    faults.push(
      `${annotationKey('healthPort')}: ${printable(settings.port ?? '')} is neither traffic-port, nor a number up to 65535, nor the name of a port of the Service`,
    );
  if (timeoutSeconds > intervalSeconds)
    faults.push(
      `${annotationKey('healthTimeout')}: ${timeoutSeconds} seconds are longer than the interval of ${intervalSeconds}`,
    );
  return faults;
}

function warningsOf({ kind, protocol, settings }: HealthCheckInput, check: HealthCheck): readonly Warning[] {
  const warnings: Warning[] = [];
  const idle = [
    ...(settings.path === undefined ? [] : [annotationKey('healthPath')]),
    ...(settings.successCodes === undefined ? [] : [annotationKey('successCodes')]),
  ];
  if (check.protocol === 'TCP' && idle.length > 0)
    warnings.push({
      reason: 'AnnotationWithoutEffect',
      message: `${idle.join(', ')}: no effect on a health check by TCP: set ${annotationKey('healthProtocol')}`,
    });
  if (kind === 'ip' && protocol === 'UDP' && check.port === 'traffic-port')
    warnings.push({
      reason: 'HealthCheckByTcp',
      message: `pods of a UDP port are asked for their health by ${check.protocol} at that port: set ${annotationKey('healthPort')} to one that answers`,
    });
  return warnings;
}
