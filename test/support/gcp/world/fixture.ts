import { nameOf, urlOf } from '../schema/paths.ts';
import type { Fields } from './store.ts';
import type { GceWorld } from './world.ts';

/** What stands in the world from its beginning. */
export interface Fixture {
  readonly project: string;
  readonly region: string;
  readonly zones: readonly [string, string];
  /** Paths. */
  readonly network: string;
  readonly subnetwork: string;
  /** Makes an instance, as somebody who adds a node to the cluster does. Its path. */
  addInstance(name: string, zone: string, changes?: Fields): string;
  /** Takes it away, out of its groups as well. */
  removeInstance(name: string, zone: string): void;
  /** `gce://project/zone/name`, as a Node names its instance. */
  providerId(name: string, zone: string): string;
}

/** Known before there is a world. */
export const fixtureNames = {
  project: 'demo-project',
  region: 'europe-west1',
  zones: ['europe-west1-b', 'europe-west1-c'],
} as const;

const { project, region, zones } = fixtureNames;

/**
 * One project with one region of two zones, another region; network `default` with one subnetwork for nodes and both families, and one for
 * proxies; instances `n1`, `n3` in the first zone, `n2`, `n4` in the second.
 */
export function seed(world: GceWorld): Fixture {
  const put = (path: string, fields: Fields): string => {
    world.store.add(
      path,
      {
        id: world.nextId(),
        name: nameOf(path),
        selfLink: urlOf(path),
        creationTimestamp: world.timestamp(),
        ...fields,
      },
      'ready',
    );
    return path;
  };
  const of = (path: string) => `projects/${project}/${path}`;
  world.projects.add(project);
  for (const zone of [...zones, 'us-east1-b'])
    put(of(`zones/${zone}`), { region: urlOf(of(`regions/${zone.slice(0, -2)}`)), status: 'UP' });
  put(of(`regions/${region}`), { zones: zones.map(zone => urlOf(of(`zones/${zone}`))), status: 'UP' });
  put(of('regions/us-east1'), { zones: [urlOf(of('zones/us-east1-b'))], status: 'UP' });
  const network = put(of('global/networks/default'), { autoCreateSubnetworks: false });
  put(of('global/networks/other'), { autoCreateSubnetworks: false });
  const subnetwork = put(of(`regions/${region}/subnetworks/nodes`), nodes(network));
  put(of(`regions/${region}/subnetworks/proxies`), {
    network: urlOf(network),
    ipCidrRange: '10.129.0.0/23',
    purpose: 'REGIONAL_MANAGED_PROXY',
    role: 'ACTIVE',
    stackType: 'IPV4_ONLY',
  });
  let made = 0;
  const fixture: Fixture = {
    project,
    region,
    zones,
    network,
    subnetwork,
    addInstance(name, zone, changes = {}) {
      made += 1;
      const networkInterfaces = [
        {
          name: 'nic0',
          network: urlOf(network),
          subnetwork: urlOf(subnetwork),
          networkIP: `10.0.${Math.floor(made / 200)}.${(made % 200) + 50}`,
        },
      ];
      return put(of(`zones/${zone}/instances/${name}`), {
        zone: urlOf(of(`zones/${zone}`)),
        status: 'RUNNING',
        tags: { items: ['k8s-node'] },
        networkInterfaces,
        ...changes,
      });
    },
    removeInstance: (name, zone) => world.store.remove(of(`zones/${zone}/instances/${name}`)),
    providerId: (name, zone) => `gce://${project}/${zone}/${name}`,
  };
  ['n1', 'n2', 'n3', 'n4'].forEach((name, index) => fixture.addInstance(name, zones[index % 2] ?? zones[0]));
  return fixture;
}

function nodes(network: string): Fields {
  return {
    network: urlOf(network),
    ipCidrRange: '10.0.0.0/20',
    purpose: 'PRIVATE',
    stackType: 'IPV4_IPV6',
    ipv6AccessType: 'EXTERNAL',
    externalIpv6Prefix: '2001:db8:1:2::/64',
    ipv6CidrRange: '2001:db8:1:2::/64',
  };
}
