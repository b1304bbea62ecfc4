import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type BuiltSpeaker, buildSpeaker } from '../../src/cli/build-speaker.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { type KubeRequest, patchType, statusOf } from '../../src/kube/client.ts';
import { systemClock as clock } from '../../src/kube/clock.ts';
import { connect, type KubeConnection } from '../../src/kube/connection.ts';
import type { KubeList, KubeObject, Lease, Service } from '../../src/kube/objects.ts';
import type { AnnouncedAddress, AnnouncerView, SpeakerNode } from '../../src/provider/announcer.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { sharedCluster } from './cluster.ts';
import type { FakeAnnouncer } from './fake-announcer.ts';
import { until } from './loop-until.ts';
import type { LoopEvent } from './loop-users.ts';
import { announcerOf } from './speaker-provider.ts';
import { applySpeakerNamespaceRole, speakerKubeconfig, speakerToken } from './speaker-role.ts';

export const speakerProvider = fileURLToPath(new URL('speaker-provider.ts', import.meta.url));
const nodeLabel = 'speaker.test/of';

export interface SpeakersOptions {
  /** Default: the shared cluster. */
  readonly cluster?: { readonly url: string; readonly caPem: string; readonly kubeconfig: string };
  /** Default: a key. */
  readonly key?: 'none';
}

/** A Speaker object as it stands. */
export interface SpeakerJson extends KubeObject {
  readonly spec?: { readonly drain?: boolean };
  readonly status?: {
    readonly bootId: string;
    readonly since: string;
    readonly claimCount: number;
    readonly claims: readonly { readonly address: string; readonly interface: string; readonly since: number }[];
    readonly refusals: readonly { readonly address: string; readonly reason: string; readonly message: string }[];
    readonly conflicts: readonly { readonly address: string; readonly mac: string }[];
  };
}

/** Speakers in this process, each under exactly the shipped rights and bound to its node, with announcers that touch no wire. */
export async function startSpeakers(options: SpeakersOptions = {}): Promise<Speakers> {
  const cluster = options.cluster ?? sharedCluster();
  const namespace = `speak-${randomBytes(4).toString('hex')}`;
  const admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: 'fairlead-test', clock });
  await admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });
  await applySpeakerNamespaceRole(admin, namespace);
  return new Speakers(namespace, admin, cluster, options);
}

interface Running {
  readonly built: BuiltSpeaker;
  readonly connection: KubeConnection;
  readonly stop: AbortController;
  readonly ended: Promise<'stopped' | 'replaced'>;
}

export class Speakers {
  readonly namespace: string;
  readonly admin: KubeConnection;
  /** Everything the speakers have written, in order. */
  readonly writes: (KubeRequest & { readonly node: string; readonly at: number })[] = [];
  readonly log: string[] = [];
  readonly #cluster: NonNullable<SpeakersOptions['cluster']>;
  readonly #options: SpeakersOptions;
  readonly #kubeconfigs = new Map<string, string>();
  readonly #running = new Map<string, Running>();

  constructor(
    namespace: string,
    admin: KubeConnection,
    cluster: NonNullable<SpeakersOptions['cluster']>,
    options: SpeakersOptions,
  ) {
    this.namespace = namespace;
    this.admin = admin;
    this.#cluster = cluster;
    this.#options = options;
  }

  get instance(): string {
    return this.namespace;
  }

  /** In the cluster: nodes have no namespace. */
  nodeName(name: string): string {
    return `${this.namespace}-${name}`;
  }

  async createNode(name: string, labels: Readonly<Record<string, string>> = {}, more: object = {}): Promise<void> {
    const metadata = { name: this.nodeName(name), labels: { [nodeLabel]: this.namespace, ...labels } };
    await this.admin.request({ method: 'POST', path: '/api/v1/nodes', body: { metadata, ...more } });
  }

  patchNode(name: string, body: object, subresource = ''): Promise<unknown> {
    const path = `/api/v1/nodes/${this.nodeName(name)}${subresource}`;
    return this.admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
  }

  /** Of this node's speaker: the token that its pod would have. */
  async kubeconfigOf(name: string): Promise<string> {
    const node = this.nodeName(name);
    const known = this.#kubeconfigs.get(node);
    if (known !== undefined) return known;
    const file = this.kubeconfigWith(await speakerToken(this.admin, node));
    this.#kubeconfigs.set(node, file);
    return file;
  }

