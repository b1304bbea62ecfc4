import { BlockList, isIPv6 } from 'node:net';
import type { AnnouncedAddress } from '../../../src/provider/announcer.ts';
import type { SegmentInterface } from './action.ts';

interface Subnet {
  readonly length: number;
  readonly list: BlockList;
}

/** Subnets of one interface, ready to be asked. */
export interface Place {
  readonly interface: SegmentInterface;
  readonly subnets: readonly Subnet[];
}

export function placeOf(of: SegmentInterface): Place {
  return { interface: of, subnets: of.subnets.map(subnetOf) };
}

function subnetOf(text: string): Subnet {
  const [base = '', length = ''] = text.split('/');
  const list = new BlockList();
  list.addSubnet(base, Number(length), isIPv6(base) ? 'ipv6' : 'ipv4');
  return { length: Number(length), list };
}

/** The longest prefix of the interface's subnets that has the address; -1 where none has. */
export function prefixFor(address: string, { subnets }: Place): number {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  return Math.max(-1, ...subnets.filter(({ list }) => list.check(address, family)).map(({ length }) => length));
}

/**
 * The one interface to announce an address on. Pure.
 *
 * | allowed interfaces | with the address in a subnet | →                                                         |
 * |--------------------|------------------------------|-----------------------------------------------------------|
 * | not named          | some                         | the longest prefix, then the lowest index: one MAC, no flux |
 * | not named          | none                         | none                                                      |
 * | named              | some of the named            | as above, of the named                                    |
 * | named              | none of the named            | the first of the named that exists: the operator's word    |
 */
export function chooseInterface(
  { address, interfaces }: Pick<AnnouncedAddress, 'address' | 'interfaces'>,
  places: readonly Place[],
): string | undefined {
  const allowed = interfaces === undefined ? places : places.filter(place => interfaces.includes(place.interface.name));
  let best: Place | undefined;
  let longest = -1;
  for (const place of allowed) {
    const length = prefixFor(address, place);
    const isBetter =
      length > longest || (length >= 0 && length === longest && place.interface.index < (best?.interface.index ?? 0));
    if (isBetter) [best, longest] = [place, length];
  }
  if (best !== undefined) return best.interface.name;
  return interfaces?.find(name => allowed.some(place => place.interface.name === name));
}
