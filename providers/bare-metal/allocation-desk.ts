import type { Ensured, LoadBalancer, ProviderContext, Resource, ResourceView } from '../../src/provider/provider.ts';
import { type AddressRequest, deprecatedAnnotation, readHeld, readRequest } from './allocation/address-request.ts';
import { Allocator, type Grant } from './allocation/allocator.ts';
import { readConfig } from './config.ts';
import { kinds } from './pools/kinds.ts';
import { PoolSource } from './pools/pool-source.ts';
import type { Labels } from './reading/label-selector.ts';
import { readSurroundings } from './reading/surroundings.ts';
import { PoolReporter } from './reporting/pool-reporter.ts';

/** Nodes change all the time; what is read of them hardly ever does. */
const settleMs = 200;
/** There is nothing to retry: whatever comes free calls. */
const waitingRetryMs = 300_000;

/** Brings together what decides about addresses: the pools, what surrounds them, and who asks. */
export class AllocationDesk {
  readonly allocator: Allocator;
  readonly #context: ProviderContext;
  readonly #source: PoolSource;
  readonly #reporter: PoolReporter;
  readonly #nodes: ResourceView;
  readonly #speakers: ResourceView;
  readonly #namespaces: ResourceView;
  #labels: ReadonlyMap<string, Labels> = new Map();
  #seen: readonly unknown[] = [];
  #cancel: (() => void) | undefined;

  constructor(context: ProviderContext) {
    this.#context = context;
    this.allocator = new Allocator({
      requeue: (ids, reason) => context.requeue(ids, reason),
      namespaceLabels: namespace => this.#labels.get(namespace),
    });
    this.#source = new PoolSource(context, readConfig(context.config), () => this.#usePools());
    this.#reporter = new PoolReporter(context, this.allocator, this.#source);
    const settle = (): void => this.#settle();
    this.#nodes = context.resources(kinds.nodes, settle);
    this.#speakers = context.resources(kinds.speakers, settle);
    this.#namespaces = context.resources(kinds.namespaces, settle);
    this.allocator.usePools(this.#source.set);
  }

  /** All kinds have been listed by now, or cannot be. */
  restore(held: readonly LoadBalancer[]): void {
    this.#source.look();
    this.#lookAround();
    this.allocator.restore(this.#source.set, held.map(readHeld));
    this.#reporter.open();
  }

  ensure(loadBalancer: LoadBalancer): Ensured {
    this.#reporter.changed();
    const request = this.#read(loadBalancer);
    const isNew = loadBalancer.ingress.length === 0 && this.allocator.ledger.holder(loadBalancer.id) === undefined;
    if (isNew && this.#source.set.pools.length === 0) {
      this.allocator.expect(request);
      const [fault] = this.#source.faults;
      const why = fault === undefined ? 'configure one, or create an AddressPool' : fault.message;
      const reason = `there is no address pool: ${why}`;
      return { state: 'pending', reason, retryAfterMs: waitingRetryMs, ingress: [] };
    }
    return ensuredFrom(this.allocator.ensure(request), loadBalancer);
  }

  release(id: string): void {
    this.allocator.release(id);
    this.#reporter.changed();
  }

  close(): void {
    this.#cancel?.();
    this.#reporter.close();
  }

  #read(loadBalancer: LoadBalancer): AddressRequest {
    try {
      return readRequest(loadBalancer);
    } catch (error) {
      this.allocator.standBack(loadBalancer.id);
      throw error;
    }
  }

  #usePools(): void {
    this.allocator.usePools(this.#source.set);
    this.#reporter.changed();
  }

  #settle(): void {
    this.#cancel ??= this.#context.clock.after(settleMs, () => {
      this.#cancel = undefined;
      this.#lookAround();
    });
  }

  /** Nodes, speakers and namespaces, each only where its list is another. */
  #lookAround(): void {
    const [nodes = [], speakers = [], namespaces = []] = [this.#nodes, this.#speakers, this.#namespaces].map(
      ({ items }) => items,
    );
    const [nodesBefore, speakersBefore, namespacesBefore] = this.#seen;
    this.#seen = [nodes, speakers, namespaces];
    if (nodes !== nodesBefore || speakers !== speakersBefore) {
      this.allocator.surround(readSurroundings(nodes, speakers));
      this.#reporter.changed();
    }
    if (namespaces !== namespacesBefore) {
      this.#labels = new Map(namespaces.map(({ name, labels }: Resource) => [name, labels]));
      this.allocator.reconsider();
    }
  }
}

function ensuredFrom({ addresses, warnings: ofGrant, lacks }: Grant, loadBalancer: LoadBalancer): Ensured {
  const deprecated = deprecatedAnnotation(loadBalancer);
  const warnings = deprecated === undefined ? ofGrant : [...ofGrant, deprecated];
  const result = {
    ingress: addresses.map(({ text }) => ({ ip: text, ipMode: 'VIP' as const })),
    backends: { registered: loadBalancer.backends.length },
    ...(warnings.length === 0 ? {} : { warnings }),
  };
  if (lacks === undefined) return { state: 'ready', ...result };
  return { state: 'pending', reason: lacks, retryAfterMs: waitingRetryMs, withdraws: true, ...result };
}
