import type { Config } from '../config/options.ts';
import { readProviderConfig } from '../config/read-provider-config.ts';
import type { LoopMetrics } from '../controller/loop-metrics.ts';
import type { ProviderInstance } from '../controller/provider-calls.ts';
import { ServiceController } from '../controller/service-controller.ts';
import type { Log } from '../controller/term-deps.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock, Random } from '../kube/clock.ts';
import { EventRecorder } from '../kube/events.ts';
import type { AnnotationPolicy } from '../plan/annotation-policy.ts';
import { defaultNodePortRange } from '../plan/node-ports.ts';
import type { Settings } from '../plan/plan-service.ts';
import { annotations } from '../plan/words.ts';
import { loadProvider } from '../provider/load-provider.ts';

/** An orphan is left alone for an hour after it was first seen. */
const orphanGraceMs = 3_600_000;

export interface ControllerParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly identity: string;
  readonly cluster: string;
  readonly log: Log;
  readonly metrics: LoopMetrics;
  readonly eventsDropped: () => void;
}

export interface BuiltController {
  readonly controller: ServiceController;
  readonly instances: readonly ProviderInstance[];
  readonly settings: Settings;
}

/** Puts the loop together. Throws an error of one line where a provider cannot be loaded or refuses its configuration. */
export async function buildController(config: Config, parts: ControllerParts): Promise<BuiltController> {
  const { client, clock, random, log, metrics, identity, eventsDropped } = parts;
  const link: { controller?: ServiceController } = {};
  const instances = await Promise.all(config.provider.map(spec => createInstance(spec, config, parts, link)));
  const settings = settingsOf(config, parts.cluster, instances);
  const events = { clock, random, component: 'service-controller', identity, onDropped: eventsDropped };
  const controller = new ServiceController({
    client,
    clock,
    random,
    instances,
    settings,
    metrics,
    log,
    callDeadlineMs: config.callDeadline,
    options: {
      concurrentServiceSyncs: config.concurrentServiceSyncs,
      verifyIntervalMs: config.verifyInterval,
      nodePortRange: config.nodePortRange ?? defaultNodePortRange,
      shutdownGraceMs: config.shutdownGrace,
      orphans: { mode: config.orphans, intervalMs: config.orphanInterval, graceMs: orphanGraceMs },
    },
    eventsFor: (fencedClient, isBusy) => new EventRecorder({ ...events, client: fencedClient, isBusy }),
  });
  link.controller = controller;
  return { controller, instances, settings };
}

/** Built-in providers, each loaded only when it is chosen; they go through the same door as anybody's. */
const builtIn = {
  'bare-metal': () => import('../../providers/bare-metal/bare-metal.ts'),
  'in-memory': () => import('../../providers/in-memory/in-memory.ts'),
} as const;

async function createInstance(
  spec: Config['provider'][number],
  config: Config,
  { cluster, clock, log }: ControllerParts,
  link: { controller?: ServiceController },
): Promise<ProviderInstance> {
  const [createProvider, providerConfig] = await Promise.all([
    loadProvider(spec.module, { builtIn, searchFrom: config.providerPath ?? process.cwd() }),
    readProviderConfig(spec),
  ]);
  const provider = await createProvider({
    cluster,
    instance: spec.name,
    config: providerConfig,
    clock,
    log: {
      info: (fields, message) => log.info({ ...fields, provider: spec.name }, message),
      warn: (fields, message) => log.warn({ ...fields, provider: spec.name }, message),
    },
    requeue: (ids, reason) => link.controller?.requeue(ids, reason),
    // TODO(core helper)
    resources: () => ({ items: undefined, problem: 'not yet' }),
    report: () => undefined,
  });
  const { capabilities } = provider;
  return {
    name: spec.name,
    classes: spec.classes,
    isDefault: spec.isDefault,
    capabilities,
    needs: loadBalancer => provider.needs(loadBalancer),
    provider,
  };
}

function settingsOf(config: Config, cluster: string, instances: readonly ProviderInstance[]): Settings {
  return {
    cluster,
    instances,
    nodeSelector: config.nodeSelector,
    policy: policyOf(config),
    fillNodePorts: config.fillNodePorts,
  };
}

function policyOf(config: Config): AnnotationPolicy {
  const granted = (namespaces: readonly string[], annotation: string) =>
    namespaces.map(namespace => ({ namespace, annotation }));
  return {
    preset: config.annotationPolicy,
    released: [
      ...config.allowAnnotation,
      ...granted(config.allowAdopt, annotations.adopt.key),
      ...granted(config.allowAbandon, annotations.abandon.key),
    ],
  };
}
