import type { LoadBalancer, Warning } from '../../../../src/provider/provider.ts';
import { annotationKey } from '../../annotations/annotation-table.ts';
import type { Settings } from '../../annotations/settings.ts';
import type { AwsConfig } from '../../config.ts';
import type { AddressType, Scheme, SubnetMapping } from '../../model/desired.ts';
import type { Network, Present } from '../network.ts';
import { chooseAddressType } from './choose-address-type.ts';
import { type AddressAnnotation, chooseAddresses, lateAddresses } from './choose-addresses.ts';
import { chooseSubnets, type SubnetChoice } from './choose-subnets.ts';
import { chooseVpc } from './choose-vpc.ts';

export interface PlaceInput {
  readonly loadBalancer: Pick<LoadBalancer, 'ipFamilies' | 'ipFamilyPolicy'>;
  readonly settings: Settings;
  readonly config: AwsConfig;
  readonly network: Network;
  readonly present?: Present;
  readonly hasUdp: boolean;
}

export interface Place {
  readonly scheme: Scheme;
  readonly addressType: AddressType;
  readonly vpcId: string;
  readonly mappings: readonly SubnetMapping[];
  readonly warnings: readonly Warning[];
  readonly faults: readonly string[];
}

/** Where in the network a balancer stands, and from where it is reached. Pure. Scheme and VPC of one that exists stay as they are. */
export function choosePlace(input: PlaceInput): Place {
  const { loadBalancer, settings, config, network, present } = input;
  const scheme = present?.scheme ?? settings.scheme ?? config.defaultScheme;
  const families = chooseAddressType({
    families: loadBalancer.ipFamilies,
    hasUdp: input.hasUdp,
    ...optional('asked', settings.addressType),
    ...optional('policy', loadBalancer.ipFamilyPolicy),
    ...optional('present', present?.addressType),
  });
  const vpc = chooseVpc({
    wanted: settings.subnets ?? config.subnets ?? [],
    subnets: network.subnets,
    ...optional('present', present?.vpcId),
    ...optional('configured', config.vpcId),
  });
  const fixed = fixedWarnings(settings, present);
  if ('fault' in vpc)
    return {
      scheme,
      addressType: families.addressType,
      vpcId: '',
      mappings: [],
      warnings: fixed,
      faults: [...families.faults, vpc.fault],
    };
  const choose = (addressType: AddressType) =>
    chooseSubnets({
      scheme,
      addressType,
      vpcId: vpc.vpcId,
      present: present?.subnetIds ?? [],
      noMoreZones: hasGivenAddresses(settings),
      subnets: network.subnets,
      ...optional('wanted', settings.subnets),
      ...optional('allowed', config.subnets),
      ...optional('clusterName', config.clusterName),
    });
  const { addressType, subnets, warnings } = withFallback(families, choose);
  const addresses = chooseAddresses({ settings, scheme, addressType, subnets: subnets.chosen });
  return {
    scheme,
    addressType,
    vpcId: vpc.vpcId,
    mappings: addresses.mappings,
    warnings: [...fixed, ...warnings, ...lateAddresses(addresses.mappings, present?.addresses).map(fixedAddress)],
    // Without subnets, that as many addresses are needed tells nobody anything.
    faults: [...families.faults, ...subnets.faults, ...(subnets.faults.length > 0 ? [] : addresses.faults)],
  };
}

/** Both families only where that costs no zone. */
function withFallback(
  families: ReturnType<typeof chooseAddressType>,
  choose: (addressType: AddressType) => SubnetChoice,
): { readonly addressType: AddressType; readonly subnets: SubnetChoice; readonly warnings: readonly Warning[] } {
  const subnets = choose(families.addressType);
  if (families.mayBeIpv4 !== true) return { addressType: families.addressType, subnets, warnings: [] };
  const four = choose('ipv4');
  const costsNothing = subnets.faults.length === 0 && subnets.chosen.length >= four.chosen.length;
  if (costsNothing) return { addressType: 'dualstack', subnets, warnings: [] };
  const message = 'only IPv4 is served: not every zone has a subnet with an IPv6 block';
  return { addressType: 'ipv4', subnets: four, warnings: [{ reason: 'IPv6NotServed', message }] };
}

function hasGivenAddresses({ elasticAddresses, privateIpv4, ipv6 }: Settings): boolean {
  return [elasticAddresses, privateIpv4, ipv6].some(list => list !== undefined);
}

function fixedAddress(name: AddressAnnotation): Warning {
  return {
    reason: 'FixedAtCreation',
    message: `${annotationKey(name)}: fixed when a zone is added, and the balancer has other addresses: delete the Service and create it again`,
  };
}

/** What was asked for at creation and now is asked for otherwise. */
function fixedWarnings(settings: Settings, present: Present | undefined): readonly Warning[] {
  if (present === undefined) return [];
  return (['name', 'scheme'] as const)
    .filter(name => settings[name] !== undefined && settings[name] !== present[name])
    .map(name => ({
      reason: 'FixedAtCreation',
      message: `${annotationKey(name)}: fixed when the balancer is made, and it is ${present[name]}: delete the Service and create it again`,
    }));
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}
