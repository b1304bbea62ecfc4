import type { Ensured, IpFamily, LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { gceFaultOf } from '../client/classify-error.ts';
import type { Desired } from '../desired/desired-balancer.ts';
import type { PartsRecord } from '../inventory/parts-record.ts';
import type { SyncedGroups, Wanting } from '../shared/instance-groups.ts';

export function answer(
  settled: { readonly ingress: Ensured['ingress']; readonly warnings: readonly Warning[] },
  groups: SyncedGroups,
): Ensured {
  const { registered, rejected } = groups;
  const warnings =
    registered > 0
      ? settled.warnings
      : [
          ...settled.warnings,
          { reason: 'NoNodes', message: 'no node takes traffic: the load balancer is there and has nobody behind it' },
        ];
  return {
    state: 'ready',
    ingress: settled.ingress,
    ...(warnings.length > 0 ? { warnings } : {}),
    backends: { registered, ...(rejected.length > 0 ? { rejected } : {}) },
  };
}

/** Whether its backend services are over all groups in which its nodes are. */
export function hasGroups({ known }: PartsRecord, groups: readonly string[], { balancer }: Desired): boolean {
  const { names, proxied } = balancer;
  const services = proxied?.map(({ port }) => names.proxy(port)) ?? [names.backendService];
  return services.every(name => {
    const found = known.backendServices.find(one => one.name === name);
    return groups.every(group => found?.backends?.some(one => one.group === group) === true);
  });
}

/** Of a balancer whose address is published. Annotations that make no sense by now ask for nothing. */
export function wantingOf({ id, backends, listeners, ingress }: LoadBalancer): Wanting {
  const isProxied = ingress.some(({ ipMode }) => ipMode === 'Proxy');
  return { id, backends, nodePorts: isProxied ? listeners.map(({ nodePort }) => nodePort) : [] };
}

export function publishedOf({ ingress }: LoadBalancer): ReadonlyMap<IpFamily, string> {
  return new Map(
    ingress.flatMap(({ ip }) => (ip === undefined ? [] : [[ip.includes(':') ? 'IPv6' : 'IPv4', ip] as const])),
  );
}

/** Everything is there but the nodes of some zone: the address is published, and that zone tried again. */
export function lateAnswer(
  ingress: Ensured['ingress'],
  warnings: readonly Warning[],
  { late, registered, rejected }: SyncedGroups,
): Ensured {
  return {
    state: 'pending',
    reason: `nodes are not up to date in ${late.map(({ zone, error }) => `${zone} (${messageOf(error)})`).join(', ')}`,
    retryAfterMs: 10_000,
    ingress,
    ...(warnings.length > 0 ? { warnings } : {}),
    backends: { registered, ...(rejected.length > 0 ? { rejected } : {}) },
  };
}

export function stillPending(error: unknown, { ingress }: LoadBalancer): Ensured {
  return { state: 'pending', reason: messageOf(error), retryAfterMs: 2_000, ingress };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** It ends by itself, often within seconds: tried again with back-off, and not slowly as a refusal. */
export function soon(error: unknown): Error {
  return new Error(`still in use: ${gceFaultOf(error)?.message ?? String(error)}`, { cause: error });
}
