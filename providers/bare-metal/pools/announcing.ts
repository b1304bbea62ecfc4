import type { Advertisement as Advertised, AdvertisedService } from '../../../src/provider/announcer.ts';
import { type Address, parseAddress } from '../address/address.ts';
import { annotations } from '../allocation/address-request.ts';
import type { Labels } from '../reading/label-selector.ts';
import { type Advertisement, selectsPool } from './advertisement.ts';
import type { PoolAnnouncement } from './pool.ts';
import type { PoolSet } from './pool-set.ts';

/** One way in which an address may be announced. */
export type Way = PoolAnnouncement;

/** How an address is announced for a Service, or in one line for people why it is not. Equal ids, of one set: the same ways. */
export type Announcing = { readonly id: string; readonly ways: readonly Way[] } | { readonly reason: string };

/** The one that may announce, as far as its node goes. */
export interface Allowed {
  /** Undefined: the interface whose subnet has the address. */
  readonly interfaces: readonly string[] | undefined;
  /** The higher is preferred. */
  readonly preference: number;
}

const anywhere: Way = { nodeSelectors: [], interfaces: [], preferredNodes: [] };

/**
 * How an address is announced for a Service. Pure.
 *
 * | the address is            | →                                                                              |
 * |---------------------------|--------------------------------------------------------------------------------|
 * | in a pool of ours         | as the pool says                                                               |
 * | in a pool of MetalLB's    | as every L2Advertisement that selects pool and Service says; none: not at all  |
 * | the same, shared          | by those only that do not choose among Services: two sharers must not differ   |
 * | in no pool                | anywhere: what is published is answered for, until its Service has another     |
 */
export function announcingOf(
  set: PoolSet,
  address: Pick<Address, 'family' | 'value'>,
  service: { readonly labels: Labels; readonly isSharing: boolean },
): Announcing {
  const pool = set.poolAround(address);
  if (pool === undefined) return { id: 'anywhere', ways: [anywhere] };
  if (pool.origin?.kind !== 'IPAddressPool') return { id: `pool ${pool.name}`, ways: [pool.announce] };
  if (set.advertisements === undefined) return { reason: 'the L2Advertisements are not known' };
  const ofPool = set.advertisements.filter(one => selectsPool(one, pool));
  if (ofPool.length === 0) return { reason: `no L2Advertisement selects the pool ${pool.name}` };
  const ways = ofPool.filter(one => isForService(one, service));
  if (ways.length > 0) return { id: `by ${ways.map(({ name }) => name).join(' ')}`, ways };
  return {
    reason: service.isSharing
      ? `every L2Advertisement of the pool ${pool.name} chooses among Services, which a shared address cannot have`
      : `no L2Advertisement of the pool ${pool.name} selects this Service`,
  };
}

function isForService(
  { serviceSelectors }: Advertisement,
  { labels, isSharing }: { readonly labels: Labels; readonly isSharing: boolean },
): boolean {
  if (serviceSelectors.length === 0) return true;
  return !isSharing && serviceSelectors.some(one => one.matches(labels));
}

/** Whether a node with these labels may announce, and where; undefined: it may not. Pure. */
export function allowedOn(ways: readonly Way[], node: Labels): Allowed | undefined {
  const open = ways.filter(
    ({ nodeSelectors }) => nodeSelectors.length === 0 || nodeSelectors.some(one => one.matches(node)),
  );
  if (open.length === 0) return undefined;
  const isAnywhere = open.some(({ interfaces }) => interfaces.length === 0);
  const preferences = open.flatMap(({ preferredNodes }) => preferredNodes);
  return {
    interfaces: isAnywhere ? undefined : [...new Set(open.flatMap(({ interfaces }) => interfaces))].sort(),
    preference: preferences.reduce((sum, { weight, selector }) => (selector.matches(node) ? sum + weight : sum), 0),
  };
}

/** The same, as the core asks for it. Pure. */
export function advertisementOf(
  set: PoolSet,
  text: string,
  { labels, annotations: given }: AdvertisedService,
): Advertised {
  const address = parseAddress(text);
  const isSharing = annotations.sharingKey.some(key => (given[key]?.trim() ?? '') !== '');
  const announcing =
    address === undefined ? { reason: `${text} is no address` } : announcingOf(set, address, { labels, isSharing });
  if ('reason' in announcing)
    return { id: `none: ${announcing.reason}`, reason: announcing.reason, interfacesOn: () => undefined };
  return {
    id: announcing.id,
    interfacesOn(node) {
      const allowed = allowedOn(announcing.ways, node);
      return allowed && (allowed.interfaces ?? []);
    },
    preferenceOf: node => allowedOn(announcing.ways, node)?.preference ?? 0,
  };
}
