import type { LoadBalancer } from '../../../src/provider/provider.ts';
import type { HealthCheckSettings } from '../annotations/settings.ts';
import type { Firewall, HealthCheck } from '../client/resources.ts';

/** kube-proxy's own, which every Service of policy Cluster is asked at. */
const proxyHealth = { path: '/healthz', port: 10_256 } as const;

/** Health check, without name and description: what kube-proxy is asked. */
export type Check = Omit<HealthCheck, 'name' | 'description' | 'logConfig'>;

/** As GKE has it: https://github.com/kubernetes/ingress-gce `pkg/healthchecksl4`. */
const timings = {
  shared: { checkIntervalSec: 8, timeoutSec: 1, healthyThreshold: 1, unhealthyThreshold: 3 },
  local: { checkIntervalSec: 3, timeoutSec: 1, healthyThreshold: 1, unhealthyThreshold: 2 },
} as const;

/** The one that all Services of policy Cluster share. */
export const sharedCheck: Check = {
  type: 'HTTP',
  ...timings.shared,
  httpHealthCheck: { port: proxyHealth.port, requestPath: proxyHealth.path },
};

/**
 * The Service's own health check; `undefined`: the shared one does. Pure.
 *
 * | policy  | asks at          | annotations | →         |
 * |---------|------------------|-------------|-----------|
 * | Cluster | 10256 `/healthz` | none        | shared    |
 * | Cluster | anything else    | none        | its own   |
 * | Local   | any              | any         | its own   |
 * | any     | any              | some        | its own   |
 */
export function ownCheck(
  { externalTrafficPolicy, healthCheck }: Pick<LoadBalancer, 'externalTrafficPolicy' | 'healthCheck'>,
  asked: HealthCheckSettings,
): Check | undefined {
  const isLocal = externalTrafficPolicy === 'Local';
  const isProxy = healthCheck.port === proxyHealth.port && healthCheck.path === proxyHealth.path;
  if (!isLocal && isProxy && Object.keys(asked).length === 0) return undefined;
  const base = isLocal ? timings.local : timings.shared;
  const port = asked.port ?? healthCheck.port;
  const at = { port, requestPath: asked.path ?? healthCheck.path };
  const type = asked.protocol ?? 'HTTP';
  return {
    type,
    checkIntervalSec: asked.intervalSeconds ?? Math.max(base.checkIntervalSec, asked.timeoutSeconds ?? 1),
    timeoutSec: asked.timeoutSeconds ?? base.timeoutSec,
    healthyThreshold: asked.healthyThreshold ?? base.healthyThreshold,
    unhealthyThreshold: asked.unhealthyThreshold ?? base.unhealthyThreshold,
    ...(type === 'HTTP' ? { httpHealthCheck: at } : {}),
    ...(type === 'HTTPS' ? { httpsHealthCheck: at } : {}),
    ...(type === 'TCP' ? { tcpHealthCheck: { port } } : {}),
  };
}

/** The port at which a check asks. */
export function portOf({ httpHealthCheck, httpsHealthCheck, tcpHealthCheck }: Check): number {
  return (httpHealthCheck ?? httpsHealthCheck ?? tcpHealthCheck)?.port ?? proxyHealth.port;
}

/**
 * What the check should become, keeping what somebody has raised by hand; `undefined`: it may stay as it is. Pure.
 *
 * | field                        | found            | →            |
 * |------------------------------|------------------|--------------|
 * | interval, timeout, threshold | more than wanted | as found     |
 * |                              | less, or absent  | as wanted    |
 * | asked for by annotation      | anything else    | as wanted    |
 * | type, port, path             | anything else    | as wanted    |
 */
export function repairedCheck(wanted: Check, found: Check, asked: HealthCheckSettings): Check | undefined {
  const repaired: Check = {
    ...wanted,
    checkIntervalSec: raised(wanted.checkIntervalSec, found.checkIntervalSec, asked.intervalSeconds),
    timeoutSec: raised(wanted.timeoutSec, found.timeoutSec, asked.timeoutSeconds),
    healthyThreshold: raised(wanted.healthyThreshold, found.healthyThreshold, asked.healthyThreshold),
    unhealthyThreshold: raised(wanted.unhealthyThreshold, found.unhealthyThreshold, asked.unhealthyThreshold),
  };
  return isSame(repaired, found) ? undefined : repaired;
}

function raised(wanted = 0, found = 0, asked: number | undefined): number {
  return asked ?? Math.max(wanted, found);
}

function isSame(one: Check, other: Check): boolean {
  return (
    one.type === other.type &&
    one.checkIntervalSec === other.checkIntervalSec &&
    one.timeoutSec === other.timeoutSec &&
    one.healthyThreshold === other.healthyThreshold &&
    one.unhealthyThreshold === other.unhealthyThreshold &&
    portOf(one) === portOf(other) &&
    pathOf(one) === pathOf(other)
  );
}

function pathOf({ httpHealthCheck, httpsHealthCheck }: Check): string | undefined {
  return (httpHealthCheck ?? httpsHealthCheck)?.requestPath;
}

/**
 * From where Google asks, of passthrough balancers of both schemes:
 * https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
 */
export const probeRanges = {
  IPv4: ['130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22', '35.191.0.0/16'],
  IPv6: ['2600:1901:8001::/48', '2600:2d00:1:b029::/64'],
} as const;

export type ProbeFirewall = Pick<Firewall, 'sourceRanges' | 'allowed'>;

/** Lets the probes in; without a destination: it is not said whether they come to the node's address or the balancer's. */
export function probeFirewall(family: keyof typeof probeRanges, port: number): ProbeFirewall {
  return { sourceRanges: probeRanges[family], allowed: [{ IPProtocol: 'tcp', ports: [String(port)] }] };
}
