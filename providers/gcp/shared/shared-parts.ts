import type { Call, IpFamily, Warning } from '../../../src/provider/provider.ts';
import { isInUse } from '../client/classify-error.ts';
import type { GceApi } from '../client/gce-api.ts';
import type { Firewall } from '../client/resources.ts';
import type { GcpConfig } from '../config.ts';
import { firewallBase } from '../desired/firewall-base.ts';
import { portOf, probeFirewall, repairedCheck, sharedCheck } from '../desired/health-checks.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { markText } from '../model/marks.ts';
import { type SharedNames, sharedNames } from '../model/names.ts';
import { sameFirewall } from '../plan/same-firewall.ts';
import { byHand, ensureFirewall } from '../writing/ensure-firewall.ts';
import { Mutex } from '../writing/mutex.ts';
import { together } from '../writing/together.ts';
import { Writer } from '../writing/writer.ts';

/** The health check that all Services of policy Cluster share, and the firewall rules that let its probes in. */
export class SharedParts {
  readonly #api: GceApi;
  readonly #inventory: Inventory;
  readonly #config: GcpConfig;
  readonly #cluster: string;
  readonly #names: SharedNames;
  readonly #mutex = new Mutex();
  /** Of the operator's network the rules are somebody else's: see `ensureFirewall`. */
  readonly #forbidden = new Set<string>();

  constructor(api: GceApi, inventory: Inventory, cluster: string, config: GcpConfig) {
    this.#api = api;
    this.#inventory = inventory;
    this.#cluster = cluster;
    this.#config = config;
    this.#names = sharedNames(cluster);
  }

  /** By the first who asks; the others wait for it. Returns what people must do by hand. */
  async ensure(families: readonly IpFamily[], call: Call): Promise<readonly Warning[]> {
    if (!this.#isWhole(families)) await this.#mutex.run(call.signal, () => this.#ensureAll(families, call));
    const forbidden = this.#wanted(families).filter(({ name }) => this.#forbidden.has(name));
    return forbidden.map(rule => byHand(rule, this.#config.networkProject ?? this.#config.project));
  }

  /** With the last Service; while somebody else uses the health check, it and the way to it stay. */
  async delete(call: Call): Promise<void> {
    await this.#mutex.run(call.signal, async () => {
      const record = this.#inventory.shared;
      if (record.isUnsure) await this.#inventory.reread(record, call);
      const writer = new Writer(this.#api, this.#inventory, record, call);
      try {
        await together(record.known.healthChecks.map(({ name }) => writer.delete('healthChecks', name)));
      } catch (error) {
        if (isInUse(error)) return;
        throw error;
      }
      await together(record.known.firewalls.map(({ name }) => writer.delete('firewalls', name)));
    });
  }

  #isWhole(families: readonly IpFamily[]): boolean {
    const { known, isUnsure } = this.#inventory.shared;
    const check = known.healthChecks[0];
    return (
      !isUnsure &&
      check !== undefined &&
      repairedCheck(sharedCheck, check, {}) === undefined &&
      this.#wanted(families).every(wanted => {
        const found = known.firewalls.find(({ name }) => name === wanted.name);
        return this.#forbidden.has(wanted.name) || (found !== undefined && sameFirewall(wanted, found));
      })
    );
  }

  async #ensureAll(families: readonly IpFamily[], call: Call): Promise<void> {
    if (this.#isWhole(families)) return;
    const record = this.#inventory.shared;
    if (record.isUnsure) await this.#inventory.reread(record, call);
    const writer = new Writer(this.#api, this.#inventory, record, call);
    await together([
      this.#ensureCheck(writer),
      ...this.#wanted(families).map(async wanted => {
        if ((await ensureFirewall(writer, wanted)) === 'forbidden') this.#forbidden.add(wanted.name);
      }),
    ]);
  }

  async #ensureCheck(writer: Writer): Promise<void> {
    const { healthCheck: name } = this.#names;
    const found = writer.find('healthChecks', name);
    if (found === undefined) {
      await writer.insert('healthChecks', { name, description: markText({ cluster: this.#cluster }), ...sharedCheck });
      return;
    }
    const repaired = repairedCheck(sharedCheck, found, {});
    if (repaired !== undefined) await writer.patch('healthChecks', name, repaired);
  }

  #wanted(families: readonly IpFamily[]): readonly Firewall[] {
    if (this.#config.firewall === 'none') return [];
    return families.map(family => ({
      name: this.#names.firewall(family),
      description: markText({ cluster: this.#cluster }),
      ...firewallBase(this.#config),
      ...probeFirewall(family, portOf(sharedCheck)),
    }));
  }
}
