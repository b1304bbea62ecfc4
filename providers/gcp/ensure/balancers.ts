import type {
  Call,
  Deleted,
  Ensured,
  LoadBalancer,
  LoadBalancerRef,
  ProviderClock,
  Warning,
} from '../../../src/provider/provider.ts';
import { type ParsedSettings, parseSettings } from '../annotations/parse-settings.ts';
import {
  gceFaultOf,
  isAlreadyExists,
  isFingerprintStale,
  isInUse,
  isNotFound,
  isStillRunning,
} from '../client/classify-error.ts';
import type { GceApi } from '../client/gce-api.ts';
import type { GcpConfig } from '../config.ts';
import { type Desired, desiredBalancer } from '../desired/desired-balancer.ts';
import { presentOf } from '../desired/present.ts';
import { Inventory, isKeptOnly } from '../inventory/inventory.ts';
import type { PartsRecord } from '../inventory/parts-record.ts';
import { isKeptAddress } from '../model/names.ts';
import { Gate } from '../shared/gate.ts';
import { InstanceGroups, type SyncedGroups } from '../shared/instance-groups.ts';
import { SharedParts } from '../shared/shared-parts.ts';
import { together } from '../writing/together.ts';
import { Writer } from '../writing/writer.ts';
import { type AskedAddresses, bare, observeAskedAddresses } from './addresses.ts';
import { answer, hasGroups, lateAnswer, messageOf, publishedOf, soon, stillPending, wantingOf } from './answers.ts';
import { fingerprint } from './fingerprint.ts';
import { makeFrontend } from './make-frontend.ts';
import { makeProxies } from './make-proxies.ts';
import { leftoversOf, type Making, makeBackendService, makeHealthCheck, removeParts } from './own-parts.ts';

/** Something of ours was not as it was known: after another look it is tried again, so often. */
const mostAttempts = 3;

interface Shared {
  readonly groups: SyncedGroups;
  readonly warnings: readonly Warning[];
}

/** The verbs of the contract. */
export class Balancers {
  readonly #api: GceApi;
  readonly #config: GcpConfig;
  readonly #clock: ProviderClock;
  readonly #inventory: Inventory;
  readonly #groups: InstanceGroups;
  readonly #shared: SharedParts;
  readonly #gate = new Gate();

  constructor(api: GceApi, cluster: string, config: GcpConfig, clock: ProviderClock) {
    this.#api = api;
    this.#config = config;
    this.#clock = clock;
    this.#inventory = new Inventory(api, cluster, clock, config);
    this.#groups = new InstanceGroups({ api, cluster, config, clock });
    this.#shared = new SharedParts(api, this.#inventory, cluster, config);
  }

  async restore(held: readonly LoadBalancer[], call: Call): Promise<void> {
    this.#inventory.reset();
    await this.#inventory.sweep(call);
    const groups = this.#inventory
      .existing()
      .flatMap(({ known }) => known.backendServices.flatMap(({ backends = [] }) => backends.map(({ group }) => group)));
    this.#groups.reset(held.map(wantingOf), new Set(groups));
  }

  async list(cluster: string, call: Call): Promise<readonly LoadBalancerRef[]> {
    await this.#inventory.sweep(call);
    return this.#inventory
      .existing()
      .flatMap(record => (record.owner === undefined || isKeptOnly(record) ? [] : [{ ...record.owner, cluster }]));
  }

