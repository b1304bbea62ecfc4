import type { KubeClient } from '../../kube/client.ts';
import type { Clock, Random } from '../../kube/clock.ts';
import type { EndpointSlice, KubeObject, Lease, Node, ObjectMeta, Service } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { type Change, Store } from '../../kube/store.ts';
import { trimNode } from '../../kube/trim.ts';
import { type AnnouncedService, announcedService } from '../../plan/announce/announced-service.ts';
import { endpointNodes } from '../../plan/announce/endpoint-nodes.ts';
import { serviceOf, slicesPath, slicesQuery } from '../endpoints/slices.ts';
import type { Log } from '../log.ts';
import { leaseLabels } from '../speaker/node-lease.ts';
import { SharedLists } from './shared-lists.ts';

/** Of a Service only what is announced for it is kept: a speaker runs on every node, beside thousands of them. */
export interface KnownService extends Service {
  readonly announced?: AnnouncedService;
}

/** Of a slice only whose it is, and on which nodes an endpoint takes traffic. */
export interface KnownSlice extends EndpointSlice {
  readonly service?: string;
  readonly nodes?: readonly string[];
}

export interface SpeakerStoresOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The provider instance whose Services are kept, and the prefixes of the annotations that it reads. */
  readonly instance: string;
  readonly annotationPrefixes: readonly string[];
  readonly leaseNamespace: string;
  readonly pageSize?: number;
  readonly changed: {
    readonly service: (change: Change<KnownService>) => void;
    readonly slice: (change: Change<KnownSlice>) => void;
    readonly node: (change: Change<Node>) => void;
    readonly lease: (change: Change<Lease>) => void;
  };
}

/** Everything that a speaker reads of the API server but the kinds, each listed once and watched from there on. */
export class SpeakerStores {
  readonly services: Store<KnownService>;
  readonly nodes: Store<Node>;
  readonly #reflectors: readonly {
    run(signal: AbortSignal): Promise<void>;
    refresh(signal: AbortSignal): Promise<void>;
  }[];

  constructor(options: SpeakerStoresOptions) {
    const { changed, leaseNamespace } = options;
    const nodeLists = new SharedLists();
    const store = <T extends KubeObject>(keep: (object: T) => T | undefined, onChange: (change: Change<T>) => void) =>
      new Store<T>({
        keep,
        onChange,
        onFault: (error, key) => options.log.warn({ err: error, key }, 'fault in the store'),
      });
    this.services = store<KnownService>(service => keptService(service, options), changed.service);
    this.nodes = store<Node>(trimNode, changed.node);
    const slices = store<KnownSlice>(slice => keptSlice(slice, nodeLists), changed.slice);
    const leases = store<Lease>(keptLease, changed.lease);
    const labels = Object.entries(leaseLabels).map(([key, value]) => `${key}=${value}`);
    this.#reflectors = [
      reflectorOf(options, '/api/v1/services', this.services, { fieldSelector: 'spec.type=LoadBalancer' }),
      reflectorOf(options, '/api/v1/nodes', this.nodes),
      reflectorOf(options, slicesPath, slices, slicesQuery),
      reflectorOf(options, `/apis/coordination.k8s.io/v1/namespaces/${leaseNamespace}/leases`, leases, {
        labelSelector: labels.join(),
      }),
    ];
  }

  /** Lists and watches until the signal aborts; resolves when every store holds a list. Rejects with the signal's reason. */
  async follow(signal: AbortSignal): Promise<void> {
    for (const reflector of this.#reflectors) void reflector.run(signal);
    await Promise.all(this.#reflectors.map(reflector => reflector.refresh(signal)));
  }
}

function reflectorOf<T extends KubeObject>(
  { client, clock, random, log, pageSize = 500 }: SpeakerStoresOptions,
  path: string,
  store: Store<T>,
  query: Readonly<Record<string, string>> = {},
): Reflector<T> {
  const say = (message: string, fields: Record<string, unknown>): void => log.warn(fields, message);
  return new Reflector({ client, clock, random, pageSize, path, store, query, log: say });
}

function keptService(
  service: Service,
  { instance, annotationPrefixes }: Pick<SpeakerStoresOptions, 'instance' | 'annotationPrefixes'>,
): KnownService | undefined {
  const announced = announcedService(service, instance, annotationPrefixes);
  return announced && { metadata: identityOf(service.metadata), spec: {}, announced };
}

function keptSlice(slice: EndpointSlice, nodeLists: SharedLists): KnownSlice {
  return {
    metadata: identityOf(slice.metadata),
    service: serviceOf(slice),
    nodes: nodeLists.get(endpointNodes(slice)),
  };
}

function identityOf({ name, namespace = '', uid, resourceVersion }: ObjectMeta): ObjectMeta {
  return { name, namespace, uid, resourceVersion };
}

function keptLease({ metadata, spec }: Lease): Lease {
  return { metadata: identityOf(metadata), spec };
}