  kubeconfigWith(token: string): string {
    return speakerKubeconfig(token, this.#cluster);
  }

  flags(...more: readonly string[]): readonly string[] {
    const config = JSON.stringify({ world: this.namespace });
    return [
      `--provider=${this.instance}=${speakerProvider},config=${config}`,
      `--node-selector=${nodeLabel}=${this.namespace}`,
      `--lease-namespace=${this.namespace}`,
      ...more,
    ];
  }

  /** Resolves once the announcer has been told of the world. */
  async start(name: string): Promise<FakeAnnouncer> {
    const node = this.nodeName(name);
    const parsed = parseConfig([...this.flags(), `--node=${node}`], {}, 'speaker');
    if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
    const connection = await connect({ kubeconfig: await this.kubeconfigOf(name), userAgent: 'fairlead-test', clock });
    await this.#untilAllowed(connection);
    const write = { write: (line: string): void => void this.log.push(`${name} ${line}`) };
    const nothing = (): void => undefined;
    const built = await buildSpeaker(parsed.config, {
      client: {
        request: request => {
          if (request.method !== 'GET') this.writes.push({ ...request, node: name, at: clock.monotonic() });
          return connection.request(request);
        },
        watch: request => connection.watch(request),
      },
      clock,
      random: Math.random,
      node,
      bootId: randomBytes(8).toString('hex'),
      cluster: 'test',
      key: this.#options.key === 'none' ? undefined : new Uint8Array(32),
      log: createLog({ level: 'debug', destination: write }),
      metrics: { moved: nothing, ping: nothing },
      gauges: { declare: nothing, set: nothing },
      eventsDropped: nothing,
    });
    const stop = new AbortController();
    const ended = built.run(stop.signal);
    ended.catch(nothing);
    this.#running.set(name, { built, connection, stop, ended });
    const announcer = announcerOf(this.namespace, node);
    await this.until('the announcer is told', () => announcer.views.length > 0);
    return announcer;
  }

  /** The one that was started last there. */
  announcer(name: string): FakeAnnouncer {
    return announcerOf(this.namespace, this.nodeName(name));
  }

  /** As `fairlead drain` does. */
  async drain(name: string, isDrained: boolean): Promise<void> {
    const path = `/apis/fairlead.dev/v1beta1/speakers/${this.nodeName(name)}`;
    const body = { spec: { drain: isDrained } };
    await this.admin.request({ method: 'PATCH', path, contentType: patchType.merge, body });
  }

  /** As SIGTERM does. */
  async stop(name: string): Promise<'stopped' | 'replaced' | undefined> {
    this.#running.get(name)?.stop.abort();
    return this.ended(name);
  }

  /** How it has ended, once it has. */
  async ended(name: string): Promise<'stopped' | 'replaced' | undefined> {
    const running = this.#running.get(name);
    const ended = await running?.ended;
    await running?.connection.close();
    this.#running.delete(name);
    return ended;
  }

  speaker(name: string): BuiltSpeaker['speaker'] {
    const running = this.#running.get(name);
    if (running === undefined) throw new Error(`no speaker runs on ${name}`);
    return running.built.speaker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map(name => this.stop(name)));
    await this.admin.close();
  }

  /** What the controller would have published, served since an hour ago; with a ready endpoint on each of `endpoints`. */
  async publish(name: string, ips: readonly string[], more: PublishOptions = {}): Promise<Service> {
    const { spec = {}, metadata = {}, endpoints = ['somewhere'], servedSince = hoursAgo(1) } = more;
    const path = `/api/v1/namespaces/${this.namespace}/services`;
    const ports = [{ port: 80 }];
    const body = {
      metadata: { name, ...metadata },
      spec: { type: 'LoadBalancer', loadBalancerClass: 'speaker.test/x', ports, ...spec },
    };
    await this.admin.request({ method: 'POST', path, body });
    await this.setEndpoints(
      name,
      endpoints.map(node => ({ node })),
    );
    const condition = (type: string) => ({
      type,
      status: 'True',
      reason: 'Serving',
      message: '',
      lastTransitionTime: servedSince,
    });
    const status = {
      loadBalancer: { ingress: ips.map(ip => ({ ip, ipMode: 'VIP' })) },
      conditions: [condition('LoadBalancerServing'), condition(`fairlead.dev/${this.instance}`)],
    };
    return this.admin.request<Service>({
      method: 'PATCH',
      path: `${path}/${name}/status`,
      contentType: patchType.merge,
      body: { status },
    });
  }

