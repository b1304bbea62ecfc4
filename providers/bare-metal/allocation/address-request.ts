import type { IpFamily, LoadBalancer, Warning } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { type Address, parseAddress } from '../address/address.ts';

/** What one Service asks of the pools. */
export interface AddressRequest {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of two, the older has the lower text. */
  readonly age: string;
  /** The primary one first. */
  readonly families: readonly IpFamily[];
  /** True: rather nothing than one family of two. */
  readonly needsAll: boolean;
  /** By name; undefined: any that is open to the Service. */
  readonly pool: string | undefined;
  /** By name: at most one a family. */
  readonly addresses: readonly Address[];
  readonly sharing: SharingTerms;
  /** The first of each family that stands in the status. */
  readonly published: readonly Address[];
  /** Whether what is published comes from another controller, and may be taken over. */
  readonly adopts: boolean;
}

/** Under which terms a Service lets others have its address too. */
export interface SharingTerms {
  /** Empty: with nobody. */
  readonly key: string;
  /** Whose pods get the traffic, where the announcing node's own must: empty under externalTrafficPolicy Cluster. */
  readonly backends: string;
  /** `TCP/80`, … */
  readonly ports: readonly string[];
}

/** Each wish in all its spellings: ours, MetalLB's, and MetalLB's before 0.13. */
export const annotations = {
  pool: ['fairlead.dev/address-pool', 'metallb.io/address-pool', 'metallb.universe.tf/address-pool'],
  addresses: ['fairlead.dev/load-balancer-ips', 'metallb.io/loadBalancerIPs', 'metallb.universe.tf/loadBalancerIPs'],
  sharingKey: ['fairlead.dev/allow-shared-ip', 'metallb.io/allow-shared-ip', 'metallb.universe.tf/allow-shared-ip'],
} as const satisfies Record<string, readonly [own: string, metallb: string, deprecated: string]>;

const spellings = Object.values(annotations);

/** MetalLB's Event, word for word as far as its tools can know, and behind it what to write instead. Pure. */
export function deprecatedAnnotation({ annotations: given }: LoadBalancer): Warning | undefined {
  const used = spellings.filter(([, , before]) => before in given);
  if (used.length === 0) return undefined;
  const [old, instead] = [used.map(([, , before]) => before).join(', '), used.map(([, now]) => now).join(', ')];
  return { reason: 'deprecatedAnnotation', message: `Service uses deprecated annotation ${old}: use ${instead}` };
}

const longestText = 253;
/** Who has more in the status than this has been written to by others. */
const mostPublished = 16;

/** Reads a Service's wishes. Pure; throws where they contradict each other or cannot be read. */
export function readRequest(loadBalancer: LoadBalancer): AddressRequest {
  const pool = wish(loadBalancer, 'pool');
  const key = wish(loadBalancer, 'sharingKey') ?? '';
  const addresses = requestedAddresses(loadBalancer);
  const { families, needsAll } = familiesOf(loadBalancer);
  const foreign = addresses.find(({ family }) => !families.includes(family));
  if (foreign !== undefined)
    refuse(
      `the requested address ${foreign.text} is ${foreign.family}, and the Service has ${families.join(' and ')} only`,
    );
  return { ...identity(loadBalancer), families, needsAll, pool, addresses, sharing: termsOf(loadBalancer, key) };
}

/** What counts of a Service that holds an address, whatever has been written into it since. Pure; never throws. */
export function readHeld(loadBalancer: LoadBalancer): AddressRequest {
  const given = annotations.sharingKey.map(each => loadBalancer.annotations[each]);
  const key = given.find(each => each !== undefined && each.length <= longestText) ?? '';
  return {
    ...identity(loadBalancer),
    families: loadBalancer.ipFamilies,
    needsAll: false,
    pool: undefined,
    addresses: [],
    sharing: termsOf(loadBalancer, key),
  };
}

function identity(loadBalancer: LoadBalancer) {
  const { id, service } = loadBalancer;
  const { namespace, name, uid, labels, createdAt = '' } = service;
  const published = publishedAddresses(loadBalancer);
  return {
    id,
    namespace,
    name,
    uid,
    labels,
    age: `${createdAt} ${uid}`,
    published,
    adopts: loadBalancer.adopt === true,
  };
}

function familiesOf({ ipFamilies, ipFamilyPolicy }: LoadBalancer): Pick<AddressRequest, 'families' | 'needsAll'> {
  if (ipFamilyPolicy !== 'RequireDualStack') return { families: ipFamilies, needsAll: false };
  if (ipFamilies.length < 2)
    refuse('ipFamilyPolicy is RequireDualStack, and the Service has cluster addresses of one family only');
  return { families: ipFamilies, needsAll: true };
}

/** One wish, however it is spelt; blank is none. */
function wish({ annotations: given }: LoadBalancer, which: keyof typeof annotations): string | undefined {
  // Nearly all Services of a backlog of thousands wish for nothing.
  if (!annotations[which].some(key => key in given)) return undefined;
  const found = annotations[which].flatMap(key => {
    const value = given[key]?.trim() ?? '';
    return value === '' ? [] : [{ key, value }];
  });
  const [first, ...others] = found;
  const other = others.find(one => one.value !== first?.value);
  if (first !== undefined && other !== undefined)
    refuse(`the annotations ${first.key} and ${other.key} differ: remove one`);
  if (first !== undefined && first.value.length > longestText)
    refuse(`the annotation ${first.key} is longer than ${longestText} characters`);
  return first?.value;
}

function requestedAddresses(loadBalancer: LoadBalancer): readonly Address[] {
  const listed = wish(loadBalancer, 'addresses');
  const { requestedAddresses: field } = loadBalancer;
  if (listed !== undefined && field.length > 0)
    refuse('addresses are requested by annotation and by spec.loadBalancerIP: remove one of the two');
  const addresses = (listed?.split(',').map(text => text.trim()) ?? field).map(text => {
    const address = parseAddress(text);
    return (
      address ?? refuse(`${JSON.stringify(text.slice(0, 64))} is no IP address: correct the request, or remove it`)
    );
  });
  const [one, two] = addresses;
  if (addresses.length > 2 || (two !== undefined && one?.family === two.family))
    refuse('more than one address of a family is requested: a Service has at most one of each');
  return addresses;
}

/** Tenants and other controllers may have written anything: what is no address is passed over. */
function publishedAddresses({ ingress }: LoadBalancer): readonly Address[] {
  const found = new Map<IpFamily, Address>();
  for (const { ip } of ingress.slice(0, mostPublished)) {
    const address = ip === undefined ? undefined : parseAddress(ip);
    if (address !== undefined && !found.has(address.family)) found.set(address.family, address);
  }
  return [...found.values()];
}

function termsOf(loadBalancer: LoadBalancer, key: string): SharingTerms {
  const { externalTrafficPolicy, selector, listeners, id } = loadBalancer;
  // Without a selector nobody can tell whose pods are behind it: it shares with none of another id.
  const backends = externalTrafficPolicy === 'Local' ? (selector ?? `id ${id}`) : '';
  return { key, backends, ports: listeners.map(({ protocol, port }) => `${protocol}/${port}`) };
}

function refuse(message: string): never {
  throw new ProviderError('unsupported', message);
}
