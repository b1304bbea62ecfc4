import type { AnnouncementObstacle } from '../words.ts';
import { whyNotEndpoints } from './why-not.ts';

/** One Service at an address. */
export interface Claimant {
  /** Nodes that may announce for it, whatever the endpoints; sorted. */
  readonly nodes: readonly string[];
  /** Exact names; empty: the one whose subnet has the address. Of this very node. */
  readonly interfaces: readonly string[];
  /** How much each node is preferred; undefined: all alike. */
  readonly preferences?: ReadonlyMap<string, number> | undefined;
  readonly policy: 'Cluster' | 'Local';
  /** Nodes with an endpoint that takes traffic. */
  readonly endpoints: ReadonlySet<string>;
}

/**
 * The nodes that may announce an address, sorted. Pure. `nodes` of a single Cluster Service is returned as it is, so that thousands share
 * one array.
 *
 * | Services at the address                     | →                                                                   |
 * |---------------------------------------------|---------------------------------------------------------------------|
 * | none with an endpoint                       | nobody                                                              |
 * | one, Cluster                                | its nodes                                                           |
 * | one, Local                                  | those of its nodes that have an endpoint                            |
 * | several                                     | what is in all of their lists                                       |
 * | several, some without any endpoint          | as if those were not there: no node could serve them, and they must not silence the others |
 */
export function candidatesOf(claimants: readonly Claimant[]): readonly string[] {
  const served = claimants.filter(one => one.endpoints.size > 0);
  const lists = served.map(one => (one.policy === 'Cluster' ? one.nodes : withEndpoint(one)));
  const [first = [], ...others] = lists;
  if (others.length === 0) return first;
  const sets = others.map(list => new Set(list));
  return first.filter(node => sets.every(set => set.has(node)));
}

/** On this node, for the Services together; empty: the one whose subnet has the address. Pure. */
export function interfacesOf(claimants: readonly Claimant[]): readonly string[] {
  const limited = claimants.filter(one => one.endpoints.size > 0 && one.interfaces.length > 0);
  const [first, ...others] = limited.map(one => one.interfaces);
  return first?.filter(name => others.every(list => list.includes(name))) ?? [];
}

/** How much each of the candidates is preferred, for the Services together; undefined: all alike. Pure. */
export function preferencesOf(
  claimants: readonly Claimant[],
  candidates: readonly string[],
): readonly number[] | undefined {
  const told = claimants.flatMap(({ endpoints, preferences }) => (endpoints.size > 0 && preferences) || []);
  const [first] = told;
  if (first === undefined || candidates.length < 2) return undefined;
  const sums = candidates.map(node => told.reduce((sum, one) => sum + (one.get(node) ?? 0), 0));
  return sums.some(sum => sum !== sums[0]) ? sums : undefined;
}

function withEndpoint({ nodes, policy, endpoints }: Claimant): readonly string[] {
  return nodes.filter(node => whyNotEndpoints(node, policy, endpoints) === undefined);
}

/** Why a node is no candidate for an address, by the reasons that each of its Services has; undefined: it is. Pure. */
export function firstObstacle(
  obstacles: readonly (AnnouncementObstacle | undefined)[],
): AnnouncementObstacle | undefined {
  const real = obstacles.filter(one => one !== 'NoEndpoint');
  return obstacles.length > 0 && real.length === 0 ? 'NoEndpoint' : real.find(one => one !== undefined);
}
