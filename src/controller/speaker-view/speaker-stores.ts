import type { KubeClient } from '../../kube/client.ts';
import type { Clock, Random } from '../../kube/clock.ts';
import type { EndpointSlice, KubeObject, Lease, Node, Service } from '../../kube/objects.ts';
import { Reflector } from '../../kube/reflector.ts';
import { type Change, Store } from '../../kube/store.ts';
import { trimEndpointSlice, trimNode, trimService } from '../../kube/trim.ts';
import { endpointNodes, noNode } from '../../plan/announce/endpoint-nodes.ts';
import { ownerOf } from '../../plan/ownership.ts';
import { slicesPath, slicesQuery } from '../endpoints/slices.ts';
import type { Log } from '../log.ts';
import { leaseLabels } from '../speaker/node-lease.ts';

export interface SpeakerStoresOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The provider instance whose Services are kept. */
  readonly instance: string;
  readonly leaseNamespace: string;
  readonly pageSize?: number;
  readonly changed: {
    readonly service: (change: Change<Service>) => void;
    readonly slice: (change: Change<EndpointSlice>) => void;
    readonly node: (change: Change<Node>) => void;
    readonly lease: (change: Change<Lease>) => void;
  };
}

/** Everything that a speaker reads of the API server but the kinds, each listed once and watched from there on. */
export class SpeakerStores {
  readonly services: Store<Service>;
  readonly nodes: Store<Node>;
  readonly #reflectors: readonly {
    run(signal: AbortSignal): Promise<void>;
    refresh(signal: AbortSignal): Promise<void>;
  }[];

  constructor(options: SpeakerStoresOptions) {
    const { changed, instance, leaseNamespace } = options;
    const store = <T extends KubeObject>(keep: (object: T) => T | undefined, onChange: (change: Change<T>) => void) =>
      new Store<T>({
        keep,
        onChange,
        onFault: (error, key) => options.log.warn({ err: error, key }, 'fault in the store'),
      });
    this.services = store<Service>(service => keptService(service, instance), changed.service);
    this.nodes = store<Node>(trimNode, changed.node);
    const slices = store<EndpointSlice>(keptSlice, changed.slice);
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

function keptService(service: Service, instance: string): Service | undefined {
  return ownerOf(service)?.instance === instance ? trimService(service) : undefined;
}

/** Of a slice with a thousand endpoints only on which nodes they are. */
function keptSlice(slice: EndpointSlice): EndpointSlice {
  const endpoints = endpointNodes(slice).map(nodeName => (nodeName === noNode ? {} : { nodeName }));
  return { ...trimEndpointSlice(slice), endpoints };
}

function keptLease({ metadata: { name, namespace = '', uid, resourceVersion }, spec }: Lease): Lease {
  return { metadata: { name, namespace, uid, resourceVersion }, spec };
}
