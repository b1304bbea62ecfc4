import type { ModifyTargetGroupCommandInput, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HealthCheck } from '../model/desired.ts';

type HealthCheckInput = Omit<ModifyTargetGroupCommandInput, 'TargetGroupArn'>;

/** As both CreateTargetGroup and ModifyTargetGroup take it. Path and codes exist with HTTP and HTTPS only: AWS refuses them with TCP. */
export function toHealthCheckInput(check: HealthCheck): HealthCheckInput {
  const http = check.protocol !== 'TCP';
  return {
    HealthCheckEnabled: true,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckPath: http ? check.path : undefined,
    Matcher: http && check.successCodes !== undefined ? { HttpCode: check.successCodes } : undefined,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
  };
}

/** Path and codes are left out with TCP, where moto keeps showing those of an earlier HTTP; codes that moto does not keep stay unread. */
export function toHealthCheck(group: TargetGroup): HealthCheck {
  const protocol =
    group.HealthCheckProtocol === 'HTTP' || group.HealthCheckProtocol === 'HTTPS' ? group.HealthCheckProtocol : 'TCP';
  const path = group.HealthCheckPath;
  const codes = group.Matcher?.HttpCode;
  return {
    protocol,
    port: group.HealthCheckPort ?? 'traffic-port',
    ...(protocol !== 'TCP' && path !== undefined && { path }),
    ...(protocol !== 'TCP' && codes !== undefined && { successCodes: codes }),
    intervalSeconds: group.HealthCheckIntervalSeconds ?? 0,
    timeoutSeconds: group.HealthCheckTimeoutSeconds ?? 0,
    healthyThreshold: group.HealthyThresholdCount ?? 0,
    unhealthyThreshold: group.UnhealthyThresholdCount ?? 0,
  };
}

/**
 * Whether what AWS has is what is wanted. Pure. A path or codes are compared only where both sides say them: with TCP nobody does, moto
 * keeps no codes, and codes that are not asked for are AWS's own.
 */
export function sameHealthCheck(wanted: HealthCheck, observed: HealthCheck): boolean {
  return (
    wanted.protocol === observed.protocol &&
    wanted.port === observed.port &&
    wanted.intervalSeconds === observed.intervalSeconds &&
    wanted.timeoutSeconds === observed.timeoutSeconds &&
    wanted.healthyThreshold === observed.healthyThreshold &&
    wanted.unhealthyThreshold === observed.unhealthyThreshold &&
    agree(wanted.path, observed.path) &&
    agree(wanted.successCodes, observed.successCodes)
  );
}

function agree(wanted: string | undefined, observed: string | undefined): boolean {
  return wanted === undefined || observed === undefined || wanted === observed;
}
