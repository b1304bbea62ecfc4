import type { KindObject } from '../../controller/kinds/kind-object.ts';
import { familyOf, parseCidr } from '../../plan/cidr.ts';
import {
  type Announce,
  convertAnnouncing,
  fieldsOf,
  listOf,
  type ParseSelector,
  selectsPool,
} from './convert-announcing.ts';

/** What MetalLB's namespace holds. */
export interface MetallbObjects {
  readonly pools: readonly KindObject[];
  readonly l2Advertisements: readonly KindObject[];
  readonly bgpAdvertisements: readonly KindObject[];
}

/** `spec` of an AddressPool; what is left out has its default. */
export interface PoolSpec {
  readonly addresses: readonly string[];
  readonly autoAssign?: boolean;
  readonly avoidBuggyIPs?: boolean;
  readonly sharedAcrossNamespaces?: boolean;
  readonly allocateTo?: Readonly<Record<string, unknown>>;
  readonly announce?: Announce;
}

export interface ConvertedPool {
  /** The same: Services ask for pools by their names. */
  readonly name: string;
  readonly spec: PoolSpec;
  /** What an AddressPool cannot say: each is a reason to think first. */
  readonly losses: readonly string[];
  /** What is said in another way. */
  readonly notes: readonly string[];
}

/** `shared`: names of pools of which Services of different namespaces share an address now. Pure. */
export function convertPools(
  metallb: MetallbObjects,
  shared: ReadonlySet<string>,
  parse: ParseSelector,
): readonly ConvertedPool[] {
  return metallb.pools
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map(pool => convertPool(pool, metallb, shared.has(pool.metadata.name), parse));
}

const poolFields = ['addresses', 'autoAssign', 'avoidBuggyIPs', 'serviceAllocation'];
const allocationFields = ['priority', 'namespaces', 'namespaceSelectors', 'serviceSelectors'];
const advertisementFields = [
  'ipAddressPools',
  'ipAddressPoolSelectors',
  'nodeSelectors',
  'interfaces',
  'serviceSelectors',
  'preferredNodeSelectors',
];
/** With this label, fairlead lets MetalLB's pool be shared across namespaces while it reads it. */
const sharedLabel = 'fairlead.dev/shared-across-namespaces';

function convertPool(
  pool: KindObject,
  metallb: MetallbObjects,
  isShared: boolean,
  parse: ParseSelector,
): ConvertedPool {
  const { addresses, autoAssign, avoidBuggyIPs, serviceAllocation } = fieldsOf(pool.spec);
  const ranges = listOf(addresses).map(one => convertRange(String(one)));
  const l2 = metallb.l2Advertisements.filter(one => selectsPool(one, pool, parse));
  const bgp = metallb.bgpAdvertisements.filter(one => selectsPool(one, pool, parse));
  const { announce, losses } = convertAnnouncing(l2);
  const across = isShared || pool.metadata.labels?.[sharedLabel] === 'true';
  return {
    name: pool.metadata.name,
    spec: {
      addresses: ranges.flatMap(range => range.text ?? []),
      ...(autoAssign === false && { autoAssign }),
      ...(avoidBuggyIPs === true && { avoidBuggyIPs }),
      ...(across && { sharedAcrossNamespaces: true }),
      ...(serviceAllocation !== undefined && { allocateTo: only(fieldsOf(serviceAllocation), allocationFields) }),
      ...(announce !== undefined && { announce }),
    },
    losses: [
      ...ranges.flatMap(range => range.fault ?? []),
      ...unknown('its field spec', pool.spec, poolFields),
      ...unknown('its field spec.serviceAllocation', serviceAllocation, allocationFields),
      ...l2.flatMap(one =>
        unknown(`the field spec of L2Advertisement ${one.metadata.name}:`, one.spec, advertisementFields),
      ),
      ...losses,
      ...bgp.map(
        one => `BGPAdvertisement ${one.metadata.name} announces it to routers too: fairlead does not speak BGP`,
      ),
    ],
    notes: [
      ...ranges.flatMap(range => range.note ?? []),
      ...(isShared
        ? ['Services of different namespaces share an address of it now: sharedAcrossNamespaces is set']
        : []),
    ],
  };
}

interface ConvertedRange {
  readonly text?: string;
  readonly fault?: string;
  readonly note?: string;
}

/**
 * MetalLB's spellings in ours. Pure.
 *
 * | MetalLB's                          | →                                                    |
 * |------------------------------------|------------------------------------------------------|
 * | `192.0.2.0/24`                     | the same                                             |
 * | `192.0.2.7/24`                     | `192.0.2.0/24`, which is what MetalLB makes of it    |
 * | `192.0.2.7 - 192.0.2.9`            | `192.0.2.7-192.0.2.9`                                |
 * | anything else                      | a loss                                               |
 */
export function convertRange(written: string): ConvertedRange {
  const text = written.trim();
  const ends = text.split('-').map(end => end.trim());
  if (ends.length === 2 && ends.every(end => familyOf(end) !== undefined)) return { text: ends.join('-') };
  if (ends.length === 1 && familyOf(text) !== undefined) return { text };
  const cidr = parseCidr(text);
  if (cidr === undefined) return { fault: `${JSON.stringify(written.slice(0, 100))} cannot be read as addresses` };
  const [network] = cidr.text.split('/');
  const [base = ''] = text.split('/');
  const isNetwork = parseCidr(`${base}/${familyOf(base) === 'IPv4' ? 32 : 128}`)?.text.startsWith(`${network}/`);
  return isNetwork === true
    ? { text: cidr.text }
    : { text: cidr.text, note: `${text} has host bits set: written as ${cidr.text}, which MetalLB takes it for` };
}

function only(fields: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** Fields of a newer MetalLB. */
function unknown(where: string, value: unknown, names: readonly string[]): readonly string[] {
  return Object.keys(fieldsOf(value))
    .filter(name => !names.includes(name))
    .map(name => `${where}.${name} is not known to fairlead`.replace(':.', ': '));
}
