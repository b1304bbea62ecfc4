import type { Backend } from '../../../src/provider/provider.ts';
import type { GcpConfig } from '../config.ts';
import { type NodesByZone, nodesByZone } from '../desired/nodes.ts';

/**
 * Which nodes belong into the groups of the cluster: those of any Service, since an instance can be in one load-balanced group only. The core
 * hands out one array for all Services with the same nodes, so there are few of them to read, however many Services there are.
 */
export class WantedNodes {
  readonly #config: Pick<GcpConfig, 'project' | 'region'>;
  readonly #of = new Map<string, readonly Backend[]>();
  readonly #uses = new Map<readonly Backend[], { count: number; readonly nodes: NodesByZone }>();
  #union: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(config: Pick<GcpConfig, 'project' | 'region'>) {
    this.#config = config;
  }

  clear(): void {
    this.#of.clear();
    this.#uses.clear();
    this.#union = undefined;
  }

  /** From now on these are the Service's. */
  set(id: string, backends: readonly Backend[]): NodesByZone {
    const before = this.#of.get(id);
    const use = this.#uses.get(backends) ?? { count: 0, nodes: nodesByZone(backends, this.#config) };
    if (before === backends) return use.nodes;
    if (use.count === 0) this.#union = undefined;
    this.#uses.set(backends, use);
    use.count++;
    this.#of.set(id, backends);
    this.#drop(before);
    return use.nodes;
  }

  remove(id: string): void {
    this.#drop(this.#of.get(id));
    this.#of.delete(id);
  }

  /** Zone → names of instances. */
  get zones(): ReadonlyMap<string, ReadonlySet<string>> {
    this.#union ??= unionOf([...this.#uses.values()].map(({ nodes }) => nodes));
    return this.#union;
  }

  /**
   * Whether it may leave the groups: nobody wants it. One that cannot be looked up at present is kept, and so is everything where no node
   * at all can be.
   */
  mayLeave(instance: string): boolean {
    const all = [...this.#uses.values()].map(({ nodes }) => nodes);
    const rejected = all.flatMap(nodes => nodes.rejected);
    const isBlind = rejected.length > 0 && all.every(({ zones }) => zones.size === 0);
    return !isBlind && !rejected.some(({ node }) => node === instance);
  }

  #drop(backends: readonly Backend[] | undefined): void {
    const use = backends === undefined ? undefined : this.#uses.get(backends);
    if (backends === undefined || use === undefined) return;
    use.count--;
    if (use.count > 0) return;
    this.#uses.delete(backends);
    this.#union = undefined;
  }
}

function unionOf(all: readonly NodesByZone[]): ReadonlyMap<string, ReadonlySet<string>> {
  const union = new Map<string, Set<string>>();
  for (const { zones } of all)
    for (const [zone, instances] of zones) {
      const set = union.get(zone) ?? new Set<string>();
      for (const instance of instances) set.add(instance);
      union.set(zone, set);
    }
  return union;
}
