import type { SegmentInterface } from '../announcing/action.ts';
import {
  type InterfaceAddress,
  type NetworkInterface,
  unfitReason,
  unusableReason,
} from '../interfaces/network-interface.ts';

/**
 * The interfaces to take part on. Pure.
 *
 * | interface                                        | named by the operator | →   |
 * |--------------------------------------------------|-----------------------|-----|
 * | a physical one, VLAN, bond, bridge … with a subnet | either              | yes |
 * | the same, without any address                    | no                    | no: no address can be on it |
 * | of a network inside of the node                  | no                    | no  |
 * | any that is up and can broadcast                 | yes                   | yes |
 * | down, without carrier, part of another           | either                | no  |
 */
export function usableInterfaces(
  all: Iterable<NetworkInterface>,
  named: ReadonlySet<string>,
): readonly SegmentInterface[] {
  return [...all].flatMap(network => {
    const subnets = network.addresses
      .filter(isOfSubnet)
      .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
    const isNamed = named.has(network.name);
    const reason = isNamed ? unfitReason(network) : unusableReason(network);
    if (reason !== undefined || (subnets.length === 0 && !isNamed)) return [];
    const { name, index, mac, mtu, gateways } = network;
    return [{ name, index, mac, mtu, subnets, gateways }];
  });
}

/** Link-local addresses are on every interface, and a single host's prefix has room for nobody else. */
function isOfSubnet({ address, prefixLength, family }: InterfaceAddress): boolean {
  return family === 'IPv4' ? prefixLength < 32 : prefixLength < 128 && !/^fe[89ab]/.test(address);
}
