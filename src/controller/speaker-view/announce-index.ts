import type { Node } from '../../kube/objects.ts';
import type { AnnouncedService } from '../../plan/announce/announced-service.ts';
import { type Claimant, candidatesOf, firstObstacle, interfacesOf } from '../../plan/announce/candidates.ts';
import { type NodeChoice, whyNotEndpoints, whyNotNode } from '../../plan/announce/why-not.ts';
import type { LabelSelector } from '../../plan/label-selector.ts';
import type { AnnouncementObstacle } from '../../plan/words.ts';
import type { Advertisement, AnnouncedAddress, AnnouncerView, SpeakerNode } from '../../provider/announcer.ts';
import { SliceIndex } from '../endpoints/slice-index.ts';
import { NodeChoices } from './node-choices.ts';
import { RecordIndex } from './record-index.ts';
import type { SpeakerRecord } from './speaker-record.ts';

export interface AnnounceIndexOptions {
  /** This node. */
  readonly node: string;
  /** The operator's. */
  readonly nodeSelector: LabelSelector;
  /** Undefined: the provider leaves it to the nodes. */
  readonly advertisementOf: (address: string, service: AnnouncedService) => Advertisement | undefined;
}

/**
 * What the announcer has to know, kept up to date piece by piece: a change of one Service or of its endpoints recomputes its own
 * addresses and no others. Everything that comes out is frozen, and the same object as long as it says the same.
 */
