import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type BuiltController, buildController } from '../../src/cli/build-controller.ts';
import { publishConfig } from '../../src/cli/publish-config.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { slicesPath } from '../../src/controller/endpoints/slices.ts';
import type { GaugeSink } from '../../src/controller/reports/provider-reports.ts';
import { type KubeClient, type KubeRequest, patchType, statusOf } from '../../src/kube/client.ts';
import { type Clock, type Random, systemClock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import { runElection } from '../../src/kube/election.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { sharedCluster } from './cluster.ts';
import type { LoopProviderConfig } from './loop-provider.ts';
import { applyNamespaceRole } from './loop-role.ts';
import { classOf, LoopUsers, nodeLabel } from './loop-users.ts';
import { LoopWorld } from './loop-world.ts';

export const loopProvider = fileURLToPath(new URL('loop-provider.ts', import.meta.url));

export interface LoopOptions {
  /** Instance name → what its cloud is like; its class is `classOf(name)`. Default: one named `a`. */
  readonly instances?: Readonly<Record<string, InstanceOptions>>;
  readonly flags?: readonly string[];
  /** Names of the nodes that exist from the start. Default: one, `n1`. */
  readonly nodes?: readonly string[];
  readonly clock?: Clock;
  /** Default: always the middle, with which jitter takes nothing and adds nothing. */
  readonly random?: Random;
  /** Stands between the loop and the API server. */
  readonly between?: (client: KubeClient) => KubeClient;
  /** Where gauges of providers go. */
  readonly gauges?: GaugeSink;
  /** Default: the shared cluster. */
  readonly kubeconfigs?: Kubeconfigs;
  /** False: `start()` is the test's to call. */
  readonly started?: boolean;
}

export interface InstanceOptions extends Omit<LoopProviderConfig, 'world'> {
  readonly default?: boolean;
  /** A real provider in place of the one that lives in this world, with its config. */
  readonly real?: { readonly module: string; readonly config: unknown };
}

/** Of the people who write Services, and of the loop. */
export interface Kubeconfigs {
  readonly admin: string;
  readonly role: string;
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/**
 * The real loop in this process, under exactly the shipped role, with a namespace, Lease, nodes and world of its own, so that many run
 * side by side on one cluster. Only what it lists of Services and their endpoints is narrowed, to that namespace: a second fairlead would report on Services
 * of instances that it does not know.
 */
export async function startLoop(options: LoopOptions = {}): Promise<Loop> {
  const { admin: people, role: user } = options.kubeconfigs ?? sharedKubeconfigs();
  const namespace = `loop-${randomBytes(4).toString('hex')}`;
  const connectAs = (kubeconfig: string) => connect({ kubeconfig, userAgent: 'fairlead-test', clock: systemClock });
  const [admin, role] = await Promise.all([connectAs(people), connectAs(user)]);
  const loop = new Loop(namespace, admin, role, options);
  await admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });
  await applyNamespaceRole(admin, namespace);
  await Promise.all((options.nodes ?? ['n1']).map(name => loop.createNode(name)));
  await loop.until('the role is in force', () => loop.mayLead());
  if (options.started !== false) await loop.start();
  return loop;
}

function sharedKubeconfigs(): Kubeconfigs {
  const { kubeconfig, roleKubeconfig } = sharedCluster();
  return { admin: kubeconfig, role: roleKubeconfig };
}

/** A run of the loop, from the Lease to its release. */
interface Run {
  readonly built: BuiltController;
  readonly stop: AbortController;
  readonly ended: Promise<'stopped' | 'replaced'>;
}

export class Loop extends LoopUsers {
  readonly world: LoopWorld;
  readonly role: KubeConnection;
  readonly log: LogLine[] = [];
  /** Every request of the loop but those for its Lease. */
  readonly requests: KubeRequest[] = [];
  /** `<verb> <outcome>` of every provider call, as the metrics get it. */
  readonly outcomes: string[] = [];
  /** What every sweep has counted. */
  readonly orphans: number[] = [];
  readonly #options: LoopOptions;
  #markers = 0;
  #run: Run | undefined;

  constructor(namespace: string, admin: KubeConnection, role: KubeConnection, options: LoopOptions) {
    super(namespace, admin);
    this.world = new LoopWorld(namespace);
    this.role = role;
    this.#options = options;
  }

