import { nameOf, parseReference, projectOf, urlOf } from '../schema/paths.ts';
import { invalid } from '../world/api-error.ts';
import type { Fields, StoredObject } from '../world/store.ts';
import type { GceWorld } from '../world/world.ts';
import { textOf } from './fields.ts';

/** The subnetwork that an internal address, or one of IPv6, lies in: the one that is named, or the only one of the network in the region. */
export function subnetworkFor(world: GceWorld, fields: Fields, path: string): StoredObject {
  const project = projectOf(path);
  const region = path.split('/')[3] ?? '';
  const named = textOf(fields, 'subnetwork');
  if (named !== undefined) {
    const found = world.store.usable(parseReference(named, 'resource.subnetwork', ['subnetworks'], project));
    if (found.path.split('/')[3] === region) return checkNetwork(found, fields, project);
    throw invalid(`Invalid value for field 'resource.subnetwork': '${named}'. It is in another region than ${region}.`);
  }
  const network = networkFor(world, fields, path);
  const all = world.store
    .all('subnetworks')
    .filter(one => one.path.split('/')[3] === region && one.fields['network'] === urlOf(network) && !isProxyOnly(one));
  const [only] = all;
  if (only === undefined || all.length > 1)
    throw invalid(
      `Invalid value for field 'resource.subnetwork': ''. Network ${nameOf(network)} has ${all.length} subnetworks in ${region}: name one.`,
    );
  return only;
}

function checkNetwork(subnetwork: StoredObject, fields: Fields, project: string): StoredObject {
  const network = textOf(fields, 'network');
  if (isProxyOnly(subnetwork))
    throw invalid(`Invalid value for field 'resource.subnetwork': '${subnetwork.path}'. It is reserved for proxies.`);
  if (
    network === undefined ||
    urlOf(parseReference(network, 'resource.network', ['networks'], project)) === subnetwork.fields['network']
  )
    return subnetwork;
  throw invalid(
    `Invalid value for field 'resource.subnetwork': '${subnetwork.path}'. It is in another network than '${network}'.`,
  );
}

/** The network that is named, or `default`. */
export function networkFor(world: GceWorld, fields: Fields, path: string): string {
  const project = projectOf(path);
  const named = textOf(fields, 'network') ?? `${project}/global/networks/default`;
  return world.store.usable(parseReference(named, 'resource.network', ['networks'], project)).path;
}

export const isProxyOnly = ({ fields }: StoredObject): boolean => fields['purpose'] === 'REGIONAL_MANAGED_PROXY';

/** Proxies of a region stand in a subnetwork of their own. */
export function checkProxySubnetwork(world: GceWorld, network: string, path: string): void {
  const region = path.split('/')[3];
  const found = world.store
    .all('subnetworks')
    .some(
      one =>
        isProxyOnly(one) &&
        one.fields['role'] === 'ACTIVE' &&
        one.path.split('/')[3] === region &&
        one.fields['network'] === urlOf(network),
    );
  if (!found)
    throw invalid(
      `Invalid value for field 'resource.network': '${network}'. An active proxy-only subnetwork is required in the same region and VPC as the forwarding rule.`,
    );
}
