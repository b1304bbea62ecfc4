import type { GceServer } from './gce-server.ts';

/** What the operator writes for this world. */
export function configFor({ endpoint, fixture }: GceServer, config: object = {}): object {
  const { hostname: host, port } = new URL(endpoint);
  const { project, region } = fixture;
  return {
    project,
    region,
    subnetwork: 'nodes',
    endpoint: { host, port: Number(port) },
    credentials: 'none',
    ...config,
  };
}
