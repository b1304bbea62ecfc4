import { hash } from 'node:crypto';
import type { Config } from '../config/options.ts';
import { Kinds } from '../controller/kinds/kinds.ts';
import type { Log } from '../controller/log.ts';
import type { LoopMetrics } from '../controller/loop-metrics.ts';
import type { ProviderInstance } from '../controller/provider-calls.ts';
import type { GaugeSink } from '../controller/reports/provider-reports.ts';
import { StatusWriter } from '../controller/reports/status-writer.ts';
import { ServiceController } from '../controller/service-controller.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock, Random } from '../kube/clock.ts';
import { EventRecorder } from '../kube/events.ts';
import type { AnnotationPolicy } from '../plan/annotation-policy.ts';
import { defaultNodePortRange } from '../plan/node-ports.ts';
import type { Settings } from '../plan/plan-service.ts';
import { annotations } from '../plan/words.ts';
import { createInstance, type InstanceParts } from './create-instance.ts';

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
  readonly gauges: GaugeSink;
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
  const kinds = new Kinds({ client, clock, random, log });
  const statuses = new StatusWriter({ kinds, clock, log });
  const surroundings: InstanceParts = {
    role: 'controller',
    cluster: parts.cluster,
    clock,
    log,
    kinds,
    requeue: (ids, reason) => link.controller?.requeue(ids, reason),
    sinks: {
      gauges: parts.gauges,
      event: (about, event) => link.controller?.recordEvent(about, event),
      status: (by, kind, name, status) => statuses.report(by, kind, name, status),
    },
  };
  const instances = await Promise.all(config.provider.map(spec => createInstance(spec, config, surroundings)));
  const settings = settingsOf(config, parts.cluster, instances);
  const events = { clock, random, component: 'service-controller', identity, onDropped: eventsDropped };
  const controller = new ServiceController({
    client,
    clock,
    random,
    instances,
    kinds,
    statuses,
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

function settingsOf(config: Config, cluster: string, instances: readonly ProviderInstance[]): Settings {
  return {
    cluster,
    instances,
    nodeSelector: config.nodeSelector,
    policy: policyOf(config),
    fillNodePorts: config.fillNodePorts,
    digest: text => hash('sha256', text, 'base64'),
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
