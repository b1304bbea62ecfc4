import { type GceServer, startGceServer } from '../gce-server.ts';
import type { GceOptions } from '../world/options.ts';
import { done, type RawClient, rawClient } from './raw-client.ts';

/** A server, and what a balancer is made of, ready to be referred to. */
export interface Stage {
  readonly server: GceServer;
  readonly raw: RawClient;
}

export const project = 'projects/demo-project';
export const region = `${project}/regions/europe-west1`;
export const zoneB = `${project}/zones/europe-west1-b`;
export const zoneC = `${project}/zones/europe-west1-c`;
export const url = (path: string): string => `https://www.googleapis.com/compute/v1/${path}`;

/**
 * Health check `hc`; instance group `ig` with `n1` in the first zone, `ig2` with `n1` too; backend services `bs` (EXTERNAL, TCP, over `ig`), `mixed`
 * (UNSPECIFIED), `inner` (INTERNAL), `managed` (EXTERNAL_MANAGED); proxy `proxy`; addresses `premium` and `standard`; rule `fr` with port 80 on
 * `premium`.
 */
export async function setStage(options: Partial<GceOptions> = {}): Promise<Stage> {
  const server = await startGceServer(options);
  const raw = rawClient(server);
  const insert = (collection: string, body: unknown) => done(raw, 'POST', collection, body);
  const service = (name: string, more: object) =>
    insert(`${region}/backendServices`, { name, healthChecks: [`${region}/healthChecks/hc`], ...more });
  await insert(`${region}/healthChecks`, { name: 'hc', type: 'HTTP', httpHealthCheck: { port: 10_256 } });
  for (const group of ['ig', 'ig2']) {
    await insert(`${zoneB}/instanceGroups`, { name: group });
    await insert(`${zoneB}/instanceGroups/${group}/addInstances`, {
      instances: [{ instance: `${zoneB}/instances/n1` }],
    });
  }
  await service('bs', { backends: [{ group: url(`${zoneB}/instanceGroups/ig`), balancingMode: 'CONNECTION' }] });
  await service('mixed', { protocol: 'UNSPECIFIED' });
  await service('inner', { loadBalancingScheme: 'INTERNAL' });
  await service('managed', { loadBalancingScheme: 'EXTERNAL_MANAGED' });
  await insert(`${region}/targetTcpProxies`, { name: 'proxy', service: `${region}/backendServices/managed` });
  await insert(`${region}/addresses`, { name: 'premium' });
  await insert(`${region}/addresses`, { name: 'standard', networkTier: 'STANDARD' });
  await insert(`${region}/forwardingRules`, {
    name: 'fr',
    IPAddress: `${region}/addresses/premium`,
    ports: ['80'],
    backendService: `${region}/backendServices/bs`,
  });
  return { server, raw };
}

export async function addressOf({ raw }: Stage, name: string): Promise<string> {
  return String((await raw('GET', `${region}/addresses/${name}`)).body['address']);
}