  get built(): BuiltController {
    if (this.#run === undefined) throw new Error('the loop is not running');
    return this.#run.built;
  }

  /** Resolves once it leads. `more`: flags for this run only; `instances`: in place of the first ones. */
  async start(more: { flags?: readonly string[]; instances?: LoopOptions['instances'] } = {}): Promise<void> {
    const parsed = parseConfig(
      [...this.#flags(more.instances), ...(this.#options.flags ?? []), ...(more.flags ?? [])],
      {},
    );
    if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
    const { config } = parsed;
    const clock = this.#options.clock ?? systemClock;
    const client = this.#client();
    const log = createLog({ level: 'debug', destination: { write: line => this.log.push(JSON.parse(line)) } });
    const kubeSystem = await client.request<KubeObject>({ method: 'GET', path: '/api/v1/namespaces/kube-system' });
    const nothing = (): void => undefined;
    const built = await buildController(config, {
      client,
      clock,
      random: this.#options.random ?? (() => 0.5),
      identity: this.namespace,
      cluster: config.clusterId ?? kubeSystem.metadata.uid,
      log,
      eventsDropped: nothing,
      gauges: this.#options.gauges ?? createMetrics().gauges,
      metrics: {
        queue: { added: nothing, waited: nothing, worked: nothing, retried: nothing },
        call: (_, verb, outcome) => this.outcomes.push(`${verb} ${outcome}`),
        nodePorts: nothing,
        orphans: (_, count) => this.orphans.push(count),
        breaker: nothing,
      },
    });
    const stop = new AbortController();
    const ended = runElection(
      {
        client: this.role,
        clock: systemClock,
        random: Math.random,
        namespace: this.namespace,
        name: 'fairlead',
        identity: this.namespace,
        lead: async (leading, stopping) => {
          void publishConfig(client, leading, config, log);
          await built.controller.lead(leading, stopping);
        },
      },
      stop.signal,
    );
    // `stop` tells of a failure; until then it is no unhandled one.
    ended.catch(nothing);
    this.#run = { built, stop, ended };
    await this.until('it leads', async () => built.controller.term !== undefined);
  }

  /** As SIGTERM does. */
  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    run?.stop.abort();
    try {
      await run?.ended;
    } finally {
      run?.built.controller.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Promise.all([this.admin.close(), this.role.close()]);
  }
  /**
   * Waits until the loop has nothing more to do for anything that was written before: a Service created now has been seen after all of
   * it, and once that one has come and gone the queue is empty.
   */
  async settle(instance = 'a'): Promise<void> {
    const name = `marker-${++this.#markers}`;
    await this.createServed(name, { loadBalancerClass: classOf(instance), externalTrafficPolicy: 'Cluster' });
    await this.delete(name);
    await this.gone(name);
    await this.idle();
  }

  /** Waits until nothing is queued or at work; what is to be done later has its timer by then. */
  idle(): Promise<void> {
    return this.until('the queue is empty', () => {
      const queue = this.built.controller.term?.queue;
      return queue !== undefined && queue.depth === 0 && queue.working === 0;
    });
  }

  /** What the loop has written to a Service and its status. */
  writesTo(name: string): readonly KubeRequest[] {
    const path = this.servicesPath(name);
    return this.requests.filter(one => one.method !== 'GET' && (one.path === path || one.path === `${path}/status`));
  }
  /** Whether the namespaced part of the role has reached the API server's authorizer. */
  async mayLead(): Promise<boolean> {
    const reads = [
      `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases/fairlead`,
      `/api/v1/namespaces/${this.namespace}/configmaps/fairlead-config`,
    ].map(path => this.role.request({ method: 'GET', path }).then(() => 200, statusOf));
    return (await Promise.all(reads)).every(status => status === 404 || status === 200);
  }

  /** Whether the right to fill in node ports has reached it: a patch of nothing by that right is a 404. */
  async maySetNodePorts(): Promise<boolean> {
    const request = {
      method: 'PATCH',
      path: this.servicesPath('nobody'),
      contentType: patchType.merge,
      body: {},
    } as const;
    return (await this.role.request(request).then(() => 200, statusOf)) === 404;
  }

  #flags(instances = this.#options.instances ?? { a: {} }): readonly string[] {
    const providers = Object.entries(instances).map(([name, { default: isDefault = false, real, ...more }]) => {
      const config = JSON.stringify(real?.config ?? { world: this.world.id, ...more });
      return `--provider=${name}=${real?.module ?? loopProvider},class=${classOf(name)}${isDefault ? ',default' : ''},config=${config}`;
    });
    return [...providers, `--node-selector=${nodeLabel}=${this.namespace}`, `--lease-namespace=${this.namespace}`];
  }

  #client(): KubeClient {
    const between = this.#options.between ?? (client => client);
    const client = between(this.role);
    const mine = (path: string): string => {
      if (path === '/api/v1/services') return this.servicesPath();
      return path === slicesPath ? this.slicesPath() : path;
    };
    return {
      request: request => {
        this.requests.push(request);
        return client.request({ ...request, path: mine(request.path) });
      },
      watch: request => client.watch({ ...request, path: mine(request.path) }),
    };
  }

  protected override lastLines(): string {
    return this.log
      .filter(line => line.level !== 'debug')
      .slice(-20)
      .map(line => JSON.stringify(line).slice(0, 600))
      .join('\n');
  }
}
