import type { Leadership } from '../kube/election.ts';
import type { EventContent, EventSubject } from '../kube/event-body.ts';
import type { Node, Service } from '../kube/objects.ts';
import { Reflector } from '../kube/reflector.ts';
import { type Change, Store } from '../kube/store.ts';
import { trimNode, trimService } from '../kube/trim.ts';
import { hasOurMarks } from '../plan/ownership.ts';
import { BackendSets } from './backend-sets.ts';
import { EndpointWatch } from './endpoints/endpoint-watch.ts';
import type { KindFeed } from './kinds/kinds.ts';
import { ProviderCalls, type ProviderInstance } from './provider-calls.ts';
import { restoreInstance } from './restore.ts';
import { Term } from './term.ts';
import type { TermDeps } from './term-deps.ts';

export interface ServiceControllerOptions extends Omit<TermDeps, 'services' | 'backendSets' | 'endpoints' | 'calls'> {
  /** The longest that one provider call may take. */
  readonly callDeadlineMs: number;
  /** Objects in one page of a list, of Nodes at most 100. Default 200: a page and what is read from it die before V8 counts them as old. */
  readonly pageSize?: number;
}

/**
 * The loop over all leaderships of a process. Its stores are filled from the first one on and go on between them; each leadership begins
 * with lists taken after it was gained.
 */
export class ServiceController {
  readonly services: Store<Service>;
  readonly nodes: Store<Node>;
  readonly backendSets: BackendSets;
  readonly endpoints: EndpointWatch;
  readonly #deps: TermDeps;
  readonly #reflectors: readonly [Reflector<Service>, Reflector<Node>];
  readonly #nodesFeed: KindFeed;
  readonly #watching = new AbortController();
  #isWatching = false;
  #term: Term | undefined;

  constructor(options: ServiceControllerOptions) {
    const { client, clock, random, log, pageSize = 200 } = options;
    const onFault = (error: unknown, key: string): void => log.warn({ err: error, key }, 'fault in the store');
    this.services = new Store({ keep: keptService, onChange: change => this.#term?.serviceChanged(change), onFault });
    this.nodes = new Store({ keep: trimNode, onChange: change => this.#nodesChanged(change), onFault });
    this.backendSets = new BackendSets(() => this.nodes.values());
    const reflect = {
      client,
      clock,
      random,
      pageSize,
      log: (message: string, fields: Record<string, unknown>) => log.warn(fields, message),
    };
    this.#reflectors = [
      new Reflector({ ...reflect, path: '/api/v1/services', store: this.services }),
      new Reflector({
        ...reflect,
        path: '/api/v1/nodes',
        store: this.nodes,
        pageSize: Math.min(pageSize, nodesPageSize),
      }),
    ];
    this.endpoints = new EndpointWatch({
      ...reflect,
      log,
      changed: key => this.#term?.endpointsChanged(key),
      known: () => this.#term?.endpointsKnown(),
    });
    const calls = new ProviderCalls({ clock, deadlineMs: options.callDeadlineMs, observe: options.metrics.call });
    this.#nodesFeed = options.kinds.feed(nodesKind);
    this.#deps = {
      ...options,
      services: this.services,
      backendSets: this.backendSets,
      endpoints: this.endpoints,
      calls,
    };
  }

  get term(): Term | undefined {
    return this.#term;
  }

  /** Resolves when the stores hold lists taken after this call. Rejects only when the signal aborts. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (!this.#isWatching) for (const reflector of this.#reflectors) void reflector.run(this.#watching.signal);
    this.#isWatching = true;
    this.#deps.kinds.refresh(signal);
    this.endpoints.begin(signal);
    await Promise.all(this.#reflectors.map(reflector => reflector.refresh(signal)));
    this.#nodesFeed.listed(this.nodes.values());
  }

  /** Leads until `leading` is lost or `stopping` aborts; the promise of `runElection`'s `lead`. */
  async lead(leading: Leadership, stopping: AbortSignal): Promise<void> {
    const over = AbortSignal.any([leading.signal, stopping]);
    try {
      await this.refresh(over);
    } catch (error) {
      if (over.aborted) return;
      throw error;
    }
    const term = new Term(this.#deps, leading);
    this.#term = term;
    try {
      await term.run(stopping);
    } finally {
      // A term that was slow to end may have a successor already.
      if (this.#term === term) this.#term = undefined;
    }
  }

  /** How providers are called. */
  get calls(): ProviderCalls {
    return this.#deps.calls;
  }

  /** What a term does before it asks an instance for anything, for those who lead without a term; after `refresh`. */
  restore(instance: ProviderInstance, leading: Leadership, over: AbortSignal): Promise<void> {
    return restoreInstance(this.#deps, instance, leading, over);
  }

  /** Ends the watches and timers; after the last leadership. */
  close(): void {
    this.#watching.abort();
    this.endpoints.close();
    this.#deps.calls.close();
    this.#deps.kinds.close();
  }

  /** For `ProviderContext.requeue`. */
  requeue(ids: readonly string[], reason: string): void {
    this.#term?.requeue(ids, reason);
  }

  /** For `ProviderContext.report`: nobody hears it while another leads. */
  recordEvent(about: EventSubject, event: EventContent): void {
    this.#term?.events.record(about, event);
  }

  #nodesChanged({ key, current }: Change<Node>): void {
    this.#nodesFeed.changed(key, current);
    this.backendSets.invalidate();
    this.#term?.nodesChanged();
  }
}

/** The images that it lists make a Node ten times as large as a Service. */
const nodesPageSize = 100;
const nodesKind = { group: '', version: 'v1', plural: 'nodes' };
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Every LoadBalancer, and whatever has a mark of ours. What stands outside is named after the uid, and the API server makes UUIDs only. */
function keptService(service: Service): Service | undefined {
  const concerns = service.spec.type === 'LoadBalancer' || hasOurMarks(service);
  return concerns && uuid.test(service.metadata.uid) ? trimService(service) : undefined;
}
