import type { Call, ProviderClock } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import { gceFaultOf, isAlreadyExists, isInUse, isNotFound } from '../client/classify-error.ts';
import type { GceApi } from '../client/gce-api.ts';
import { nameOf, zonal } from '../client/links.ts';
import type { StoredOf } from '../client/resources.ts';
import { holderOf, markText, parseMark } from '../model/marks.ts';
import { sharedNames } from '../model/names.ts';
import { Mutex } from '../writing/mutex.ts';
import { type KnownMembers, planMembers, type WantedMembers } from './plan-members.ts';

type Group = StoredOf<'instanceGroups'>;

export interface ZoneOptions {
  readonly api: GceApi;
  readonly cluster: string;
  readonly zone: string;
  readonly clock: ProviderClock;
  /** Groups of others that begin so are used for the nodes that they hold. */
  readonly prefix: string | undefined;
}

export interface WantedInZone extends WantedMembers {
  /** Node ports that proxies send to. */
  readonly ports: ReadonlySet<number>;
}

interface State extends KnownMembers {
  /** Those that the group has a name for. */
  readonly ports: ReadonlySet<number>;
}

/** The name under which proxies know a node port. */
export function portName(nodePort: number): string {
  return `np-${nodePort}`;
}

const nothingThere: State = { members: undefined, elsewhere: new Map(), refused: new Set(), ports: new Set() };

/** The cluster's instance group in one zone: made, filled and emptied by one call at a time, for all Services together. */
export class ZoneGroups {
  readonly #options: ZoneOptions;
  readonly #name: string;
  readonly #mutex = new Mutex();
  #state: State | undefined;
  #isDoubted = false;
  /** On the monotonic clock. */
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** Instances are in groups of others already: all of these are looked at. */
  #looksAtAll = false;

  constructor(options: ZoneOptions) {
    this.#options = options;
    this.#name = sharedNames(options.cluster).instanceGroup;
  }

