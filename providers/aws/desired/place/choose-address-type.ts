import type { LoadBalancer } from '../../../../src/provider/provider.ts';
import { annotationKey } from '../../annotations/annotation-table.ts';
import type { AddressType } from '../../model/desired.ts';

export interface AddressTypeInput {
  readonly asked?: AddressType;
  readonly families: LoadBalancer['ipFamilies'];
  readonly policy?: LoadBalancer['ipFamilyPolicy'];
  readonly hasUdp: boolean;
  readonly present?: AddressType;
}

export interface AddressTypeChoice {
  readonly addressType: AddressType;
  /** Rather both families, but IPv4 alone where the network has no more. */
  readonly mayBeIpv4?: true;
  readonly faults: readonly string[];
}

/**
 * Which families clients may use. Pure. A balancer of IPv6 alone does not exist, and UDP over dualstack needs source prefixes, which are not made.
 *
 * | annotation  | families | policy           | UDP | →                                         |
 * |-------------|----------|------------------|-----|-------------------------------------------|
 * | none        | IPv4     | any              | any | ipv4                                      |
 * | none        | IPv6     | any              | no  | dualstack                                 |
 * | none        | both     | RequireDualStack | no  | dualstack                                 |
 * | none        | both     | other            | no  | dualstack, or ipv4 unless it is dualstack already |
 * | none        | both     | other            | yes | ipv4                                      |
 * | `ipv4`      | IPv4, or both and not required | | any | ipv4                              |
 * | `ipv4`      | IPv6, or both and required | | any | fault                                  |
 * | `dualstack` | any      | any              | no  | dualstack                                 |
 * | dualstack is needed | | | yes | fault                                                               |
 */
export function chooseAddressType({ asked, families, policy, hasUdp, present }: AddressTypeInput): AddressTypeChoice {
  const hasBoth = families.includes('IPv4') && families.includes('IPv6');
  const needsIpv6 = !families.includes('IPv4') || (hasBoth && policy === 'RequireDualStack');
  if (asked === 'ipv4' && needsIpv6)
    return {
      addressType: 'ipv4',
      faults: [`${annotationKey('addressType')}: the Service asks for IPv6, which needs dualstack`],
    };
  if (asked === 'dualstack' || (asked === undefined && needsIpv6))
    return { addressType: 'dualstack', faults: udpFaults(hasUdp) };
  if (asked === undefined && hasBoth && !hasUdp)
    return { addressType: 'dualstack', ...(present !== 'dualstack' && { mayBeIpv4: true }), faults: [] };
  return { addressType: 'ipv4', faults: [] };
}

function udpFaults(hasUdp: boolean): readonly string[] {
  return hasUdp ? ['UDP ports cannot be served by a dualstack balancer: make a Service of IPv4 for them'] : [];
}
