import type {
  Call,
  Deleted,
  Ensured,
  EnsuredReady,
  LoadBalancer,
  LoadBalancerRef,
  ProviderContext,
} from '../../src/provider/provider.ts';

export type Verb = 'restore' | 'ensure' | 'delete' | 'list';

/** One call as the provider got it. */
export interface LoopCall {
  readonly instance: string;
  readonly verb: Verb;
  /** Name of the Service; empty for `restore` and `list`. */
  readonly service: string;
  readonly id: string;
  readonly epoch: string;
  readonly sequence: number;
  /** Milliseconds on the loop's own clock. */
  readonly at: number;
  readonly loadBalancer?: LoadBalancer;
  readonly held?: readonly LoadBalancer[];
}

/** What exists outside for one Service. */
export interface Balancer {
  readonly instance: string;
  readonly ref: LoadBalancerRef;
  readonly ip: string;
  /** As last ensured. */
  loadBalancer: LoadBalancer;
}

/** A test's own answer; `make` and `remove` do the ordinary thing. */
export type EnsureAnswer = (
  loadBalancer: LoadBalancer,
  call: Call,
  make: () => EnsuredReady,
) => Ensured | Promise<Ensured>;
export type DeleteAnswer = (ref: LoadBalancerRef, call: Call, remove: () => Deleted) => Deleted | Promise<Deleted>;

/** The world of `loop-provider.ts`: outlives the loops of a test, keeps their balancers, and writes down every call. */
export class LoopWorld {
  readonly id: string;
  readonly calls: LoopCall[] = [];
  readonly balancers = new Map<string, Balancer>();
  /** By name of the Service. */
  readonly ensureAnswers = new Map<string, EnsureAnswer>();
  readonly deleteAnswers = new Map<string, DeleteAnswer>();
  /** By name of the instance. */
  readonly restoreAnswers = new Map<string, () => Promise<void>>();
  /** What each instance was given to live in, by its name. */
  readonly contexts = new Map<string, ProviderContext>();
  /** Ids for which two calls were out at the same time. */
  readonly overlaps: string[] = [];
  mostAtOnce = 0;
  /** How often anything in this world became different. */
  mutations = 0;
  readonly #out = new Set<string>();
  #addresses = 0;

  constructor(id: string) {
    this.id = id;
    worlds().set(id, this);
  }

  /** The desired values that were asked for, in order. */
  ensures(service: string): readonly LoadBalancer[] {
    return this.callsFor(service, 'ensure').flatMap(call => call.loadBalancer ?? []);
  }

  deletes(service: string): readonly LoopCall[] {
    return this.callsFor(service, 'delete');
  }

  callsFor(service: string, verb?: Verb): readonly LoopCall[] {
    return this.calls.filter(call => call.service === service && (verb === undefined || call.verb === verb));
  }

  balancerOf(service: string): Balancer | undefined {
    return [...this.balancers.values()].find(balancer => balancer.ref.service.name === service);
  }

  /** Keeps the address that is published, as a provider has to. */
  make(instance: string, loadBalancer: LoadBalancer): EnsuredReady {
    const { id, cluster, service, backends } = loadBalancer;
    const { namespace, name, uid } = service;
    const before = this.balancers.get(id);
    const ip = before?.ip ?? loadBalancer.ingress[0]?.ip ?? `203.0.113.${++this.#addresses}`;
    const ref = { id, cluster, service: { namespace, name, uid } };
    if (before === undefined || wantOf(before.loadBalancer) !== wantOf(loadBalancer)) this.mutations++;
    this.balancers.set(id, { instance, ref, ip, loadBalancer });
    return { state: 'ready', ingress: [{ ip }], backends: { registered: backends.length } };
  }

  remove(id: string): Deleted {
    if (this.balancers.delete(id)) this.mutations++;
    return { state: 'deleted' };
  }

  async during<Answer>(call: LoopCall, run: () => Promise<Answer>): Promise<Answer> {
    this.calls.push(call);
    if (this.#out.has(call.id)) this.overlaps.push(call.id);
    this.#out.add(call.id);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#out.size);
    try {
      return await run();
    } finally {
      this.#out.delete(call.id);
    }
  }
}

/** What is published is no part of what is wanted. */
function wantOf(loadBalancer: LoadBalancer): string {
  return JSON.stringify({ ...loadBalancer, ingress: [] });
}

/** A provider module has nothing but its configuration to find its world by. */
export function worldNamed(id: unknown): LoopWorld {
  const world = worlds().get(String(id));
  if (world === undefined) throw new Error(`there is no world ${String(id)}: a test has to make it first`);
  return world;
}

/** Module loaders may load this file twice; the process has one table all the same. */
function worlds(): Map<string, LoopWorld> {
  const shared = globalThis as { [key: symbol]: Map<string, LoopWorld> | undefined };
  return (shared[Symbol.for('fairlead.test.worlds')] ??= new Map<string, LoopWorld>());
}

/** Resolves never: the call ends by its signal, as an HTTP client's request does. */
export function hangUntilAborted({ signal }: Call): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
