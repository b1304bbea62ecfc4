import { isIPv4 } from 'node:net';
import type { LoadBalancerRef } from '../../src/provider/provider.ts';

/** RFC 5737, TEST-NET-2: never routed, so nobody is harmed. */
export const defaultRange = '198.51.100.0/24';

type Owner = Pick<LoadBalancerRef, 'id' | 'cluster'>;

interface Range {
  readonly first: number;
  readonly size: number;
}

/**
 * Which balancer holds which address of one IPv4 range; memory grows with the balancers, not with the range.
 *
 * The next address is searched for from where the last one was found, round and round: giving one takes constant time until the range
 * is nearly full, and a released address rests as long as possible before somebody else gets it.
 */
export class AddressPool {
  readonly range: string;
  readonly #first: number;
  readonly #size: number;
  readonly #holders = new Map<string, LoadBalancerRef>();
  readonly #addresses = new Map<string, string>();
  #cursor = 0;
  #used = 0;

  constructor(range: string = defaultRange) {
    const parsed = parseRange(range);
    if (parsed === undefined) throw new Error(`not an IPv4 range from /8 to /32: ${range}`);
    this.range = range;
    this.#first = parsed.first;
    this.#size = parsed.size;
  }

  addressOf(owner: Owner): string | undefined {
    return this.#addresses.get(keyOf(owner));
  }

  contains(address: string): boolean {
    const offset = isIPv4(address) ? toNumber(address) - this.#first : -1;
    return offset >= 0 && offset < this.#size;
  }

  /** False where another balancer holds the address, or this balancer another address. Addresses outside the range may be held too. */
  hold(ref: LoadBalancerRef, address: string): boolean {
    const holder = this.#holders.get(address);
    if (holder !== undefined) return keyOf(holder) === keyOf(ref);
    if (this.#addresses.has(keyOf(ref))) return false;
    this.#give(ref, address);
    if (this.contains(address)) this.#used++;
    return true;
  }

  /** The address it has, or else the next free one, held at once; undefined where there is none. */
  holdNext(ref: LoadBalancerRef): string | undefined {
    const own = this.addressOf(ref);
    if (own !== undefined || this.#used === this.#size) return own;
    let address: string;
    do {
      address = toText(this.#first + this.#cursor);
      this.#cursor = (this.#cursor + 1) % this.#size;
    } while (this.#holders.has(address));
    this.#give(ref, address);
    this.#used++;
    return address;
  }

  /** Nothing held is nothing to release. */
  release(owner: Owner): void {
    const address = this.addressOf(owner);
    if (address === undefined) return;
    this.#addresses.delete(keyOf(owner));
    this.#holders.delete(address);
    if (this.contains(address)) this.#used--;
  }

  holders(): readonly LoadBalancerRef[] {
    return [...this.#holders.values()];
  }

  clear(): void {
    this.#holders.clear();
    this.#addresses.clear();
    this.#used = 0;
  }

  #give(ref: LoadBalancerRef, address: string): void {
    this.#holders.set(address, ref);
    this.#addresses.set(keyOf(ref), address);
  }
}

/**
 * The addresses of a range that can be given. Pure.
 *
 * | text              | first         | size |
 * |-------------------|---------------|------|
 * | 192.0.2.0/24      | 192.0.2.1     | 254  | without the network's own and the broadcast address
 * | 192.0.2.8/31      | 192.0.2.8     | 2    | a pair and a single address have neither (RFC 3021)
 * | 192.0.2.7/32      | 192.0.2.7     | 1    |
 * | 192.0.2.7/24, /7  | undefined     |      | host bits, too large
 */
export function parseRange(text: string): Range | undefined {
  const [base = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isIPv4(base) || !/^([89]|[12]\d|3[012])$/.test(length)) return undefined;
  const size = 2 ** (32 - Number(length));
  const first = toNumber(base);
  if (first % size !== 0) return undefined;
  return size > 2 ? { first: first + 1, size: size - 2 } : { first, size };
}

function keyOf({ cluster, id }: Owner): string {
  return `${cluster}/${id}`;
}

function toNumber(address: string): number {
  return address.split('.').reduce((value, byte) => value * 256 + Number(byte), 0);
}

function toText(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