  async ensure(loadBalancer: LoadBalancer, call: Call): Promise<Ensured> {
    call.signal.throwIfAborted();
    const parsed = parseSettings(loadBalancer.annotations);
    const record = this.#inventory.record(loadBalancer);
    return this.#gate.use(call.signal, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#attempt(loadBalancer, parsed, record, call);
        } catch (error) {
          if (isStillRunning(error)) return stillPending(error, loadBalancer);
          if (attempt === mostAttempts || !this.#learnsFrom(error, record)) throw isInUse(error) ? soon(error) : error;
        }
      }
    });
  }

  async delete(ref: LoadBalancerRef, call: Call): Promise<Deleted> {
    call.signal.throwIfAborted();
    const record = this.#inventory.record(ref);
    await this.#inventory.prepareToDelete(record, call);
    this.#groups.remove(ref.id);
    try {
      const { addresses, ...others } = record.known;
      const going = addresses.filter(({ name }) => !isKeptAddress(name));
      await removeParts(this.#writer(record, call), { ...others, addresses: going });
      await this.#groups.dropPorts(ref.id, call);
      await this.#gate.close(
        () => this.#inventory.existing().every(isKeptOnly),
        async () => {
          await together([this.#shared.delete(call), this.#groups.deleteAll(call)]);
        },
      );
    } catch (error) {
      if (!isInUse(error) && !isStillRunning(error)) throw error;
      const reason = gceFaultOf(error)?.message ?? messageOf(error);
      return { state: 'pending', reason, retryAfterMs: Math.min(2_000 * 2 ** record.waits++, 60_000) };
    }
    this.#inventory.forget(record);
    return { state: 'deleted' };
  }

  close(): void {
    this.#api.close();
  }

  async #attempt(
    loadBalancer: LoadBalancer,
    { settings, warnings }: ParsedSettings,
    record: PartsRecord,
    call: Call,
  ): Promise<Ensured> {
    const isKnown = record.fingerprint !== undefined;
    const maxAgeMs = isKnown && !this.#inventory.isVerified(record) ? this.#inventory.lookMs : undefined;
    await this.#inventory.prepare(record, call);
    const present = presentOf(record.known);
    const desired = desiredBalancer({ loadBalancer, settings, config: this.#config, present });
    const question = fingerprint(loadBalancer);
    const asked = await this.#askedAddresses(loadBalancer, settings.addressNames, desired, record, question, call);
    const { groups, warnings: byHand } = await this.#ensureShared(loadBalancer, desired, call, maxAgeMs);
    const { settled } = record;
    if (
      settled?.fingerprint === question &&
      this.#inventory.isVerified(record) &&
      groups.late.length === 0 &&
      hasGroups(record, groups.groups, desired)
    )
      return answer(settled.answer, groups);
    const told: Warning[] = [...warnings, ...desired.warnings, ...asked.warnings, ...byHand];
    const ingress = await this.#make({
      api: this.#api,
      config: this.#config,
      call,
      record,
      writer: this.#writer(record, call),
      desired: desired.balancer,
      groups: groups.groups,
      asked: asked.asked,
      published: publishedOf(loadBalancer),
      warn: warning => told.push(warning),
    });
    record.fingerprint = question;
    if (groups.late.length > 0) return lateAnswer(ingress, told, groups);
    record.settled = { fingerprint: question, answer: { ingress, warnings: told } };
    record.verifiedMs = this.#clock.monotonic();
    return answer(record.settled.answer, groups);
  }

  async #make(making: Making): Promise<Ensured['ingress']> {
    await makeHealthCheck(making);
    const { desired, record, writer } = making;
    if (desired.proxied !== undefined) {
      const address = await makeProxies(making, desired.proxied);
      await removeParts(writer, leftoversOf(record.known, desired));
      return [{ ip: bare(address), ipMode: 'Proxy' }];
    }
    await makeBackendService(making);
    const addresses = await together(desired.frontends.map(frontend => makeFrontend(making, frontend)));
    await removeParts(writer, leftoversOf(record.known, desired));
    return addresses.map(address => ({ ip: bare(address) }));
  }

  /** Once: when rules are to be made, or the user asks for something else. */
  async #askedAddresses(
    loadBalancer: LoadBalancer,
    names: readonly string[],
    { balancer: desired }: Desired,
    { known, fingerprint: before, settled }: PartsRecord,
    question: string,
    call: Call,
  ): Promise<AskedAddresses> {
    const isNew = known.forwardingRules.length === 0 || (before !== undefined && before !== question);
    const isAsked = names.length > 0 || loadBalancer.requestedAddresses.length > 0;
    if (!isAsked || !isNew || settled?.fingerprint === question) return { asked: [], warnings: [] };
    return observeAskedAddresses({ api: this.#api, loadBalancer, names, desired, known }, call);
  }

  /** The groups of nodes, and beside them what all Services have in common. */
  async #ensureShared(
    loadBalancer: LoadBalancer,
    desired: Desired,
    call: Call,
    maxAgeMs: number | undefined,
  ): Promise<Shared> {
    const { id, backends, ipFamilies } = loadBalancer;
    const nodePorts = (desired.balancer.proxied ?? []).map(({ nodePort }) => nodePort);
    const groups = this.#groups.sync({ id, backends, nodePorts }, call, maxAgeMs);
    const needsCheck = desired.balancer.healthCheck === undefined;
    const warnings = needsCheck ? this.#shared.ensure(ipFamilies, call) : Promise.resolve([]);
    await together<unknown>([groups, warnings]);
    return { groups: await groups, warnings: await warnings };
  }

  /** Whether another look can help. */
  #learnsFrom(error: unknown, record: PartsRecord): boolean {
    if (/instanceInMultipleLoadBalanced/i.test(`${gceFaultOf(error)?.reason} ${gceFaultOf(error)?.message}`)) {
      record.doubt();
      return this.#groups.useOthers();
    }
    if (!isAlreadyExists(error) && !isFingerprintStale(error) && !isNotFound(error)) return false;
    record.doubt();
    this.#inventory.shared.doubt();
    this.#groups.doubt();
    return true;
  }

  #writer(record: PartsRecord, call: Call): Writer {
    return new Writer(this.#api, this.#inventory, record, call);
  }
}