  async setEndpoints(
    name: string,
    endpoints: readonly { readonly node: string; readonly conditions?: object }[],
  ): Promise<void> {
    const path = `/apis/discovery.k8s.io/v1/namespaces/${this.namespace}/endpointslices`;
    const body = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ port: 80 }],
      endpoints: endpoints.map(({ node, conditions = { ready: true } }, index) => ({
        addresses: [`10.9.0.${index + 1}`],
        nodeName: this.nodeName(node),
        conditions,
      })),
    };
    const replaced = this.admin.request({ method: 'PUT', path: `${path}/${name}-1`, body });
    await replaced.catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error;
      return this.admin.request({ method: 'POST', path, body });
    });
  }

  async speakerObject(name: string): Promise<SpeakerJson | undefined> {
    const path = `/apis/fairlead.dev/v1beta1/speakers/${this.nodeName(name)}`;
    return this.admin.request<SpeakerJson>({ method: 'GET', path }).catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
  }

  async recorded(name: string): Promise<readonly string[] | undefined> {
    return (await this.speakerObject(name))?.status?.claims.map(one => one.address);
  }

  /** Waits until these speakers keep a record, and know of each other's: an address published then is new to all. */
  async recording(...names: readonly string[]): Promise<void> {
    await this.until('all keep a record', async () =>
      (await Promise.all(names.map(name => this.speakerObject(name)))).every(one => one?.status !== undefined),
    );
    let probes = 0;
    await this.until('all know of all records', async () => {
      const ip = `203.0.113.${++probes}`;
      await this.publish(`probe-${probes}`, [ip], { servedSince: hoursAgo(-1) });
      const told = (): readonly (AnnouncedAddress | undefined)[] =>
        [...this.#running.values()].map(({ built }) => this.entry(built.speaker.view, ip));
      await this.until('the probe is told', () => told().every(one => one?.candidates.length === names.length));
      return told().every(one => one?.announcedBefore === false);
    });
  }

  async lease(name: string): Promise<Lease | undefined> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases/fairlead-speaker-${this.nodeName(name)}`;
    return this.admin.request<Lease>({ method: 'GET', path }).catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
  }

  /** About Services of the namespace, or about this test's Nodes. */
  async events(reason: string): Promise<readonly LoopEvent[]> {
    const namespaces = [this.namespace, 'default'];
    const lists = await Promise.all(
      namespaces.map(one =>
        this.admin.request<KubeList<LoopEvent>>({ method: 'GET', path: `/api/v1/namespaces/${one}/events` }),
      ),
    );
    return lists
      .flatMap(list => list.items)
      .filter(one => one.reason === reason)
      .filter(one => one.metadata.namespace === this.namespace || one.involvedObject.name.startsWith(this.namespace));
  }

  until(what: string, holds: () => boolean | Promise<boolean>, patienceMs?: number): Promise<void> {
    const lines = (): readonly string[] => this.log.filter(line => !line.includes('"debug"'));
    return until(what, holds, () => lines().slice(-20).join(''), patienceMs);
  }

  /** Names without the namespace. */
  candidates(view: AnnouncerView | undefined, address: string): readonly string[] | undefined {
    return this.entry(view, address)?.candidates.map(one => one.slice(this.namespace.length + 1));
  }

  entry(view: AnnouncerView | undefined, address: string): AnnouncedAddress | undefined {
    return view?.addresses.find(one => one.address === address);
  }

  node(view: AnnouncerView | undefined, name: string): SpeakerNode | undefined {
    return view?.nodes.find(one => one.node === this.nodeName(name));
  }

  /** Rights and policy reach the API server's authorizer and admission some time after they were written. */
  async #untilAllowed(connection: KubeConnection): Promise<void> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases`;
    await this.until('the speaker may read Leases', () =>
      connection.request({ method: 'GET', path }).then(
        () => true,
        () => false,
      ),
    );
  }
}

export interface PublishOptions {
  readonly spec?: object;
  readonly metadata?: object;
  /** Names of nodes; default: one that is none of the candidates. */
  readonly endpoints?: readonly string[];
  readonly servedSince?: string;
}

export function hoursAgo(hours: number): string {
  return `${new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19)}Z`;
}