  get path(): string {
    return zonal(this.#options.api.project, this.#options.zone, 'instanceGroups', this.#name);
  }

  /** It is looked at before the next change. */
  doubt(): void {
    this.#isDoubted = true;
  }

  doubtOlderThan(ms: number): void {
    if (this.#options.clock.monotonic() - this.#lookedMs > ms) this.#isDoubted = true;
  }

  /** An instance may be in one load-balanced group only, and somebody else's has one of these: that group is used from now on. */
  useOthers(): void {
    this.#looksAtAll = true;
    this.#isDoubted = true;
  }

  get usesOthers(): boolean {
    return this.#looksAtAll;
  }

  /** Paths of the groups in which these instances are; none that is not there yet. */
  groupsOf(instances: readonly string[]): readonly string[] {
    const state = this.#state ?? nothingThere;
    const own = state.members === undefined ? [] : [this.path];
    const taken = instances.filter(one => !state.refused.has(one));
    return [...new Set(taken.flatMap(one => state.elsewhere.get(one) ?? own))].sort();
  }

  isRefused(instance: string): boolean {
    return this.#state?.refused.has(instance) === true;
  }

  isInSync(wanted: WantedInZone): boolean {
    if (this.#isDoubted) return false;
    const change = this.#state === undefined ? undefined : planMembers(this.#state, wanted);
    return (
      change !== undefined &&
      !change.insert &&
      change.add.length === 0 &&
      change.remove.length === 0 &&
      !this.#lacksPorts(wanted)
    );
  }

  /** No request where it holds already what it should; one where nodes come, one where nodes go. */
  async sync(wanted: WantedInZone, call: Call): Promise<void> {
    if (this.isInSync(wanted)) return;
    await this.#mutex.run(call.signal, async () => {
      try {
        const state = this.#isDoubted ? undefined : this.#state;
        const { insert, add, remove } = planMembers(state ?? (await this.#look(call)), wanted);
        if (insert) await this.#insert(call);
        if (add.length > 0) await this.#add(add, call);
        if (remove.length > 0) await this.#removeThere(remove, call);
        if (this.#lacksPorts(wanted)) await this.#setPorts(wanted.ports, call);
      } catch (error) {
        this.#isDoubted = true;
        throw error;
      }
    });
  }

  /** Takes away the names of node ports that no proxy sends to any more. */
  async dropPorts({ ports }: Pick<WantedInZone, 'ports'>, call: Call): Promise<void> {
    await this.#mutex.run(call.signal, async () => {
      const isStale = [...(this.#state?.ports ?? [])].some(port => !ports.has(port));
      if (isStale && this.#state?.members !== undefined) await this.#setPorts(ports, call);
    });
  }

  #lacksPorts({ ports }: WantedInZone): boolean {
    return this.#state?.members !== undefined && [...ports].some(port => this.#state?.ports.has(port) !== true);
  }

  /** The API takes the whole list only: what others have named stays in it. */
  async #setPorts(ports: ReadonlySet<number>, call: Call): Promise<void> {
    const { api, zone } = this.#options;
    const group = await this.#find(call);
    const others = (group?.namedPorts ?? []).filter(({ name }) => !/^np-\d+$/.test(name));
    const own = [...ports].sort((one, other) => one - other).map(port => ({ name: portName(port), port }));
    await api.setNamedPorts({ name: this.#name, zone }, [...others, ...own], group?.fingerprint, call);
    this.#change({ ports });
  }

  /** With the last Service. Absent, or still used by somebody else's balancer: nothing to do. */
  async delete(call: Call): Promise<void> {
    await this.#mutex.run(call.signal, async () => {
      const { api, zone } = this.#options;
      const key = { name: this.#name, zone };
      const isKnown = this.#state !== undefined && !this.#isDoubted;
      const isThere = isKnown ? this.#state?.members !== undefined : await this.#exists(call);
      this.#isDoubted = true;
      try {
        if (isThere) await api.delete('instanceGroups', key, call);
      } catch (error) {
        if (isInUse(error)) return;
        throw error;
      }
      this.#state = nothingThere;
      this.#isDoubted = false;
    });
  }

  async #exists(call: Call): Promise<boolean> {
    const group = await this.#find(call);
    return group !== undefined && isOurs(group, this.#options.cluster);
  }

  async #find(call: Call): Promise<Group | undefined> {
    const { api, zone } = this.#options;
    const [found] = await api.list('instanceGroups', { zone, filter: `name = "${this.#name}"` }, call);
    return found;
  }

  async #look(call: Call): Promise<State> {
    this.#isDoubted = false;
    this.#state = await this.#observe(call);
    return this.#state;
  }

  /** One list, and one more for each group that is looked into. */
  async #observe(call: Call): Promise<State> {
    const { api, cluster, clock, zone, prefix } = this.#options;
    const beganMs = clock.monotonic();
    const own = `name = "${this.#name}"`;
    const filter = prefix === undefined ? own : `(${own}) OR (name eq "${prefix}.*")`;
    const found = await api.list('instanceGroups', { zone, ...(this.#looksAtAll ? {} : { filter }) }, call);
    const group = found.find(({ name }) => name === this.#name);
    if (group !== undefined && !isOurs(group, cluster))
      throw new ProviderError(
        'rejected',
        `the name ${this.#name} of the instance group in ${zone} is taken by ${holderOf(group.description)}: delete it`,
      );
    const elsewhere = new Map<string, string>();
    for (const { name, selfLink } of found.filter(one => one !== group && one.size !== 0))
      for (const instance of await api.listInstances({ name, zone }, call)) elsewhere.set(nameOf(instance), selfLink);
    const members = group && new Set((await api.listInstances({ name: this.#name, zone }, call)).map(nameOf));
    this.#lookedMs = beganMs;
    const ports = (group?.namedPorts ?? []).filter(one => one.name === portName(one.port)).map(({ port }) => port);
    return { members, elsewhere, refused: new Set(), ports: new Set(ports) };
  }

  async #insert(call: Call): Promise<void> {
    const { api, cluster, zone } = this.#options;
    try {
      await api.insert('instanceGroups', { name: this.#name, zone, description: markText({ cluster }) }, call);
      this.#change({ members: new Set() });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      // By an earlier request whose answer was lost, or by somebody else: then the look throws.
      await this.#look(call);
    }
  }

  /** One that the API does not find keeps no other out: the request is halved until it stands alone. */
  async #add(instances: readonly string[], call: Call): Promise<void> {
    const { api, zone } = this.#options;
    const paths = instances.map(one => zonal(api.project, zone, 'instances', one));
    try {
      await api.addInstances({ name: this.#name, zone }, paths, call);
      this.#change({ members: new Set([...this.#members, ...instances]) });
      return;
    } catch (error) {
      if (!isNotFound(error) && !isAlreadyExists(error)) throw error;
      if (instances.length === 1) {
        if (isAlreadyExists(error)) this.#change({ members: new Set([...this.#members, ...instances]) });
        else await this.#refuse(instances, call, error);
        return;
      }
    }
    const half = Math.ceil(instances.length / 2);
    await this.#add(instances.slice(0, half), call);
    await this.#add(instances.slice(half), call);
  }

  /** Unless it is the group that is not there. */
  async #refuse(instances: readonly string[], call: Call, error: unknown): Promise<void> {
    if (!(await this.#exists(call))) throw error;
    this.#change({ refused: new Set([...(this.#state?.refused ?? []), ...instances]) });
  }

  /** An instance that is deleted leaves its groups by itself: those that are left are looked up. */
  async #removeThere(instances: readonly string[], call: Call): Promise<void> {
    try {
      await this.#remove(instances, call);
    } catch (error) {
      if (!isNotFound(error) && gceFaultOf(error)?.reason !== 'memberNotFound') throw error;
      await this.#look(call);
      const left = instances.filter(one => this.#members.has(one));
      if (left.length > 0) await this.#remove(left, call);
    }
  }

  async #remove(instances: readonly string[], call: Call): Promise<void> {
    const { api, zone } = this.#options;
    const paths = instances.map(one => zonal(api.project, zone, 'instances', one));
    await api.removeInstances({ name: this.#name, zone }, paths, call);
    const gone = new Set(instances);
    this.#change({ members: new Set([...this.#members].filter(one => !gone.has(one))) });
  }

  get #members(): ReadonlySet<string> {
    return this.#state?.members ?? new Set();
  }

  #change(changes: Partial<State>): void {
    const state = this.#state ?? nothingThere;
    this.#state = { ...state, ...changes };
  }
}

function isOurs({ description }: Group, cluster: string): boolean {
  const mark = parseMark(description);
  return mark !== undefined && mark.cluster === cluster && mark.owner === undefined;
}
