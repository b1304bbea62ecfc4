import type { IpFamily } from '../../../src/provider/provider.ts';
import type { Address } from '../address/address.ts';
import { type AddressRange, sizeOf } from '../address/address-range.ts';
import type { LabelSelector, Labels } from '../reading/label-selector.ts';
import type { ObjectReference } from './kinds.ts';

/** Where a pool is written: `undefined`, in the operator's configuration. */
export type Origin = ObjectReference | undefined;

export interface Pool {
  readonly name: string;
  readonly origin: Origin;
  readonly labels: Labels;
  /** As written. */
  readonly ranges: readonly AddressRange[];
  /** Without the reserved ones, sorted: what can be given. */
  readonly usable: readonly AddressRange[];
  /** False: only for Services that ask for the pool or for one of its addresses. */
  readonly autoAssign: boolean;
  /** True: no x.x.x.0 and x.x.x.255, which some old network equipment takes for something else. */
  readonly avoidBuggyIPs: boolean;
  readonly sharedAcrossNamespaces: boolean;
  /** Absent: for every Service. */
  readonly allocateTo: AllocateTo | undefined;
  readonly announce: PoolAnnouncement;
}

export interface AllocateTo {
  /** The lower comes first; 0 comes last. */
  readonly priority: number;
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
  readonly serviceSelectors: readonly LabelSelector[];
}

/** How the addresses of a pool of ours are announced; for MetalLB's pools its L2Advertisements say it. */
export interface PoolAnnouncement {
  /** A node that one of them matches may announce; none: every node. */
  readonly nodeSelectors: readonly LabelSelector[];
  /** None: the interface whose subnet has the address. */
  readonly interfaces: readonly string[];
  readonly preferredNodes: readonly NodePreference[];
}

/** Of the nodes that may announce, those that should. */
export interface NodePreference {
  /** 1–100; those of all matching preferences add up. */
  readonly weight: number;
  readonly selector: LabelSelector;
}

/** Where a Service stands, as far as pools go by it. */
export interface Place {
  readonly namespace: string;
  /** Undefined: not known. */
  readonly namespaceLabels: Labels | undefined;
  readonly labels: Labels;
}

/**
 * Whether a pool is there for a Service. Pure.
 *
 * | allocateTo names                  | the Service must                                       |
 * |-----------------------------------|--------------------------------------------------------|
 * | nothing, or a priority only       |                                                        |
 * | namespaces or their selectors     | be in one of them, or in one that a selector matches   |
 * | Service selectors                 | be matched by one                                      |
 * | both                              | fulfil both                                            |
 *
 * A selector over labels that are not known matches nothing.
 */
export function isFor({ allocateTo }: Pool, place: Place): boolean {
  if (allocateTo === undefined) return true;
  const { namespaces, namespaceSelectors, serviceSelectors } = allocateTo;
  const { namespaceLabels } = place;
  const inNamespace =
    namespaces.length + namespaceSelectors.length === 0 ||
    namespaces.includes(place.namespace) ||
    (namespaceLabels !== undefined && namespaceSelectors.some(one => one.matches(namespaceLabels)));
  const chosen = serviceSelectors.length === 0 || serviceSelectors.some(one => one.matches(place.labels));
  return inNamespace && chosen;
}

/** x.x.x.0 and x.x.x.255. */
export function isBuggy({ family, value }: Pick<Address, 'family' | 'value'>): boolean {
  const last = value & 255n;
  return family === 'IPv4' && (last === 0n || last === 255n);
}

export function rangesOf(pool: Pool, family: IpFamily): readonly AddressRange[] {
  return pool.usable.filter(range => range.family === family);
}

/** How many addresses of a family the pool can give. */
export function totalOf(pool: Pool, family: IpFamily): bigint {
  return rangesOf(pool, family).reduce(
    (sum, range) => sum + sizeOf(range) - (pool.avoidBuggyIPs ? buggyIn(range) : 0n),
    0n,
  );
}

/** How many addresses of a range end in 0 or 255: counted up to `last`, less those below `first`. */
function buggyIn({ family, first, last }: AddressRange): bigint {
  if (family === 'IPv6') return 0n;
  const upTo = (value: bigint): bigint => (value >> 8n) * 2n + 1n + ((value & 255n) === 255n ? 1n : 0n);
  return upTo(last) - (first === 0n ? 0n : upTo(first - 1n));
}
