import { createProvider } from '../../../providers/in-memory/in-memory.ts';
import { Kinds } from '../../../src/controller/kinds/kinds.ts';
import type { ProviderInstance } from '../../../src/controller/provider-calls.ts';
import { StatusWriter } from '../../../src/controller/reports/status-writer.ts';
import { ServiceController } from '../../../src/controller/service-controller.ts';
import type { LoopOptions } from '../../../src/controller/term-deps.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Random } from '../../../src/kube/clock.ts';
import { type Leadership, runElection } from '../../../src/kube/election.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { everything } from '../../../src/plan/label-selector.ts';
import type { Settings } from '../../../src/plan/plan-service.ts';
import type { Provider } from '../../../src/provider/provider.ts';
import type { CloudNetwork } from './cloud-access.ts';
import { cloudProvider } from './cloud-provider.ts';
import { type FarCall, farAway } from './far-provider.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export const clusterId = '5f0c3a9e-2d11-4c35-8a7e-0c6c1f0f7d01';
export const lease = { namespace: 'kube-system', name: 'fairlead' };

export interface IncarnationOptions {
  readonly process: Process;
  readonly client: KubeClient;
  readonly random: Random;
  readonly world: World;
  readonly network: CloudNetwork;
  readonly loop: LoopOptions;
  /** What is broken in this controller; nothing, unless a test wants to see that it is noticed. */
  readonly broken: Broken;
  readonly onFarCall: (call: FarCall) => void;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Ways into a controller for those who want to break it. */
export interface Broken {
  client?(client: KubeClient, incarnation: { readonly process: Process; readonly random: Random }): KubeClient;
  instance?(instance: ProviderInstance): ProviderInstance;
  leadership?(leadership: Leadership): Leadership;
}

export interface Incarnation {
  /** SIGTERM. */
  stop(): void;
  /** How it ended by itself. */
  readonly ended: Promise<'stopped' | 'replaced'>;
}

/** A whole controller, put together from the real parts as `src/cli` does it, in one simulated process. */
export function startController(options: IncarnationOptions): Incarnation {
  const { process: clock, random, broken } = options;
  const client = broken.client?.(options.client, options) ?? options.client;
  const log = logTo(options);
  const link: { controller?: ServiceController } = {};
  const instances = instancesOf(options, link);
  const settings: Settings = {
    cluster: clusterId,
    instances,
    nodeSelector: everything,
    policy: { preset: 'standard', released: [] },
    fillNodePorts: false,
    digest: text => text,
  };
  const events = { clock, random, component: 'service-controller', identity: clock.name };
  const kinds = new Kinds({ client, clock, random, log });
  const controller = new ServiceController({
    client,
    clock,
    random,
    instances,
    kinds,
    statuses: new StatusWriter({ kinds, clock, log }),
    settings,
    metrics: silentMetrics,
    log,
    callDeadlineMs: 20_000,
    pageSize: 3,
    options: options.loop,
    eventsFor: (fenced, isBusy) => new EventRecorder({ ...events, client: fenced, isBusy }),
  });
  link.controller = controller;
  return elect(options, client, controller);
}

function elect(
  { process: clock, random, broken, log }: IncarnationOptions,
  client: KubeClient,
  controller: ServiceController,
): Incarnation {
  const stopping = new AbortController();
  const lead = (leadership: Leadership, stop: AbortSignal): Promise<void> =>
    controller.lead(broken.leadership?.(leadership) ?? leadership, stop);
  const { namespace, name } = lease;
  const election = { client, clock, random, namespace, name, identity: clock.name, lead, log };
  const ended = runElection(election, stopping.signal).finally(() => controller.close());
  return { stop: () => stopping.abort(), ended };
}

function instancesOf(
  options: IncarnationOptions,
  link: { controller?: ServiceController },
): readonly ProviderInstance[] {
  const { process, world, network, broken, onFarCall } = options;
  const nothing = (): void => undefined;
  const local = createProvider({
    cluster: clusterId,
    instance: 'local',
    config: { pool: '198.51.100.0/28' },
    clock: process,
    log: { info: nothing, warn: nothing },
    requeue: (ids, reason) => link.controller?.requeue(ids, reason),
    resources: () => ({ items: undefined, problem: 'no kinds in the simulation' }),
    report: nothing,
  });
  const instances = [
    instanceOf('cloud', 'example.com/cloud', true, cloudProvider(world, network, process)),
    instanceOf('local', 'example.com/local', false, farAway(local, network, process, onFarCall)),
  ];
  return instances.map(instance => broken.instance?.(instance) ?? instance);
}

function instanceOf(name: string, className: string, isDefault: boolean, provider: Provider): ProviderInstance {
  const { capabilities } = provider;
  return {
    name,
    classes: [className],
    isDefault,
    capabilities,
    needs: loadBalancer => provider.needs(loadBalancer),
    provider,
  };
}

function logTo({ log }: IncarnationOptions) {
  return {
    info: (fields: Readonly<Record<string, unknown>>, message: string) => log(message, fields),
    warn: (fields: Readonly<Record<string, unknown>>, message: string) => log(`WARN ${message}`, fields),
    debug: (fields: Readonly<Record<string, unknown>>, message: string) => log(message, fields),
  };
}

const silentMetrics = {
  queue: { added: () => undefined, waited: () => undefined, worked: () => undefined, retried: () => undefined },
  call: () => undefined,
  nodePorts: () => undefined,
  orphans: () => undefined,
  breaker: () => undefined,
};
