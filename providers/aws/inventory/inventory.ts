import { LogicalClock } from '../../../src/provider/adapter/logical-clock.ts';
import { type Freshness, type Look, Sweep } from '../../../src/provider/adapter/sweep.ts';
import type { Call, ProviderClock } from '../../../src/provider/provider.ts';
import type { Aws } from '../client/aws.ts';
import type { ObservedLoadBalancer, ObservedTargetGroup } from '../model/observed.ts';
import { tagKeys } from '../model/tags.ts';
import { BalancerRecord } from './balancer-record.ts';
import { holderIn } from './holder.ts';
import { isNothing, type KnownBalancer, type KnownTargetGroup, type Owner } from './known-balancer.ts';
import {
  type LoadBalancersSeen,
  lookAtLoadBalancers,
  lookAtSecurityGroups,
  lookAtTargetGroups,
  ownerOf,
  type SecurityGroupsSeen,
  type Tagged,
  type TargetGroupsSeen,
} from './looks.ts';

export interface InventoryOptions {
  readonly aws: Aws;
  readonly clock: ProviderClock;
  readonly cluster: string;
}

/**
 * What exists of this cluster's at AWS: looked at once a leadership, kept by our own actions from then on, and looked at anew where a
 * Service is verified or an answer was lost.
 */
export class Inventory {
  readonly time = new LogicalClock();
  readonly loadBalancers: Sweep<LoadBalancersSeen>;
  readonly targetGroups: Sweep<TargetGroupsSeen>;
  readonly securityGroups: Sweep<SecurityGroupsSeen>;
  readonly #cluster: string;
  readonly #records = new Map<string, BalancerRecord>();

  constructor({ aws, clock, cluster }: InventoryOptions) {
    this.#cluster = cluster;
    this.loadBalancers = new Sweep(clock, this.time, call => lookAtLoadBalancers(aws, cluster, call));
    this.targetGroups = new Sweep(clock, this.time, call => lookAtTargetGroups(aws, cluster, call));
    this.securityGroups = new Sweep(clock, this.time, call => lookAtSecurityGroups(aws, cluster, call));
  }

  /** Another leader may have changed everything. */
  reset(): void {
    this.#records.clear();
    for (const sweep of [this.loadBalancers, this.targetGroups, this.securityGroups]) sweep.reset();
  }

  /** Everything of ours, no older than asked for. */
  async look(call: Call, freshness: Freshness = {}): Promise<void> {
    await Promise.all([
      this.loadBalancers.get(call, freshness),
      this.targetGroups.get(call, freshness),
      this.securityGroups.get(call, freshness),
    ]);
    this.#forgetDeleted();
  }

  /**
   * What is known of a Service's balancer. In a warm process no request; after a lost answer a look at everything. Before anybody has looked
   * at the target groups they are left out for a balancer that does not exist: those that exist all the same are found when they are made.
   */
  async record(owner: Owner, call: Call): Promise<BalancerRecord> {
    let record = this.#records.get(owner.id);
    if (record === undefined) {
      record = new BalancerRecord(owner, this.time);
      this.#records.set(owner.id, record);
    }
    if (record.doubtedAt !== undefined) await this.refresh(record, call);
    else if (record.touchedAt === 0) await this.#meet(record, call);
    return record;
  }

  /** A balancer may have target groups that nobody has looked for: from a port that went while nobody led. */
  async meetTargetGroups(record: BalancerRecord, call: Call): Promise<void> {
    if (this.targetGroups.latest !== undefined) return;
    await this.targetGroups.get(call);
    this.#adopt(record);
  }

