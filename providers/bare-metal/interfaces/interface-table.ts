import { addressText } from '../wire/address-bytes.ts';
import { macText } from '../wire/ethernet.ts';
import {
  type AddressPart,
  type GatewayPart,
  type LinkPart,
  type Message,
  messageTypes,
  parseAddress,
  parseGateways,
  parseLink,
} from './netlink-messages.ts';
import type { InterfaceAddress, NetworkInterface } from './network-interface.ts';

/** linux/if.h */
const flags = { up: 0x1, broadcast: 0x2, loopback: 0x8, noArp: 0x80, lowerUp: 0x10000 } as const;

/** The interfaces as the messages of dumps and events, applied in order, tell. */
export class InterfaceTable {
  readonly #links = new Map<number, LinkPart>();
  /** By interface, then by address and prefix. */
  readonly #addresses = new Map<number, Map<string, InterfaceAddress>>();
  readonly #gateways = new Map<number, Set<string>>();

  /**
   * True where default routes may have gone without a word: the kernel drops the IPv4 routes of an interface that goes down, or loses an
   * address, and sends no event about them.
   */
  apply({ type, body }: Message): boolean {
    switch (type) {
      case messageTypes.newLink:
      case messageTypes.deleteLink:
        return this.#applyLink(parseLink(body), type === messageTypes.newLink);
      case messageTypes.newAddress:
      case messageTypes.deleteAddress:
        return this.#applyAddress(parseAddress(body), type === messageTypes.newAddress);
      case messageTypes.newRoute:
        for (const gateway of parseGateways(body)) this.#applyGateway(gateway);
        return false;
      default:
        return false;
    }
  }

  /** Before routes are told anew: a route that replaces another names only itself. */
  forgetGateways(): void {
    this.#gateways.clear();
  }

  interfaces(): ReadonlyMap<number, NetworkInterface> {
    return new Map([...this.#links].map(([index, link]) => [index, this.#interfaceOf(link)]));
  }

  #applyLink(link: LinkPart | undefined, isThere: boolean): boolean {
    if (link === undefined) return false;
    if (isThere) {
      this.#links.set(link.index, link);
      return (link.flags & flags.up) === 0 && this.#gateways.has(link.index);
    }
    this.#links.delete(link.index);
    this.#addresses.delete(link.index);
    this.#gateways.delete(link.index);
    return false;
  }

  #applyAddress(part: AddressPart | undefined, isThere: boolean): boolean {
    if (part === undefined) return false;
    const { index, bytes, prefixLength } = part;
    const isV4 = bytes.length === 4;
    const address = addressText(bytes, 0, isV4 ? 4 : 16);
    const ofInterface = this.#addresses.get(index) ?? new Map<string, InterfaceAddress>();
    const key = `${address}/${prefixLength}`;
    if (isThere) ofInterface.set(key, { address, prefixLength, family: isV4 ? 'IPv4' : 'IPv6' });
    else ofInterface.delete(key);
    this.#addresses.set(index, ofInterface);
    return !isThere && this.#gateways.has(index);
  }

  #applyGateway({ index, bytes }: GatewayPart): void {
    const gateways = this.#gateways.get(index) ?? new Set();
    this.#gateways.set(index, gateways.add(addressText(bytes, 0, bytes.length === 4 ? 4 : 16)));
  }

  #interfaceOf(link: LinkPart): NetworkInterface {
    const has = (flag: number) => (link.flags & flag) !== 0;
    return {
      index: link.index,
      name: link.name,
      mac: link.mac.length === 6 ? macText(link.mac) : '',
      mtu: link.mtu,
      kind: link.kind,
      isUp: has(flags.up),
      isRunning: has(flags.lowerUp),
      isBroadcast: has(flags.broadcast),
      isNoArp: has(flags.noArp),
      isLoopback: has(flags.loopback),
      master: link.master,
      masterKind: link.masterKind,
      addresses: [...(this.#addresses.get(link.index)?.values() ?? [])],
      gateways: [...(this.#gateways.get(link.index) ?? [])],
    };
  }
}
