import type { Backend, Call, ProviderClock } from '../../../src/provider/provider.ts';
import { providerErrorCode } from '../../../src/provider/provider-error.ts';
import type { GceApi } from '../client/gce-api.ts';
import { nameOf, zoneOf } from '../client/links.ts';
import type { GcpConfig } from '../config.ts';
import type { RejectedNode } from '../desired/nodes.ts';
import { together } from '../writing/together.ts';
import { WantedNodes } from './wanted-nodes.ts';
import { type WantedInZone, ZoneGroups } from './zone-groups.ts';

export interface SyncedGroups {
  /** Paths, sorted: where the Service's nodes are. */
  readonly groups: readonly string[];
  readonly registered: number;
  readonly rejected: readonly RejectedNode[];
  /** Zones whose groups could not be brought up to date: the others are. */
  readonly late: readonly LateZone[];
}

export interface LateZone {
  readonly zone: string;
  readonly error: unknown;
}

export interface GroupsOptions {
  readonly api: GceApi;
  readonly cluster: string;
  readonly config: GcpConfig;
  readonly clock: ProviderClock;
}

/** What one Service wants of the groups. */
export interface Wanting {
  readonly id: string;
  readonly backends: readonly Backend[];
  /** Of a proxied Service. */
  readonly nodePorts: readonly number[];
}

/** The cluster's instance groups, one in each zone with nodes: a change of nodes is one call for each zone, however many Services there are. */
export class InstanceGroups {
  readonly #options: GroupsOptions;
  readonly #zones = new Map<string, ZoneGroups>();
  readonly #wanted: WantedNodes;
  /** Of proxied Services, by id. */
  readonly #ports = new Map<string, readonly number[]>();

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#wanted = new WantedNodes(options.config);
  }

  /** Nothing that was known before counts any more; these are the Services that there are, and the groups that are in use, by path. */
  reset(held: readonly Wanting[], inUse: ReadonlySet<string>): void {
    this.#zones.clear();
    this.#wanted.clear();
    this.#ports.clear();
    for (const { id, backends, nodePorts } of held) {
      this.#wanted.set(id, backends);
      if (nodePorts.length > 0) this.#ports.set(id, nodePorts);
    }
    for (const path of inUse) {
      const zone = zoneOf(path);
      if (zone !== undefined) this.#zone(zone);
    }
  }

  /**
   * Brings all groups to what all Services want, and says where this one's nodes are. `maxAgeMs`: those that were looked at longer ago are
   * looked at again.
   */
  async sync({ id, backends, nodePorts }: Wanting, call: Call, maxAgeMs?: number): Promise<SyncedGroups> {
    if (maxAgeMs !== undefined) for (const zone of this.#zones.values()) zone.doubtOlderThan(maxAgeMs);
    const { zones, rejected } = this.#wanted.set(id, backends);
    if (nodePorts.length > 0) this.#ports.set(id, nodePorts);
    for (const zone of zones.keys()) this.#zone(zone);
    const late = await this.#syncAll(call);
    const refused = [...zones].flatMap(([zone, instances]) =>
      instances.filter(one => this.#zone(zone).isRefused(one)).map(one => ({ zone, one })),
    );
    const notTaken = refused.flatMap(({ zone, one }) => {
      const node = backends.find(({ providerId }) => providerId.endsWith(`/${one}`))?.node;
      return node === undefined ? [] : [{ node, reason: `there is no instance ${one} in ${zone}` }];
    });
    return {
      groups: [...zones].flatMap(([zone, instances]) => this.#zone(zone).groupsOf(instances)).sort(),
      registered: [...zones.values()].reduce((sum, { length }) => sum + length, 0) - refused.length,
      rejected: [...rejected, ...notTaken],
      late,
    };
  }

  /** A zone that is in trouble stops no balancer while another one stands; what was clearly refused does. */
  async #syncAll(call: Call): Promise<readonly LateZone[]> {
    const zones = [...this.#zones];
    const ends = await Promise.allSettled(zones.map(([zone, groups]) => groups.sync(this.#wantedIn(zone), call)));
    const late = ends.flatMap((end, n) =>
      end.status === 'rejected' ? [{ zone: zones[n]?.[0] ?? '', error: end.reason as unknown }] : [],
    );
    const fatal = late.find(({ error }) => providerErrorCode(error) !== undefined || late.length === zones.length);
    if (fatal !== undefined) throw fatal.error;
    call.signal.throwIfAborted();
    return late;
  }

  remove(id: string): void {
    this.#wanted.remove(id);
  }

  /** After its last proxy has gone. */
  async dropPorts(id: string, call: Call): Promise<void> {
    if (!this.#ports.delete(id)) return;
    await together([...this.#zones].map(([zone, groups]) => groups.dropPorts(this.#wantedIn(zone), call)));
  }

  /** They are looked at again. */
  doubt(): void {
    for (const zone of this.#zones.values()) zone.doubt();
  }

  /** False: that has been tried. */
  useOthers(): boolean {
    const zones = [...this.#zones.values()].filter(zone => !zone.usesOthers);
    for (const zone of zones) zone.useOthers();
    return zones.length > 0;
  }

  /** With the last Service: in every zone of the region, since nodes may have been where they are not any more. */
  async deleteAll(call: Call): Promise<void> {
    const region = await this.#options.api.get('regions', { name: this.#options.config.region }, call);
    for (const path of region?.zones ?? []) this.#zone(nameOf(path));
    await together([...this.#zones.values()].map(zone => zone.delete(call)));
  }

  #zone(zone: string): ZoneGroups {
    const found = this.#zones.get(zone);
    if (found !== undefined) return found;
    const { api, cluster, clock, config } = this.#options;
    const groups = new ZoneGroups({ api, cluster, clock, zone, prefix: config.instanceGroupPrefix });
    this.#zones.set(zone, groups);
    return groups;
  }

  #wantedIn(zone: string): WantedInZone {
    return {
      instances: this.#wanted.zones.get(zone) ?? new Set(),
      mayLeave: instance => this.#wanted.mayLeave(instance),
      ports: new Set([...this.#ports.values()].flat()),
    };
  }
}
