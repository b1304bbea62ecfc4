import { addressBytes } from './address-bytes.ts';
import { arpFault, arpOperation, arpSender, arpTarget, operations, writeArpReply } from './arp.ts';
import { broadcastMac, destinationAt, etherTypeOf, etherTypes, sameBytes } from './ethernet.ts';
import { isSolicitation, ndFault, ndSourceAt, ndTargetAt, writeSolicitedAdvertisement } from './neighbor-discovery.ts';

/**
 * The addresses that one interface answers for. Finding one takes the same time however many there are, and answering allocates next to
 * nothing.
 */
export class AnswerTable {
  /** Numbers of IPv4 addresses. */
  readonly #ipv4 = new Set<number>();
  /** IPv6 addresses, one character a byte. */
  readonly #ipv6 = new Set<string>();

  /** Nothing but normalised addresses can be in here. */
  add(address: string): void {
    const bytes = addressBytes(address);
    if (bytes?.length === 4) this.#ipv4.add(bytes.readUInt32BE(0));
    else if (bytes !== undefined) this.#ipv6.add(bytes.toString('latin1'));
  }

  delete(address: string): void {
    const bytes = addressBytes(address);
    if (bytes?.length === 4) this.#ipv4.delete(bytes.readUInt32BE(0));
    else if (bytes !== undefined) this.#ipv6.delete(bytes.toString('latin1'));
  }

  clear(): void {
    this.#ipv4.clear();
    this.#ipv6.clear();
  }

  /**
   * Writes into `out` what is to be sent back to a frame from the wire, and returns its size; 0 where nothing is:
   *
   * | frame                                                                    | answer              |
   * |--------------------------------------------------------------------------|---------------------|
   * | request or solicitation for one of ours, to all, a group, or this MAC    | yes                 |
   * | the same from who looks whether the address is free                      | yes: it is defended |
   * | the same to another MAC (heard because the interface is promiscuous)     | no                  |
   * | from who uses one of ours for their own                                  | no: a conflict      |
   * | replies, advertisements, other addresses, whatever has a fault           | no                  |
   */
  answer(frame: Buffer, mac: Buffer, out: Buffer): number {
    if (etherTypeOf(frame) === etherTypes.arp) return this.#answerArp(frame, mac, out);
    return this.#answerSolicitation(frame, mac, out);
  }

  #answerArp(frame: Buffer, mac: Buffer, out: Buffer): number {
    if (arpFault(frame) !== undefined || arpOperation(frame) !== operations.request) return 0;
    if (!this.#ipv4.has(arpTarget(frame)) || this.#ipv4.has(arpSender(frame))) return 0;
    if (!sameBytes(frame, destinationAt, mac, 0, 6) && !sameBytes(frame, destinationAt, broadcastMac, 0, 6)) return 0;
    return writeArpReply(frame, mac, out);
  }

  #answerSolicitation(frame: Buffer, mac: Buffer, out: Buffer): number {
    if (ndFault(frame) !== undefined || !isSolicitation(frame)) return 0;
    if (!this.#hasIpv6(frame, ndTargetAt) || this.#hasIpv6(frame, ndSourceAt)) return 0;
    const toGroup = frame.readUInt16BE(destinationAt) === 0x3333;
    if (!toGroup && !sameBytes(frame, destinationAt, mac, 0, 6)) return 0;
    return writeSolicitedAdvertisement(frame, mac, out);
  }

  #hasIpv6(frame: Buffer, at: number): boolean {
    return this.#ipv6.has(frame.toString('latin1', at, at + 16));
  }
}