export class AnnounceIndex {
  readonly #options: AnnounceIndexOptions;
  readonly #services = new Map<string, AnnouncedService>();
  /** Address → keys of the Services that have it. */
  readonly #holders = new Map<string, Set<string>>();
  /** The nodes with an endpoint that takes traffic. */
  readonly #endpoints = new SliceIndex<readonly string[], ReadonlySet<string>>({
    same: (a, b) => a.join() === b.join(),
    gather: parts => new Set([...parts].flat()),
  });
  readonly #choices: NodeChoices;
  readonly #records: RecordIndex;
  readonly #entries = new Map<string, AnnouncedAddress>();
  #leases: readonly SpeakerNode[] = [];
  #nodes: readonly SpeakerNode[] = [];
  #dirty: Set<string> | 'all' = 'all';
  #view: AnnouncerView = Object.freeze({ addresses: Object.freeze([]), nodes: [] });

  constructor(options: AnnounceIndexOptions) {
    this.#options = options;
    this.#choices = new NodeChoices(options.node);
    this.#records = new RecordIndex(options.node);
    this.#gatherNodes();
  }

  /** `service` undefined: nothing is announced for it. */
  serviceChanged(key: string, service: AnnouncedService | undefined): void {
    for (const address of this.#services.get(key)?.addresses ?? []) {
      const holders = this.#holders.get(address);
      holders?.delete(key);
      if (holders?.size === 0) this.#holders.delete(address);
      this.#touch(address);
    }
    if (service === undefined) this.#services.delete(key);
    else this.#services.set(key, service);
    for (const address of service?.addresses ?? []) {
      this.#holders.set(address, (this.#holders.get(address) ?? new Set()).add(key));
      this.#touch(address);
    }
  }

  /** `nodes`: with an endpoint that takes traffic; undefined: the slice is gone. */
  sliceChanged(service: string, slice: string, nodes: readonly string[] | undefined): void {
    if (!this.#endpoints.set(service, slice, nodes)) return;
    for (const address of this.#services.get(service)?.addresses ?? []) this.#touch(address);
  }

  nodeChanged(name: string, node: Node | undefined): void {
    if (this.#choices.nodeChanged(name, node)) this.#dirty = 'all';
  }

  /** The operator's configuration is another. */
  advertisementsChanged(): void {
    this.#dirty = 'all';
  }

  /** All that there are. Returns whether anything is different: a mere renewal changes nothing. */
  leasesChanged(leases: readonly SpeakerNode[]): boolean {
    const before = this.#nodes;
    this.#leases = leases;
    this.#gatherNodes();
    return this.#nodes !== before || this.#dirty === 'all';
  }

  /** All that there are. */
  recordsChanged(records: readonly SpeakerRecord[]): void {
    const touched = this.#records.replace(records);
    if (touched === 'all') this.#dirty = 'all';
    else for (const address of touched) this.#touch(address);
    this.#gatherNodes();
  }

  /** The world as it is now; the same object as before where nothing is different. */
  view(): AnnouncerView {
    const all = this.#dirty === 'all';
    const dirty = this.#dirty === 'all' ? new Set([...this.#holders.keys(), ...this.#entries.keys()]) : this.#dirty;
    if (all) this.#choices.renew();
    let isAnother = this.#view.nodes !== this.#nodes;
    for (const address of dirty) isAnother = this.#recompute(address) || isAnother;
    this.#dirty = new Set();
    if (isAnother)
      this.#view = Object.freeze({ addresses: Object.freeze([...this.#entries.values()]), nodes: this.#nodes });
    return this.#view;
  }

  /** As the last view has it. */
  find(address: string): AnnouncedAddress | undefined {
    return this.#entries.get(address);
  }

  servicesAt(address: string): readonly AnnouncedService[] {
    return [...(this.#holders.get(address) ?? [])].flatMap(key => this.#services.get(key) ?? []);
  }

  /** The nodes that exist, by name. */
  nodeNames(): readonly string[] {
    return this.#choices.names();
  }

  /** Why a node may not announce an address; undefined: it may. */
  whyNot(address: string, node: string): AnnouncementObstacle | undefined {
    const keys = [...(this.#holders.get(address) ?? [])];
    return firstObstacle(keys.map(key => this.#whyNotFor(key, address, node)));
  }

  #whyNotFor(key: string, address: string, node: string): AnnouncementObstacle | undefined {
    const service = this.#services.get(key);
    const endpoints = this.#endpoints.of(key);
    if (service === undefined || endpoints.size === 0) return 'NoEndpoint';
    const obstacle = whyNotNode(this.#choices.node(node), this.#choiceFor(address, service));
    return obstacle ?? whyNotEndpoints(node, service.policy, endpoints);
  }

  #touch(address: string): void {
    if (this.#dirty !== 'all') this.#dirty.add(address);
  }

  /** Returns whether the address is announced otherwise now. */
  #recompute(address: string): boolean {
    const previous = this.#entries.get(address);
    if (!this.#holders.has(address)) {
      this.#records.forget(address);
      return this.#entries.delete(address);
    }
    const next = this.#entry(address);
    if (previous !== undefined && isSame(previous, next)) return false;
    this.#entries.set(address, Object.freeze(next));
    return true;
  }

  #entry(address: string): AnnouncedAddress {
    const claimants = [...(this.#holders.get(address) ?? [])].flatMap(key => this.#claimant(key, address));
    const candidates = this.#choices.shared(candidatesOf(claimants));
    const interfaces = interfacesOf(claimants);
    return {
      address,
      candidates,
      ...(interfaces.length > 0 && { interfaces }),
      announcedBefore: this.#records.announcedBefore(address, this.servicesAt(address), candidates),
      recordedClaims: this.#records.claims(address),
    };
  }

  #claimant(key: string, address: string): readonly Claimant[] {
    const service = this.#services.get(key);
    if (service === undefined) return [];
    const { nodes, interfaces } = this.#choices.get(this.#choiceFor(address, service));
    return [{ nodes, interfaces, policy: service.policy, endpoints: this.#endpoints.of(key) }];
  }

  #choiceFor(address: string, service: AnnouncedService): NodeChoice {
    const { nodeSelector, advertisementOf } = this.#options;
    return { operator: nodeSelector, service: service.selector, advertisement: advertisementOf(address, service) };
  }

  /**
   * This node, and all that have a Lease or a record, or had one. That it is a candidate this node believes when its Lease has arrived, as
   * all others do: who believes it earlier claims what the others give to one another.
   */
  #gatherNodes(): void {
    const all = new Map<string, SpeakerNode>();
    for (const node of this.#records.nodes()) all.set(node, without(node));
    for (const one of this.#leases) all.set(one.node, one);
    if (this.#choices.speakersChanged(new Set(all.keys()), this.#records.drained())) this.#dirty = 'all';
    const self = this.#options.node;
    if (!all.has(self)) all.set(self, without(self));
    const nodes = [...all.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
    if (JSON.stringify(nodes) !== JSON.stringify(this.#nodes))
      this.#nodes = Object.freeze(nodes.map(one => Object.freeze(one)));
  }
}

function without(node: string): SpeakerNode {
  return { node, lease: 'none', bootId: '' };
}

function isSame(a: AnnouncedAddress, b: AnnouncedAddress): boolean {
  return (
    a.candidates === b.candidates &&
    a.announcedBefore === b.announcedBefore &&
    a.interfaces?.join() === b.interfaces?.join() &&
    JSON.stringify(a.recordedClaims) === JSON.stringify(b.recordedClaims)
  );
}
