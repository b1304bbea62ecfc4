import { AllocationDesk } from '../../providers/bare-metal/allocation-desk.ts';
import { createProvider } from '../../providers/bare-metal/bare-metal.ts';
import type {
  Ensured,
  Ingress,
  LoadBalancer,
  Provider,
  ProviderReport,
  Resource,
  Warning,
} from '../../src/provider/provider.ts';
import { silentContext } from './provider-context.ts';

export interface ServiceOptions {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly families?: LoadBalancer['ipFamilies'];
  readonly policy?: LoadBalancer['ipFamilyPolicy'];
  readonly ports?: readonly string[];
  readonly local?: string;
  readonly requested?: readonly string[];
  readonly ingress?: readonly Ingress[];
  readonly adopt?: boolean;
}

/** How a Service stands, as the core would have written it. */
export interface Standing {
  readonly ips: readonly string[];
  readonly problem: string;
  readonly code: string;
  readonly warnings: readonly Warning[];
}

type Plural = 'addresspools' | 'ipaddresspools' | 'l2advertisements' | 'nodes' | 'namespaces' | 'speakers';

interface Served {
  loadBalancer: LoadBalancer;
  standing: Standing;
}

const nothing: Standing = { ips: [], problem: '', code: '', warnings: [] };

/**
 * Bare metal with the core's side of the contract: what is answered is published, what is asked for again is ensured again, and kinds can
 * be written. Time stands still but for `settle`, which runs what is due.
 */
export class BareMetalStage {
  readonly services = new Map<string, Served>();
  readonly reports: ProviderReport[] = [];
  readonly log: string[] = [];
  /** Names, in the order in which they were asked for again. */
  readonly called: string[] = [];
  readonly #items = new Map<string, readonly Resource[]>();
  readonly #watchers = new Map<string, (() => void)[]>();
  #timers: (() => void)[] = [];
  #due: string[] = [];
  #born = 0;
  #desk: AllocationDesk | undefined;
  #provider: Provider | undefined;
  #config: unknown;

  constructor(config: unknown = {}) {
    this.#config = config;
  }

  static async open(config: unknown = {}): Promise<BareMetalStage> {
    const stage = new BareMetalStage(config);
    await stage.start();
    return stage;
  }

