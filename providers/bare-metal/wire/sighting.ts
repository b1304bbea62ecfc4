import { addressText } from './address-bytes.ts';
import { type ArpFault, arpFault, arpSender, arpSenderAt, arpSenderMacAt, arpTargetAt } from './arp.ts';
import { etherTypeOf, etherTypes, macText } from './ethernet.ts';
import {
  isProbe,
  isSolicitation,
  type NdFault,
  ndFault,
  ndMacAt,
  ndSourceAt,
  ndTargetAt,
} from './neighbor-discovery.ts';

/** What a frame says about who has an address. */
export interface Sighting {
  /** `uses`: the address is that station's. `probes`: the station looks whether it is free, to use it. */
  readonly kind: 'uses' | 'probes';
  readonly address: string;
  readonly mac: string;
}

/**
 * | frame                                      | kind     | address  |
 * |--------------------------------------------|----------|----------|
 * | ARP probe (sender zero)                    | `probes` | target's |
 * | every other ARP request, every ARP reply   | `uses`   | sender's |
 * | solicitation from the unspecified address  | `probes` | target   |
 * | every other solicitation                   | `uses`   | source   |
 * | advertisement                              | `uses`   | target   |
 *
 * Peers of ours and we ourselves are stations too: who is a stranger is for the caller to say.
 */
export function parseSighting(frame: Buffer): Sighting | ArpFault | NdFault {
  return etherTypeOf(frame) === etherTypes.arp ? arpSighting(frame) : ndSighting(frame);
}

function arpSighting(frame: Buffer): Sighting | ArpFault {
  const fault = arpFault(frame);
  if (fault !== undefined) return fault;
  const mac = macText(frame, arpSenderMacAt);
  return arpSender(frame) === 0
    ? { kind: 'probes', address: addressText(frame, arpTargetAt, 4), mac }
    : { kind: 'uses', address: addressText(frame, arpSenderAt, 4), mac };
}

function ndSighting(frame: Buffer): Sighting | NdFault {
  const fault = ndFault(frame);
  if (fault !== undefined) return fault;
  const mac = macText(frame, ndMacAt(frame));
  if (isProbe(frame)) return { kind: 'probes', address: addressText(frame, ndTargetAt, 16), mac };
  return { kind: 'uses', address: addressText(frame, isSolicitation(frame) ? ndSourceAt : ndTargetAt, 16), mac };
}
