import type { KindObject } from '../../controller/kinds/kind-object.ts';

/** Reads a `LabelSelector`; undefined where it cannot be read. */
export type ParseSelector = (
  value: unknown,
) => { matches(labels: Readonly<Record<string, string>>): boolean } | undefined;

/** `spec.announce` of an AddressPool. */
export interface Announce {
  readonly nodeSelectors?: readonly unknown[];
  readonly interfaces?: readonly string[];
  readonly preferredNodeSelectors?: readonly unknown[];
}

export interface AnnouncingConversion {
  /** Undefined: any node, on the interface whose subnet has the address. */
  readonly announce: Announce | undefined;
  /** What an AddressPool cannot say. */
  readonly losses: readonly string[];
}

interface Way {
  readonly name: string;
  /** As texts, so that they can be compared; none: every node. */
  readonly nodes: ReadonlySet<string>;
  /** None: every interface. */
  readonly interfaces: ReadonlySet<string>;
  readonly isForAll: boolean;
  readonly preferences: readonly unknown[];
}

/**
 * How the L2Advertisements that select a pool are said in the pool itself. Pure.
 *
 * | they                                                  | →                                                 |
 * |-------------------------------------------------------|---------------------------------------------------|
 * | are none                                              | a loss: MetalLB does not announce the pool        |
 * | are one, or one covers the others                     | its nodes and interfaces                          |
 * | differ in the nodes only                              | the nodes of all                                  |
 * | differ in the interfaces only                         | the interfaces of all                             |
 * | differ in both                                        | a loss; with --force the nodes and interfaces of all |
 * | choose among Services, and no other covers them       | a loss                                            |
 * | prefer some nodes, and all allow the same             | the preferences of all, which add up as there     |
 * | prefer some nodes, and allow different ones           | a loss                                            |
 */
export function convertAnnouncing(advertisements: readonly KindObject[]): AnnouncingConversion {
  const losses: string[] = [];
  if (advertisements.length === 0) {
    const loss = 'no L2Advertisement selects it: MetalLB answers for its addresses nowhere, and fairlead would';
    return { announce: undefined, losses: [loss] };
  }
  const ways = advertisements.map(wayOf);
  const general = ways.filter(way => way.isForAll);
  const preferences = preferencesOf(ways, losses);
  for (const way of ways.filter(one => !one.isForAll && !general.some(other => covers(other, one))))
    losses.push(
      `L2Advertisement ${way.name} is for some Services only (serviceSelectors): fairlead would announce all`,
    );
  const [first, ...others] = general.filter((way, index) => !isCovered(way, index, general));
  if (first === undefined) return { announce: undefined, losses };
  const all = [first, ...others];
  const sameNodes = others.every(way => sameSet(way.nodes, first.nodes));
  const sameInterfaces = others.every(way => sameSet(way.interfaces, first.interfaces));
  if (!sameNodes && !sameInterfaces) {
    const names = all.map(way => way.name).join(', ');
    losses.push(
      `the L2Advertisements ${names} name different interfaces on different nodes: a pool has one choice of each`,
    );
  }
  const [nodes, interfaces] = [unionOf(all.map(way => way.nodes)), unionOf(all.map(way => way.interfaces))];
  return { announce: announceOf(nodes, interfaces, preferences), losses };
}

/** In MetalLB those of an advertisement count on its own nodes and for its own Services only. */
function preferencesOf(ways: readonly Way[], losses: string[]): readonly unknown[] {
  const preferring = ways.filter(({ preferences }) => preferences.length > 0);
  const [first] = ways;
  const isAlike = first !== undefined && ways.every(way => way.isForAll && sameSet(way.nodes, first.nodes));
  if (isAlike) return preferring.flatMap(({ preferences }) => preferences);
  for (const { name } of preferring)
    losses.push(
      `L2Advertisement ${name} prefers some nodes (preferredNodeSelectors) among others than the pool’s other L2Advertisements allow: a pool has one preference for all`,
    );
  return [];
}

function wayOf({ metadata, spec }: KindObject): Way {
  const { nodeSelectors, interfaces, serviceSelectors, preferredNodeSelectors } = fieldsOf(spec);
  return {
    name: metadata.name,
    nodes: new Set(listOf(nodeSelectors).map(one => JSON.stringify(one))),
    interfaces: new Set(listOf(interfaces).map(String)),
    isForAll: listOf(serviceSelectors).length === 0,
    preferences: listOf(preferredNodeSelectors),
  };
}

/** By an earlier equal one, or by any other that allows more. */
function isCovered(way: Way, index: number, all: readonly Way[]): boolean {
  return all.some((other, at) => at !== index && covers(other, way) && (at < index || !covers(way, other)));
}

function covers(wide: Way, narrow: Way): boolean {
  return includes(wide.nodes, narrow.nodes) && includes(wide.interfaces, narrow.interfaces);
}

/** An empty set stands for everything. */
function includes(wide: ReadonlySet<string>, narrow: ReadonlySet<string>): boolean {
  return wide.size === 0 || (narrow.size > 0 && [...narrow].every(one => wide.has(one)));
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every(one => b.has(one));
}

function unionOf(sets: readonly ReadonlySet<string>[]): readonly string[] {
  return sets.some(one => one.size === 0) ? [] : [...new Set(sets.flatMap(one => [...one]))];
}

function announceOf(
  nodes: readonly string[],
  interfaces: readonly string[],
  preferences: readonly unknown[],
): Announce | undefined {
  if (nodes.length + interfaces.length + preferences.length === 0) return undefined;
  return {
    ...(nodes.length > 0 && { nodeSelectors: nodes.map(one => JSON.parse(one) as unknown) }),
    ...(interfaces.length > 0 && { interfaces }),
    ...(preferences.length > 0 && { preferredNodeSelectors: preferences }),
  };
}

/** Whether a BGP or L2 advertisement is about a pool: by name, by label, or, naming none, about all. A selector that cannot be read is about none. Pure. */
export function selectsPool(advertisement: KindObject, pool: KindObject, parse: ParseSelector): boolean {
  const { ipAddressPools, ipAddressPoolSelectors } = fieldsOf(advertisement.spec);
  const [names, selectors] = [listOf(ipAddressPools), listOf(ipAddressPoolSelectors)];
  if (names.length + selectors.length === 0) return true;
  const labels = pool.metadata.labels ?? {};
  return names.includes(pool.metadata.name) || selectors.some(one => parse(one)?.matches(labels) === true);
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
