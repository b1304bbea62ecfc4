import type { Api } from './api.ts';
import { ourEvents } from './services.ts';

/** Writes that the API server has carried out or refused, by resource, such as `services/status`. */
export type WriteCounts = ReadonlyMap<string, number>;

/** Leases do not count; cluster IPs are the API server's own business, and so are some Events. */
const leftOut = new Set(['leases', 'ipaddresses', 'servicecidrs', 'events']);
const writing = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);

/**
 * The API server's own count, apiserver_request_total: of all clients, so the bench writes nothing between two readings; and fairlead's
 * Events.
 */
export async function readWrites(api: Api): Promise<WriteCounts> {
  const counts = await countedWrites(api, leftOut);
  return counts.set('events', total(await ourEvents(api)));
}

/** The same with nothing left out. */
export function readAllWrites(api: Api): Promise<WriteCounts> {
  return countedWrites(api, new Set());
}

async function countedWrites(api: Api, without: ReadonlySet<string>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await api.text('/metrics')).split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue;
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    if (!writing.has(label('verb')) || without.has(label('resource'))) continue;
    const resource = [label('resource'), label('subresource')].filter(part => part !== '').join('/');
    counts.set(resource, (counts.get(resource) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return counts;
}

/** What has been added; resources without any are left out. Pure. */
export function writesSince(before: WriteCounts, after: WriteCounts): WriteCounts {
  return new Map(
    [...after]
      .map(([resource, count]) => [resource, count - (before.get(resource) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

export function total(counts: WriteCounts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

export function listed(counts: WriteCounts): string {
  return counts.size === 0 ? 'none' : [...counts].map(([resource, count]) => `${count} ${resource}`).join(', ');
}
