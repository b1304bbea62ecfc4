import type { LoadBalancerIngress, Service } from '../kube/objects.ts';
import type { Ingress } from '../provider/provider.ts';
import { familyOf } from './cidr.ts';

/** What the Service publishes, in the API server's spelling. */
export function publishedIngress(service: Service): readonly LoadBalancerIngress[] {
  return service.status?.loadBalancer?.ingress ?? [];
}

/**
 * What to publish for a provider's answer. Pure; throws a message for people where the answer cannot be published.
 *
 * | entry                         | →                                                                       |
 * |-------------------------------|-------------------------------------------------------------------------|
 * | ip without ipMode             | ipMode VIP: the API server's default, or every sync would see a change  |
 * | hostname                      | no ipMode: the API server refuses one                                   |
 * | neither, both, or no IP       | throws                                                                  |
 */
export function ingressFrom(entries: readonly Ingress[]): readonly LoadBalancerIngress[] {
  return entries.map(entry => {
    const ports = entry.ports === undefined || entry.ports.length === 0 ? {} : { ports: entry.ports };
    if (entry.hostname !== undefined && entry.hostname !== '' && (entry.ip === undefined || entry.ip === '')) {
      return { hostname: entry.hostname, ...ports };
    }
    if (entry.hostname !== undefined && entry.hostname !== '') throw invalid(entry, 'both an ip and a hostname');
    if (entry.ip === undefined || familyOf(entry.ip) === undefined)
      throw invalid(entry, 'neither an IP address nor a hostname');
    return { ip: entry.ip, ipMode: entry.ipMode ?? 'VIP', ...ports };
  });
}

function invalid(entry: Ingress, what: string): Error {
  return new Error(
    `the provider answered with an ingress entry that has ${what}: ${JSON.stringify(entry).slice(0, 200)}`,
  );
}

/** Equal in what is published: order counts, an absent ipMode of an ip is VIP. Pure. */
export function sameIngress(a: readonly LoadBalancerIngress[], b: readonly LoadBalancerIngress[]): boolean {
  return a.length === b.length && a.every((entry, index) => spelling(entry) === spelling(b[index]));
}

function spelling(entry: LoadBalancerIngress | undefined): string {
  const ports = entry?.ports?.map(port => [port.port, port.protocol, port.error ?? '']) ?? [];
  return JSON.stringify([
    entry?.ip ?? '',
    entry?.hostname ?? '',
    entry?.ip === undefined ? '' : (entry.ipMode ?? 'VIP'),
    ports,
  ]);
}

/** `203.0.113.7, lb.example.com`: for messages. */
export function addressesOf(entries: readonly LoadBalancerIngress[]): string {
  return entries.map(entry => entry.ip ?? entry.hostname ?? '').join(', ');
}
