import type { AnnouncedAddress } from '../../../src/provider/announcer.ts';
import { addressBytes } from '../wire/address-bytes.ts';
import type { SegmentInterface } from './action.ts';

interface Subnet {
  readonly length: number;
  readonly base: Buffer;
}

/** Subnets of one interface, ready to be asked. */
export interface Place {
  readonly interface: SegmentInterface;
  readonly subnets: readonly Subnet[];
}

export function placeOf(of: SegmentInterface): Place {
  return { interface: of, subnets: of.subnets.flatMap(subnetOf) };
}

function subnetOf(text: string): readonly Subnet[] {
  const [address = '', length = ''] = text.split('/');
  const base = addressBytes(address);
  return base === undefined ? [] : [{ length: Number(length), base }];
}

/** The longest prefix of the interface's subnets that has the address; -1 where none has. */
export function prefixFor(address: string, { subnets }: Place): number {
  const bytes = addressBytes(address);
  if (bytes === undefined) return -1;
  return Math.max(-1, ...subnets.filter(subnet => isIn(bytes, subnet)).map(({ length }) => length));
}

function isIn(bytes: Buffer, { base, length }: Subnet): boolean {
  if (bytes.length !== base.length) return false;
  const whole = length >> 3;
  if (bytes.compare(base, 0, whole, 0, whole) !== 0) return false;
  const shift = 8 - (length & 7);
  return shift === 8 || bytes.readUInt8(whole) >> shift === base.readUInt8(whole) >> shift;
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
