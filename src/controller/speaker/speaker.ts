import type { KubeClient } from '../../kube/client.ts';
import type { Clock, Random } from '../../kube/clock.ts';
import type { EventContent, EventSubject } from '../../kube/event-body.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { LabelSelector } from '../../plan/label-selector.ts';
import type { Announcer, AnnouncerCounts, AnnouncerReport, AnnouncerView } from '../../provider/announcer.ts';
import type { Provider } from '../../provider/provider.ts';
import type { Kinds } from '../kinds/kinds.ts';
import type { Log } from '../log.ts';
import { ReportWriter } from '../speaker-report/report-writer.ts';
import { ViewSource } from '../speaker-view/view-source.ts';
import { NodeLease } from './node-lease.ts';
import { nodeReference } from './node-reference.ts';
import type { SpeakerMetrics } from './speaker-metrics.ts';

export interface SpeakerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: SpeakerMetrics;
  readonly kinds: Kinds;
  readonly events: EventRecorder;
  /** The provider instance that announces. */
  readonly instance: string;
  readonly provider: Pick<Provider, 'advertisement' | 'capabilities'>;
  readonly node: string;
  readonly bootId: string;
  /** The operator's. */
  readonly nodeSelector: LabelSelector;
  readonly leaseNamespace: string;
  /** False: heartbeats are not authenticated. */
  readonly hasKey: boolean;
  /** How long the addresses may take to be handed over at the end. */
  readonly leaveMs: number;
  readonly pageSize?: number;
}

/** What an announcer has to say at one moment is read once. */
const gatherMs = 20;
/** The worker has had its chance: the process had better be started anew. */
const mostSilenceMs = 15_000;
const flushMs = 1_000;

/**
 * The speaker role of one node: hands the announcer the world as it is, keeps the node's Lease while the part that answers on the wire is
 * alive, and writes what the announcer has to say. Who announces what, the announcer decides; it goes on while the API server is away.
 */
export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #source: ViewSource;
  readonly #writer: ReportWriter;
  #announcer: Announcer | undefined;
  #pushed: AnnouncerView | undefined;
  #isReportDue = false;
  #answeredAt: number;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    this.#answeredAt = options.clock.monotonic();
    this.#source = new ViewSource({ ...options, changed: () => this.#push() });
    this.#writer = new ReportWriter({ ...options, source: this.#source });
  }

  /** What the announcer has said last. */
  get report(): AnnouncerReport {
    return this.#writer.report;
  }

  /** What the announcer has counted; undefined where it counts nothing, and after the end. */
  get counts(): AnnouncerCounts | undefined {
    return this.#announcer?.counts?.();
  }

  /** Why this node does not announce an address although it is published, of all such. */
  get refused(): AnnouncerReport['refusals'] {
    return this.#writer.refused;
  }

  get view(): AnnouncerView | undefined {
    return this.#source.view;
  }

  get unhealthy(): string | undefined {
    const silentMs = this.#options.clock.monotonic() - this.#answeredAt;
    if (silentMs <= mostSilenceMs) return undefined;
    return `the part that answers on the wire has not answered for ${Math.round(silentMs / 1_000)} s`;
  }

  get unready(): string | undefined {
    return this.view === undefined ? 'the API server has not been read yet' : undefined;
  }

  /** For `NodeContext.changed`. */
  reportChanged(): void {
    if (this.#isReportDue) return;
    this.#isReportDue = true;
    this.#options.clock.after(gatherMs, () => this.#takeReport());
  }

  /** A kind that the provider is configured by is another. */
  configurationChanged(): void {
    this.#source.configurationChanged();
  }

  /** An Event of the provider's own. */
  tell(about: EventSubject, event: EventContent): void {
    this.#writer.tell(about, event);
  }

  /**
   * Speaks until `stopping` aborts (`stopped`: everything has been handed over, or its time was up) or another process of this node has
   * taken over (`replaced`: it has fallen silent at once).
   */
  async run(announcer: Announcer, stopping: AbortSignal): Promise<'stopped' | 'replaced'> {
    const { events, leaveMs } = this.#options;
    const over = new AbortController();
    this.#announcer = announcer;
    const lease = this.#lease(announcer);
    const holding = lease.run(over.signal);
    const others = [this.#writer.run(over.signal), events.run(over.signal), this.#follow(over.signal)];
    const ended = await Promise.race([holding, aborted(stopping)]);
    if (ended === 'stopped') await announcer.leave(leaveMs);
    this.#takeReport();
    this.#announcer = undefined;
    await announcer.close();
    over.abort();
    await Promise.all([holding, ...others]);
    if (ended === 'replaced') return ended;
    await Promise.all([this.#writer.writeLast(), lease.release(), events.flush(flushMs)]);
    return ended;
  }

  #lease(announcer: Announcer): NodeLease {
    const { clock, metrics, leaseNamespace: namespace } = this.#options;
    return new NodeLease({
      ...this.#options,
      namespace,
      owner: () => nodeReference(this.#source.node),
      ping: () => announcer.ping(),
      onPing: ms => {
        if (ms !== undefined) this.#answeredAt = clock.monotonic();
        metrics.ping(ms);
      },
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    await this.#source.follow(signal);
    if (signal.aborted || this.#options.hasKey) return;
    const message =
      'heartbeats are not authenticated: give every speaker the same --heartbeat-key-file, or anybody on the segment can forge them';
    this.#options.log.warn({}, message);
    this.#writer.tellOfNode({ type: 'Warning', reason: 'HeartbeatsUnauthenticated', message });
  }

  #push(): void {
    const { view } = this.#source;
    if (view === undefined) return;
    if (view !== this.#pushed) this.#announcer?.update(view);
    this.#pushed = view;
    this.#writer.viewChanged(view);
  }

  #takeReport(): void {
    this.#isReportDue = false;
    if (this.#announcer !== undefined) this.#writer.take(this.#announcer.report());
  }
}

function aborted(signal: AbortSignal): Promise<'stopped'> {
  return new Promise(resolve => {
    if (signal.aborted) resolve('stopped');
    else signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
}
