import type { KubeClient } from '../../kube/client.ts';
import type { Clock, Random } from '../../kube/clock.ts';
import type { EndpointSlice, Lease, Node } from '../../kube/objects.ts';
import type { Change } from '../../kube/store.ts';
import { type AnnouncedService, announcedService } from '../../plan/announce/announced-service.ts';
import { endpointNodes } from '../../plan/announce/endpoint-nodes.ts';
import type { LabelSelector } from '../../plan/label-selector.ts';
import type { Advertisement, AnnouncerView } from '../../provider/announcer.ts';
import type { Provider, ResourceView } from '../../provider/provider.ts';
import { serviceOf } from '../endpoints/slices.ts';
import type { KindFeed, Kinds } from '../kinds/kinds.ts';
import type { Log } from '../log.ts';
import { leasePrefix } from '../speaker/node-lease.ts';
import { AnnounceIndex } from './announce-index.ts';
import { LeaseTable } from './lease-table.ts';
import { speakerRecord, speakersKind } from './speaker-record.ts';
import { SpeakerStores } from './speaker-stores.ts';

export interface ViewSourceOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly kinds: Kinds;
  /** The provider instance that announces. */
  readonly instance: string;
  readonly provider: Pick<Provider, 'advertisement' | 'capabilities'>;
  readonly node: string;
  /** The operator's. */
  readonly nodeSelector: LabelSelector;
  readonly leaseNamespace: string;
  /** Another view, or something else that the node's own status tells. */
  readonly changed: () => void;
  readonly pageSize?: number;
}

/** Changes that come together are told together. */
const gatherMs = 20;
/** Each telling looks at all addresses: while thousands come one after the other, it takes a sixth of the time at most. */
const restFactor = 5;

/** Keeps the announcer's view of the world up to date, from the API server. What was last known stands while that is away. */
export class ViewSource {
  readonly index: AnnounceIndex;
  readonly #options: ViewSourceOptions;
  readonly #leases = new LeaseTable();
  readonly #stores: SpeakerStores;
  readonly #records: ResourceView;
  readonly #nodesFeed: KindFeed;
  #view: AnnouncerView | undefined;
  #isComplete = false;
  #isDue = false;
  /** Monotonic. */
  #restUntil = 0;

  constructor(options: ViewSourceOptions) {
    const { node, nodeSelector, kinds } = options;
    this.#options = options;
    const advertisementOf = (address: string, service: AnnouncedService) => this.#advertisementOf(address, service);
    this.index = new AnnounceIndex({ node, nodeSelector, advertisementOf });
    this.#nodesFeed = kinds.feed({ group: '', version: 'v1', plural: 'nodes' });
    this.#records = kinds.view('', speakersKind, () => this.recordsChanged());
    this.#stores = new SpeakerStores({
      ...options,
      changed: {
        service: ({ key, current }) => {
          this.index.serviceChanged(key, current && announcedService(current, options.instance));
          this.#soon();
        },
        slice: change => this.#sliceChanged(change),
        node: change => this.#nodeChanged(change),
        lease: change => this.#leaseChanged(change),
      },
    });
  }

  /** Undefined until everything has been read: an empty one would withdraw every address. */
  get view(): AnnouncerView | undefined {
    return this.#view;
  }

  /** Why the Speaker objects cannot be read at present. */
  get recordsProblem(): string | undefined {
    return this.#records.problem;
  }

  /** This node's object. */
  get node(): Node | undefined {
    return this.#stores.nodes.get(this.#options.node);
  }

  /** Reads until the signal aborts; resolves when everything has been read once. */
  async follow(signal: AbortSignal): Promise<void> {
    const { kinds, instance, log } = this.#options;
    try {
      kinds.refresh(signal);
      await this.#stores.follow(signal);
      this.#nodesFeed.listed(this.#stores.nodes.values());
      await Promise.all([kinds.ready(instance, signal), kinds.ready('', signal)]);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) return;
    log.info({ services: this.#stores.services.size, nodes: this.#stores.nodes.size }, 'the API server has been read');
    this.#isComplete = true;
    this.recordsChanged();
    this.#tell();
  }

  /** A kind that the provider is configured by is another. */
  configurationChanged(): void {
    this.index.advertisementsChanged();
    this.#soon();
  }

  /** Some Speaker object is another. Of what this process has written itself the kind's view tells nobody. */
  recordsChanged(): void {
    this.index.recordsChanged((this.#records.items ?? []).map(speakerRecord));
    this.#soon();
  }

  #sliceChanged({ key, previous, current }: Change<EndpointSlice>): void {
    // A slice may be given to another Service.
    if (previous !== undefined) this.index.sliceChanged(serviceOf(previous), key, undefined);
    if (current !== undefined) this.index.sliceChanged(serviceOf(current), key, endpointNodes(current));
    this.#soon();
  }

  #nodeChanged({ key, current }: Change<Node>): void {
    this.#nodesFeed.changed(key, current);
    this.index.nodeChanged(key, current);
    this.#soon();
  }

  #leaseChanged({ previous, current }: Change<Lease>): void {
    const node = (current ?? previous)?.metadata.name.slice(leasePrefix.length) ?? '';
    if (current === undefined) this.#leases.gone(node);
    else this.#leases.seen(node, current.spec, this.#options.clock.monotonic());
    if (this.index.leasesChanged(this.#leases.all())) this.#soon();
  }

  #advertisementOf(address: string, service: AnnouncedService): Advertisement | undefined {
    const { provider } = this.#options;
    const prefixes = provider.capabilities.annotationPrefixes;
    const own = Object.entries(service.annotations).filter(([key]) => prefixes.some(prefix => key.startsWith(prefix)));
    return provider.advertisement?.(address, { ...service, annotations: Object.fromEntries(own) });
  }

  #soon(): void {
    if (this.#isDue || !this.#isComplete) return;
    this.#isDue = true;
    const { clock } = this.#options;
    clock.after(Math.max(gatherMs, this.#restUntil - clock.monotonic()), () => this.#tell());
  }

  #tell(): void {
    const { clock, changed } = this.#options;
    const begun = clock.monotonic();
    this.#isDue = false;
    this.#view = this.index.view();
    changed();
    const ended = clock.monotonic();
    this.#restUntil = ended + restFactor * (ended - begun);
  }
}
