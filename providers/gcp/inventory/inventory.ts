import { LogicalClock } from '../../../src/provider/adapter/logical-clock.ts';
import { type Look, Sweep } from '../../../src/provider/adapter/sweep.ts';
import type { Call, LoadBalancerRef, ProviderClock } from '../../../src/provider/provider.ts';
import { ProviderError } from '../../../src/provider/provider-error.ts';
import type { GceApi } from '../client/gce-api.ts';
import type { GcpConfig } from '../config.ts';
import { nothingKnown, type OwnKind, ownKinds } from '../model/kinds.ts';
import { clusterPrefix, isKeptAddress, namesOf, sharedNames } from '../model/names.ts';
import { type LookOptions, look, type Seen } from './look.ts';
import { PartsRecord } from './parts-record.ts';

/** A verification shares the sweep of another one that is not older. */
const sweepMs = 240_000;

type InventoryConfig = Pick<GcpConfig, 'verifySeconds' | 'firewall'>;

/**
 * What there is of this cluster's balancers: read once for each leadership, kept by our own changes from then on, and read again when it is
 * old and somebody wants to be sure.
 */
export class Inventory {
  readonly #looks: LookOptions;
  readonly #cluster: string;
  readonly #clock: ProviderClock;
  readonly #time = new LogicalClock();
  readonly #sweep: Sweep<Seen>;
  readonly #verifyMs: number;
  readonly #records = new Map<string, PartsRecord>();
  #strangers: ReadonlyMap<string, string> = new Map();
  #absorbedAt = 0;
  /** Of the whole cluster: health check and its firewall rules. */
  shared: PartsRecord;

  constructor(api: GceApi, cluster: string, clock: ProviderClock, config: InventoryConfig) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#verifyMs = config.verifySeconds * 1_000;
    this.#looks = { api, cluster, mayLackFirewalls: config.firewall === 'none' };
    this.#sweep = new Sweep(clock, this.#time, call => look(this.#looks, clusterPrefix(cluster), call));
    this.shared = this.#newShared();
  }

  /** Nothing that was known before counts any more. */
  reset(): void {
    this.#sweep.reset();
    this.#records.clear();
    this.#strangers = new Map();
    this.#absorbedAt = 0;
    this.shared = this.#newShared();
  }

  record({ id, service }: Pick<LoadBalancerRef, 'id' | 'service'>): PartsRecord {
    const found = this.#records.get(id);
    if (found !== undefined) return found;
    const { namespace, name, uid } = service;
    const owner = { id, service: { namespace, name, uid } };
    const record = new PartsRecord(owner, namesOf(this.#cluster, uid).prefix, this.#time);
    this.#records.set(id, record);
    return record;
  }

  /** Brings a record up to date, as far as it needs that. */
  async prepare(record: PartsRecord, call: Call): Promise<void> {
    await this.prepareToDelete(record, call);
    if (!this.isVerified(record)) this.#absorb(await this.#sweep.get(call, { maxAgeMs: this.lookMs }));
  }

  /** What is known is enough to delete, however old, unless something is in doubt. */
  async prepareToDelete(record: PartsRecord, call: Call): Promise<void> {
    this.#absorb(await this.#sweep.get(call));
    if (record.isUnsure) await this.reread(record, call);
  }

  /** How old a look at something may be that a verification relies on. */
  get lookMs(): number {
    return Math.min(sweepMs, this.#verifyMs);
  }

  /** It has been compared with what there is, not long ago. */
  isVerified({ verifiedMs, isUnsure }: PartsRecord): boolean {
    return !isUnsure && this.#clock.monotonic() - verifiedMs <= this.#verifyMs;
  }

  /** Everything under its names, whatever was known. */
  async reread(record: PartsRecord, call: Call): Promise<void> {
    const at = this.#time.next();
    const beganMs = this.#clock.monotonic();
    const { owned, shared, strangers } = await look(this.#looks, record.prefix, call);
    const { owner } = record;
    record.see((owner === undefined ? shared : owned.get(owner.id)?.known) ?? nothingKnown, at, beganMs);
    const others = [...this.#strangers].filter(([key]) => !key.slice(key.indexOf('/') + 1).startsWith(record.prefix));
    this.#strangers = new Map([...others, ...strangers]);
  }

  /** Sweeps now, whatever was seen before. */
  async sweep(call: Call): Promise<void> {
    this.#absorb(await this.#sweep.get(call, { after: this.#time.next() }));
  }

  /** Those of which something is there. */
  existing(): readonly PartsRecord[] {
    return [...this.#records.values()].filter(record => !record.isNothing);
  }

  /** What has been deleted needs no record, unless a sweep that is under way could still show it. */
  forget(record: PartsRecord): void {
    if (record.owner !== undefined && !this.#sweep.isRunning) this.#records.delete(record.owner.id);
  }

  /** Throws where somebody else has the name. */
  assertFree(kind: OwnKind, name: string): void {
    const holder = this.#strangers.get(`${kind}/${name}`);
    if (holder !== undefined)
      throw new ProviderError(
        'rejected',
        `the name ${name} of ${kind} is taken by ${holder}: rename or delete what has it`,
      );
  }

  #absorb({ found, at, beganMs }: Look<Seen>): void {
    if (at <= this.#absorbedAt) return;
    this.#absorbedAt = at;
    this.#strangers = found.strangers;
    this.shared.see(found.shared, at, beganMs);
    for (const { owner } of found.owned.values()) this.record(owner);
    for (const [id, record] of this.#records) {
      record.see(found.owned.get(id)?.known ?? nothingKnown, at, beganMs);
    }
  }

  #newShared(): PartsRecord {
    return new PartsRecord(undefined, sharedNames(this.#cluster).healthCheck, this.#time);
  }
}

/** Only an address that is kept beyond its Service is left. Pure. */
export function isKeptOnly({ known, isUnsure }: PartsRecord): boolean {
  return (
    !isUnsure &&
    ownKinds.every(kind => kind === 'addresses' || known[kind].length === 0) &&
    known.addresses.every(({ name }) => isKeptAddress(name))
  );
}