  get desk(): AllocationDesk {
    if (this.#desk === undefined) throw new Error('not started');
    return this.#desk;
  }

  get #running(): Provider {
    if (this.#provider === undefined) throw new Error('not started');
    return this.#provider;
  }

  /** A new process, or the first: everything published is restored, the oldest first, then ensured, the youngest first. */
  async start(config = this.#config): Promise<void> {
    this.#config = config;
    this.#watchers.clear();
    this.#timers = [];
    const context = silentContext({
      config,
      requeue: ids => this.#due.push(...ids),
      report: report => this.reports.push(report),
      log: { info: (_fields, message) => this.log.push(message), warn: (_fields, message) => this.log.push(message) },
      clock: {
        now: () => 1_700_000_000_000,
        monotonic: () => 0,
        after: (_ms, run) => {
          this.#timers.push(run);
          return () => {
            this.#timers = this.#timers.filter(one => one !== run);
          };
        },
      },
      resources: ({ plural }, changed) => {
        this.#watchers.set(plural, [...(this.#watchers.get(plural) ?? []), changed]);
        const items = () => this.#items.get(plural);
        return {
          get items() {
            return items();
          },
          get problem() {
            return items() === undefined ? 'not there' : undefined;
          },
        };
      },
    });
    this.#desk = new AllocationDesk(context);
    this.#provider = createProvider(context, this.#desk);
    const held = [...this.services.values()].map(one => one.loadBalancer).filter(one => one.ingress.length > 0);
    await this.#provider.restore?.(held, call);
    for (const name of [...this.services.keys()].toReversed()) await this.ensure(name);
    await this.settle();
  }

  /** Creates or changes a Service, and lets the core look at it. */
  async apply(name: string, options: ServiceOptions = {}): Promise<Standing> {
    const before = this.services.get(name);
    const number = before === undefined ? ++this.#born : Number(before.loadBalancer.service.uid);
    const ingress = options.ingress ?? before?.loadBalancer.ingress ?? [];
    this.services.set(name, { loadBalancer: valueOf(name, number, options, ingress), standing: nothing });
    return this.ensure(name);
  }

  async ensure(name: string): Promise<Standing> {
    const served = this.services.get(name);
    if (served === undefined) return nothing;
    try {
      const ensured = await this.#running.ensureLoadBalancer(served.loadBalancer, call);
      served.standing = standingOf(ensured, served.loadBalancer);
      if (ensured.state === 'ready' || ensured.withdraws === true)
        served.loadBalancer = { ...served.loadBalancer, ingress: ensured.ingress };
    } catch (error) {
      const { message, code } = error as { message: string; code?: string };
      served.standing = { ips: ipsOf(served.loadBalancer), problem: message, code: code ?? '?', warnings: [] };
    }
    const now = served.standing;
    await this.settle();
    return now;
  }

  async delete(name: string): Promise<void> {
    const served = this.services.get(name);
    if (served === undefined) return;
    const { id, cluster, service } = served.loadBalancer;
    this.services.delete(name);
    await this.#running.ensureLoadBalancerDeleted({ id, cluster, service }, call);
    await this.settle();
  }

  /** Writes a kind anew; `undefined` never was, and cannot be again. */
  async write(plural: Plural, items: readonly Resource[]): Promise<void> {
    this.#items.set(plural, items);
    for (const changed of this.#watchers.get(plural) ?? []) changed();
    await this.settle();
  }

  /** Timers and everything that is asked for again, until nothing is left. */
  async settle(): Promise<void> {
    for (;;) {
      const timers = this.#timers;
      this.#timers = [];
      for (const run of timers) run();
      const [id] = this.#due;
      if (id === undefined && timers.length === 0) return;
      if (id === undefined) continue;
      this.#due = this.#due.slice(1);
      const name = [...this.services].find(([, one]) => one.loadBalancer.id === id)?.[0];
      if (name === undefined) continue;
      this.called.push(name);
      if (this.called.length > 10_000) throw new Error('asked for again without end');
      await this.ensure(name);
    }
  }

  ips(name: string): readonly string[] {
    return this.services.get(name)?.standing.ips ?? [];
  }

  standing(name: string): Standing {
    return this.services.get(name)?.standing ?? nothing;
  }

  gauge(name: string, pool: string, family = 'IPv4'): number | undefined {
    const found = this.reports.findLast(
      one => one.kind === 'gauge' && one.gauge === name && one.labels.pool === pool && one.labels.family === family,
    );
    return found?.kind === 'gauge' ? found.value : undefined;
  }

  status(pool: string): Record<string, unknown> | undefined {
    const found = this.reports.findLast(one => one.kind === 'status' && one.name === pool);
    return found?.kind === 'status' ? (found.status as Record<string, unknown>) : undefined;
  }
}

const call = { signal: new AbortController().signal, epoch: '1', sequence: 1, assertLeading() {} };

function valueOf(name: string, n: number, options: ServiceOptions, ingress: readonly Ingress[]): LoadBalancer {
  const uid = String(n).padStart(8, '0');
  return {
    id: `fl-${uid}`,
    cluster: 'c1',
    service: {
      namespace: options.namespace ?? 'ns1',
      name,
      uid,
      labels: options.labels ?? {},
      createdAt: '2026-01-01T00:00:00Z',
    },
    listeners: (options.ports ?? ['TCP/80']).map(text => {
      const [protocol, port] = text.split('/');
      return { name: text, protocol: protocol as 'TCP', port: Number(port), nodePort: 0 };
    }),
    backends: [],
    ipFamilies: options.families ?? ['IPv4'],
    ...(options.policy === undefined ? {} : { ipFamilyPolicy: options.policy }),
    requestedAddresses: options.requested ?? [],
    sourceRanges: [],
    externalTrafficPolicy: options.local === undefined ? 'Cluster' : 'Local',
    ...(options.local === undefined ? {} : { selector: options.local }),
    healthCheck: { path: '/healthz', port: 10_256 },
    sessionAffinity: { type: 'None' },
    annotations: options.annotations ?? {},
    ...(options.adopt === true ? { adopt: true } : {}),
    ingress,
  };
}

function standingOf(ensured: Ensured, loadBalancer: LoadBalancer): Standing {
  const warnings = ensured.warnings ?? [];
  if (ensured.state === 'pending')
    return {
      ips: ensured.withdraws === true ? ipsOf(ensured) : ipsOf(loadBalancer),
      problem: ensured.reason,
      code: 'pending',
      warnings,
    };
  return { ...nothing, ips: ensured.ingress.map(({ ip = '' }) => ip), warnings };
}

function ipsOf({ ingress }: Pick<LoadBalancer, 'ingress'>): readonly string[] {
  return ingress.map(({ ip, hostname }) => ip ?? hostname ?? '');
}

let made = 0;

/** An object of a kind; each call is a new generation. */
export function resource(name: string, spec: unknown, more: Partial<Resource> = {}): Resource {
  return {
    name,
    namespace: '',
    uid: `uid-${name}`,
    generation: ++made,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: {},
    spec,
    status: undefined,
    ...more,
  };
}

export const pool = (name: string, addresses: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
  resource(name, { addresses, ...more });
