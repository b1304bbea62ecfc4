import { annotationKey } from '../../annotations/annotation-table.ts';
import type { Settings } from '../../annotations/settings.ts';
import type { AddressType, Scheme, SubnetMapping } from '../../model/desired.ts';
import type { ObservedSubnet } from '../../model/observed.ts';
import { isInside } from './inside.ts';

export interface AddressesInput {
  readonly settings: Pick<Settings, 'elasticAddresses' | 'privateIpv4' | 'ipv6'>;
  readonly scheme: Scheme;
  readonly addressType: AddressType;
  /** In the order in which elastic addresses belong to them. */
  readonly subnets: readonly ObservedSubnet[];
}

export interface AddressChoice {
  /** Sorted by subnet id. */
  readonly mappings: readonly SubnetMapping[];
  readonly faults: readonly string[];
}

/**
 * Which address the balancer has in which subnet. Pure.
 *
 * | asked for             | where             | →                                                            |
 * |-----------------------|-------------------|--------------------------------------------------------------|
 * | elastic addresses     | internet-facing   | the first in the first subnet, and so on; as many as subnets |
 * | private addresses     | internal          | each in the subnet that contains it; one in every subnet     |
 * | IPv6 addresses        | dualstack         | likewise                                                     |
 * | any of them           | otherwise         | fault                                                        |
 */
export function chooseAddresses({ settings, scheme, addressType, subnets }: AddressesInput): AddressChoice {
  const { elasticAddresses = [], privateIpv4 = [], ipv6 = [] } = settings;
  const faults: string[] = [];
  if (elasticAddresses.length > 0) {
    if (scheme === 'internal')
      faults.push(`${annotationKey('elasticAddresses')}: an internal balancer has no elastic addresses`);
    else faults.push(...countFault('elasticAddresses', elasticAddresses, subnets));
  }
  const four = matched('privateIpv4', privateIpv4, subnets, ({ cidr }) => [cidr]);
  const six = matched('ipv6', ipv6, subnets, ({ ipv6Cidrs }) => ipv6Cidrs);
  if (privateIpv4.length > 0)
    faults.push(
      ...(scheme === 'internal' ? four.faults : [`${annotationKey('privateIpv4')}: for internal balancers only`]),
    );
  if (ipv6.length > 0)
    faults.push(
      ...(addressType === 'dualstack' ? six.faults : [`${annotationKey('ipv6')}: for dualstack balancers only`]),
    );
  const mappings = subnets.map(
    ({ id, zone }, index): SubnetMapping => ({
      subnetId: id,
      zone,
      ...optional('allocationId', elasticAddresses[index]),
      ...optional('privateIpv4', four.bySubnet.get(id)),
      ...optional('ipv6', six.bySubnet.get(id)),
    }),
  );
  return { mappings: mappings.toSorted((one, other) => (one.subnetId < other.subnetId ? -1 : 1)), faults };
}

export type AddressAnnotation = 'elasticAddresses' | 'privateIpv4' | 'ipv6';

/**
 * Which annotations ask for another address than the balancer has in a zone where it stands already: addresses come with the zone. Pure. Nothing is
 * said where it is not known, and nothing of an address that it keeps though nobody asks for it any more.
 */
export function lateAddresses(
  mappings: readonly SubnetMapping[],
  present: readonly SubnetMapping[] = [],
): readonly AddressAnnotation[] {
  const fields = { elasticAddresses: 'allocationId', privateIpv4: 'privateIpv4', ipv6: 'ipv6' } as const;
  const names = Object.keys(fields) as readonly AddressAnnotation[];
  return names.filter(name =>
    mappings.some(wanted => {
      const has = present.find(one => one.subnetId === wanted.subnetId);
      const address = wanted[fields[name]];
      return has !== undefined && address !== undefined && has[fields[name]] !== address;
    }),
  );
}

function matched(
  name: AddressAnnotation,
  addresses: readonly string[],
  subnets: readonly ObservedSubnet[],
  cidrsOf: (subnet: ObservedSubnet) => readonly string[],
): { readonly bySubnet: ReadonlyMap<string, string>; readonly faults: readonly string[] } {
  const bySubnet = new Map<string, string>();
  const faults = [...countFault(name, addresses, subnets)];
  for (const address of addresses) {
    const home = subnets.find(subnet => isInside(address, cidrsOf(subnet)));
    const other = home === undefined ? undefined : bySubnet.get(home.id);
    if (home === undefined) faults.push(`${annotationKey(name)}: ${address} is in none of ${listed(subnets, cidrsOf)}`);
    else if (other !== undefined) faults.push(`${annotationKey(name)}: ${other} and ${address} are both in ${home.id}`);
    else bySubnet.set(home.id, address);
  }
  return { bySubnet, faults };
}

function countFault(
  name: AddressAnnotation,
  addresses: readonly string[],
  subnets: readonly ObservedSubnet[],
): readonly string[] {
  if (addresses.length === subnets.length) return [];
  const ids = subnets.map(({ id }) => id).join(', ');
  return [
    `${annotationKey(name)}: ${addresses.length} addresses for ${subnets.length} subnets (${ids}): give one for each, or name fewer subnets with ${annotationKey('subnets')}`,
  ];
}

function listed(subnets: readonly ObservedSubnet[], cidrsOf: (subnet: ObservedSubnet) => readonly string[]): string {
  return subnets.map(subnet => `${subnet.id} (${cidrsOf(subnet).join(', ')})`).join(', ');
}

function optional<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: string };
}
