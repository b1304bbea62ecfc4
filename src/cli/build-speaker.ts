import type { Config } from '../config/options.ts';
import { Kinds } from '../controller/kinds/kinds.ts';
import type { ProviderInstance } from '../controller/provider-calls.ts';
import type { GaugeSink } from '../controller/reports/provider-reports.ts';
import { Speaker } from '../controller/speaker/speaker.ts';
import type { SpeakerMetrics } from '../controller/speaker/speaker-metrics.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock, Random } from '../kube/clock.ts';
import { EventRecorder } from '../kube/events.ts';
import type { Announcer } from '../provider/announcer.ts';
import type { Log } from '../telemetry/log.ts';
import { createInstance } from './create-instance.ts';

export interface SpeakerParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly node: string;
  readonly bootId: string;
  readonly cluster: string;
  readonly key: Uint8Array | undefined;
  readonly log: Log;
  readonly metrics: SpeakerMetrics;
  readonly gauges: GaugeSink;
  readonly eventsDropped: () => void;
}

export interface BuiltSpeaker {
  readonly speaker: Speaker;
  readonly announcer: Announcer;
  /** Until `stopping` aborts, or another process has taken over; closes announcer and provider. */
  run(stopping: AbortSignal): Promise<'stopped' | 'replaced'>;
}

/** Puts the speaker together. Throws an error of one line where no provider announces, or where the announcer cannot work here. */
export async function buildSpeaker(config: Config, parts: SpeakerParts): Promise<BuiltSpeaker> {
  const { client, clock, random, log, node, bootId, key } = parts;
  const kinds = new Kinds({ client, clock, random, log });
  const link: { speaker?: Speaker } = {};
  const instance = await announcingInstance(config, parts, kinds, link);
  const events = new EventRecorder({
    client,
    clock,
    random,
    component: 'fairlead-speaker',
    identity: node,
    onDropped: parts.eventsDropped,
  });
  const speaker = new Speaker({
    ...parts,
    kinds,
    events,
    instance: instance.name,
    provider: instance.provider,
    nodeSelector: config.nodeSelector,
    leaseNamespace: config.leaseNamespace,
    hasKey: key !== undefined,
    leaveMs: config.shutdownGrace,
  });
  link.speaker = speaker;
  const changed = (): void => speaker.reportChanged();
  const announcer = await instance.createAnnouncer({ node, bootId, key, changed });
  return {
    speaker,
    announcer,
    async run(stopping) {
      const ended = await speaker.run(announcer, stopping);
      kinds.close();
      await instance.provider.close?.();
      return ended;
    },
  };
}

type AnnouncingInstance = Pick<ProviderInstance, 'name' | 'provider'> & {
  readonly createAnnouncer: NonNullable<ProviderInstance['provider']['createAnnouncer']>;
};

/** The one instance that announces; the others concern the controller only, and the options of both may be the same. */
async function announcingInstance(
  config: Config,
  parts: SpeakerParts,
  kinds: Kinds,
  link: { readonly speaker?: Speaker },
): Promise<AnnouncingInstance> {
  const { cluster, clock, log, gauges } = parts;
  const instances = await Promise.all(
    config.provider.map(spec =>
      createInstance(spec, config, {
        role: 'speaker',
        cluster,
        clock,
        log,
        kinds,
        requeue: () => undefined,
        configurationChanged: () => link.speaker?.configurationChanged(),
        sinks: {
          gauges,
          event: (about, event) => link.speaker?.tell(about, event),
          // The controller's to write.
          status: () => undefined,
        },
      }),
    ),
  );
  const announcing = instances.flatMap(({ name, provider }) =>
    provider.createAnnouncer === undefined
      ? []
      : [{ name, provider, createAnnouncer: provider.createAnnouncer.bind(provider) }],
  );
  const [first, second] = announcing;
  if (first === undefined)
    throw new Error('--provider: no instance announces addresses: name one that does, such as main=bare-metal');
  if (second !== undefined)
    throw new Error(`--provider: ${first.name} and ${second.name} both announce: leave one to the speaker`);
  return first;
}
