import { createProvider } from '../../../providers/gcp/gcp.ts';
import { systemClock } from '../../../src/kube/clock.ts';
import type {
  Backend,
  Call,
  Deleted,
  Ensured,
  Listener,
  LoadBalancer,
  LoadBalancerRef,
  Protocol,
  Provider,
} from '../../../src/provider/provider.ts';
import { silentContext } from '../provider-context.ts';
import { type GceServer, startGceServer } from './gce-server.ts';
import { configFor } from './gcp-config.ts';
import { granted, made as madeIn } from './gcp-world.ts';
import { nameOf } from './schema/paths.ts';
import type { GceOptions } from './world/options.ts';
import type { Fields } from './world/store.ts';

export const cluster = 'cluster-a';

/** A Compute Engine with the provider on it, which has the permissions of the role that is shipped, and the core's side of the contract in short words. */
export class GcpRig {
  readonly server: GceServer;
  readonly #config: object;
  #provider: Provider;
  #sequence = 0;
  /** Shared by all Services, as the core's is. */
  nodes: readonly Backend[];

  private constructor(server: GceServer, provider: Provider, config: object) {
    this.server = server;
    this.#provider = provider;
    this.#config = config;
    this.nodes = [this.node('n1', 0), this.node('n2', 1)];
  }

  static async open(config: object = {}, options: Partial<GceOptions> = {}): Promise<GcpRig> {
    const server = await startGceServer({ permissions: granted(), ...options });
    return new GcpRig(server, await create(server, config), config);
  }

  async close(): Promise<void> {
    await this.#provider.close?.();
    await this.server.close();
  }

  get gce(): GceServer['gce'] {
    return this.server.gce;
  }

  get provider(): Provider {
    return this.#provider;
  }

  /** The process ends, and another one leads. */
  async restart(held: readonly LoadBalancer[] = [], config: object = this.#config): Promise<void> {
    await this.#provider.close?.();
    this.#provider = await create(this.server, config);
    await this.#provider.restore?.(held, this.call());
  }

  node(name: string, zone: 0 | 1): Backend {
    const { fixture } = this.server;
    const place = fixture.zones[zone];
    return { node: name, providerId: fixture.providerId(name, place), zone: place, addresses: [] };
  }

  /** The n-th Service: TCP 80, unless it says otherwise. */
  service(n: number, changes: Partial<LoadBalancer> = {}): LoadBalancer {
    const uid = `5eed0000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    return {
      id: `fl-${String(n).padStart(25, '0')}`,
      cluster,
      service: { namespace: 'ns', name: `svc-${n}`, uid, labels: {} },
      listeners: listeners({ TCP: [80] }),
      backends: this.nodes,
      ipFamilies: ['IPv4'],
      requestedAddresses: [],
      sourceRanges: [],
      externalTrafficPolicy: 'Cluster',
      healthCheck: { path: '/healthz', port: 10_256 },
      sessionAffinity: { type: 'None' },
      annotations: {},
      ingress: [],
      ...changes,
    };
  }

  call(signal: AbortSignal = new AbortController().signal): Call {
    return { signal, epoch: '1', sequence: ++this.#sequence, assertLeading: () => signal.throwIfAborted() };
  }

  /** A process that makes so many changes, and then is no more. */
  callUntil(changes: number): Call {
    const ending = new AbortController();
    let made = 0;
    const assertLeading = (): void => {
      if (made++ === changes) ending.abort(new Error('the process has ended'));
      ending.signal.throwIfAborted();
    };
    return { ...this.call(ending.signal), assertLeading };
  }

  ensure(loadBalancer: LoadBalancer, call = this.call()): Promise<Ensured> {
    return this.#provider.ensureLoadBalancer(loadBalancer, call);
  }

  delete({ id, service: { namespace, name, uid } }: LoadBalancer, call = this.call()): Promise<Deleted> {
    return this.#provider.ensureLoadBalancerDeleted({ id, cluster, service: { namespace, name, uid } }, call);
  }

  async list(): Promise<readonly LoadBalancerRef[]> {
    return (await this.#provider.listLoadBalancers?.(this.call())) ?? [];
  }

  /** Methods of the requests that `run` makes: `forwardingRules.insert` and the like. */
  async requestsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
    const before = this.gce.journal.entries.length;
    await run();
    return this.gce.journal.entries.slice(before).map(({ method }) => method);
  }

  async mutationsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
    const before = this.gce.journal.mutations.length;
    await run();
    return this.gce.journal.mutations.slice(before).map(({ method }) => method);
  }

  /** Fields of all objects of a kind, in the order of their names. */
  all(kind: string): readonly Fields[] {
    const found = this.gce.world.store.all(kind).map(({ fields }) => fields);
    return found.toSorted((one, other) => (String(one['name']) < String(other['name']) ? -1 : 1));
  }

  /** The only one of a kind. */
  only(kind: string): Fields {
    const [one, ...others] = this.all(kind);
    if (one === undefined || others.length > 0) throw new Error(`${others.length + (one ? 1 : 0)} ${kind}, not one`);
    return one;
  }

  /** Kinds of everything that somebody has made, with how many there are. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { kind } of madeIn(this.server)) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  /** Names of the instances in each group, by zone. */
  members(): Readonly<Record<string, readonly string[]>> {
    const groups = this.gce.world.store.all('instanceGroups');
    return Object.fromEntries(
      groups.map(({ path, members }) => [path.split('/')[3] ?? '', [...members].map(nameOf).toSorted()]),
    );
  }

  /** Somebody changes an object by hand. */
  change(kind: string, name: string, changes: Fields): void {
    const found = this.gce.world.store.all(kind).find(({ fields }) => fields['name'] === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    found.fields = { ...found.fields, ...changes };
  }

  /** Somebody deletes an object by hand. */
  remove(kind: string, name: string): void {
    const found = this.gce.world.store.all(kind).find(({ fields }) => fields['name'] === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    this.gce.world.store.remove(found.path);
  }

  /** Somebody reserves an address of the region. */
  reserve(name: string, fields: Fields): void {
    const { project, region } = this.server.fixture;
    const path = `projects/${project}/regions/${region}/addresses/${name}`;
    this.gce.world.store.add(path, { name, id: this.gce.world.nextId(), ...fields }, 'ready');
  }
}

export function listeners(ports: Partial<Record<Protocol, readonly number[]>>): readonly Listener[] {
  return Object.entries(ports).flatMap(([protocol, list]) =>
    list.map(port => ({
      name: `${protocol.toLowerCase()}-${port}`,
      protocol: protocol as Protocol,
      port,
      nodePort: 30_000 + (port % 2_000),
    })),
  );
}

/** What the core asks for once it has published the answer. */
export function published(loadBalancer: LoadBalancer, { ingress }: Ensured): LoadBalancer {
  return { ...loadBalancer, ingress };
}

export function addressesOf({ ingress }: Ensured): readonly string[] {
  return ingress.map(({ ip }) => ip ?? '');
}

export function warningsOf({ warnings = [] }: Ensured): readonly string[] {
  return warnings.map(({ reason }) => reason);
}

function create(server: GceServer, config: object): Promise<Provider> {
  return createProvider(
    silentContext({ cluster, instance: 'gcp', config: configFor(server, config), clock: systemClock }),
    { operationPatienceMs: 2_000 },
  );
}