  /** Brings the record up to what a look has seen that is fresh enough, and began after our own last change. */
  async refresh(record: BalancerRecord, call: Call, maxAgeMs?: number): Promise<void> {
    await this.look(call, { after: record.touchedAt, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) });
    this.#adopt(record);
    record.trust();
  }

  /** Whose balancers exist, if only in part, by the last look. */
  owners(): readonly Owner[] {
    const owners = new Map<string, Owner>();
    for (const { latest } of [this.loadBalancers, this.targetGroups, this.securityGroups]) {
      for (const [id, parts] of latest?.found.ours ?? []) {
        const owner = ownerOf(parts[0]?.tags ?? {}, this.#cluster);
        if (owner !== undefined) owners.set(id, owner);
      }
    }
    return [...owners.values()];
  }

  /** Whether anything exists of another Service than this one. */
  hasOthersThan(id: string): boolean {
    const recorded = [...this.#records.values()].some(({ owner, known }) => owner.id !== id && !isNothing(known));
    return recorded || this.owners().some(owner => owner.id !== id && !this.#records.has(owner.id));
  }

  /** Who has a name that this Service wants; `undefined`: nobody else, as far as was seen. */
  holderOf(name: string, { id }: Owner): string | undefined {
    const look = this.loadBalancers.latest;
    const found = look?.found.byName.get(name);
    const holder = found?.tags[tagKeys.id];
    if (look === undefined || found === undefined || holder === id) return undefined;
    const record = holder === undefined ? undefined : this.#records.get(holder);
    const isGone = record !== undefined && record.touchedAt > look.at && record.known.loadBalancer === undefined;
    return isGone ? undefined : holderIn(found.tags);
  }

  /** How many network load balancers the account has in the region, as far as is known. */
  countLoadBalancers(): number {
    const arns = new Set([...(this.loadBalancers.latest?.found.byName.values() ?? [])].map(({ arn }) => arn));
    for (const { known } of this.#records.values())
      if (known.loadBalancer !== undefined) arns.add(known.loadBalancer.arn);
    return arns.size;
  }

  async #meet(record: BalancerRecord, call: Call): Promise<void> {
    const { id } = record.owner;
    const [balancers, groups] = await Promise.all([this.loadBalancers.get(call), this.securityGroups.get(call)]);
    const exists = balancers.found.ours.has(id) || groups.found.ours.has(id);
    if (exists) await this.targetGroups.get(call);
    this.#adopt(record);
  }

  /** Only what began after our own last change tells anything. */
  #adopt(record: BalancerRecord): void {
    const { id } = record.owner;
    const news = <Found>(look: Look<Found> | undefined): Found | undefined =>
      look !== undefined && look.at > record.touchedAt ? look.found : undefined;
    const balancers = news(this.loadBalancers.latest)?.ours;
    const groups = news(this.targetGroups.latest)?.ours;
    const securityGroups = news(this.securityGroups.latest)?.ours;
    const before = record.known;
    if (balancers !== undefined) record.update(balancersOf(balancers.get(id) ?? [], before));
    if (groups !== undefined) record.update({ targetGroups: targetGroupsOf(groups.get(id) ?? [], before) });
    if (securityGroups !== undefined) record.update({ securityGroup: securityGroups.get(id)?.[0] });
  }

  /** What has been deleted is remembered until a look that began later cannot show it any more. */
  #forgetDeleted(): void {
    const oldest = Math.min(
      ...[this.loadBalancers, this.targetGroups, this.securityGroups].map(({ latest }) => latest?.at ?? 0),
    );
    for (const [id, record] of this.#records)
      if (record.touchedAt > 0 && record.touchedAt < oldest && isNothing(record.known)) this.#records.delete(id);
  }
}

function balancersOf(found: readonly (ObservedLoadBalancer & Tagged)[], before: KnownBalancer): Partial<KnownBalancer> {
  const old = before.loadBalancer;
  const chosen = found.find(({ arn }) => arn === old?.arn) ?? found[0];
  const others = found.filter(one => one !== chosen).map(one => ({ ...one, attributes: undefined }));
  if (chosen === undefined) return { loadBalancer: undefined, duplicates: [], listeners: [] };
  const same = chosen.arn === old?.arn;
  return {
    loadBalancer: { ...chosen, attributes: same ? old.attributes : undefined },
    duplicates: others,
    listeners: same ? before.listeners : undefined,
  };
}

function targetGroupsOf(
  found: readonly (ObservedTargetGroup & Tagged)[],
  before: KnownBalancer,
): readonly KnownTargetGroup[] {
  return found.map(one => {
    const old = before.targetGroups.find(({ arn }) => arn === one.arn);
    return { ...one, attributes: old?.attributes, targets: old?.targets };
  });
}
