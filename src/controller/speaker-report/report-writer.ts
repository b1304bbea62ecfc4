import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import type { EventContent, EventSubject } from '../../kube/event-body.ts';
import type { EventRecorder } from '../../kube/events.ts';
import { announcementObstacles } from '../../plan/words.ts';
import type { AnnouncerReport, AnnouncerView } from '../../provider/announcer.ts';
import type { Kinds } from '../kinds/kinds.ts';
import type { Log } from '../log.ts';
import { nodeReference } from '../speaker/node-reference.ts';
import type { SpeakerMetrics } from '../speaker/speaker-metrics.ts';
import type { ViewSource } from '../speaker-view/view-source.ts';
import { Notices } from './notices.ts';
import { PacedWrites } from './paced-writes.ts';
import { ReportWatch } from './report-watch.ts';
import { SpeakerObject } from './speaker-object.ts';
import { type SpeakerStatus, speakerStatus } from './speaker-status.ts';

export interface ReportWriterOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly kinds: Kinds;
  readonly events: EventRecorder;
  readonly metrics: SpeakerMetrics;
  readonly node: string;
  readonly bootId: string;
  readonly source: ViewSource;
}

/** An address that nobody may announce for a moment only is no news: endpoints come after their Service. */
const abandonedAfterMs = 10_000;

/** Writes what the announcer has to say, and what the view says of this node: its Speaker object, and Events. */
export class ReportWriter {
  readonly #options: ReportWriterOptions;
  readonly #object: SpeakerObject;
  readonly #notices: Notices;
  readonly #watch: ReportWatch;
  readonly #writes: PacedWrites;
  readonly #since: number;
  /** Monotonic, of addresses that nobody may announce. */
  #abandoned = new Map<string, number>();
  #view: AnnouncerView | undefined;
  #refused: AnnouncerReport['refusals'] = [];

  constructor(options: ReportWriterOptions) {
    const { node, source, events, metrics, clock } = options;
    this.#options = options;
    this.#since = clock.now();
    this.#object = new SpeakerObject({
      ...options,
      owner: () => nodeReference(source.node),
      problem: () => source.recordsProblem,
      status: () => this.#status(),
      written: () => source.recordsChanged(),
    });
    const nodeSubject = (): EventSubject | undefined => this.#nodeSubject();
    this.#notices = new Notices({
      record: (about, event) => events.record(about, event),
      nodeSubject,
      summary: (reason, count) => `${reason} for ${count} more at once, on node "${node}"`,
    });
    const moved = (gained: number, lost: number): void => metrics.moved(gained, lost);
    this.#watch = new ReportWatch({ node, index: source.index, notices: this.#notices, nodeSubject, moved });
    this.#writes = new PacedWrites(clock, [this.#object, this.#notices]);
  }

  /** The last that was taken. */
  get report(): AnnouncerReport {
    return this.#watch.last;
  }

  /** Of which this node is no candidate, with the reasons. */
  get refused(): AnnouncerReport['refusals'] {
    return this.#refused;
  }

  /** Writes until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void> {
    return this.#writes.run(signal);
  }

  take(report: AnnouncerReport): void {
    this.#watch.take(report);
    this.touch();
  }

  viewChanged(view: AnnouncerView): void {
    this.touch();
    if (view === this.#view) return;
    this.#view = view;
    this.#refused = this.#refusedIn(view);
    this.#watch.takeServices();
    this.#findAbandoned(view);
  }

  /** The Speaker object may say something else than it should. */
  touch(): void {
    this.#object.touch();
    this.#writes.notify();
  }

  /** Something to be told of this node, when its turn has come. */
  tellOfNode(event: EventContent): void {
    const about = this.#nodeSubject();
    if (about === undefined) return;
    this.tell(about, event);
  }

  tell(about: EventSubject, event: EventContent): void {
    this.#notices.add({ ...event, about, isStill: () => true });
    this.#writes.notify();
  }

  /** The end: the record must not list what is announced no more. Out of turn. */
  async writeLast(): Promise<void> {
    this.#object.touch();
    if (this.#object.hasWork()) await this.#object.write();
  }

  #status(): SpeakerStatus {
    const { bootId } = this.#options;
    return speakerStatus({ bootId, since: this.#since }, this.#watch.last, this.#refused);
  }

  #refusedIn({ addresses }: AnnouncerView): AnnouncerReport['refusals'] {
    const { node, source } = this.#options;
    return addresses.flatMap(({ address, candidates }) => {
      const reason = candidates.includes(node) ? undefined : source.index.whyNot(address, node);
      return reason === undefined ? [] : [{ address, reason, message: announcementObstacles[reason] }];
    });
  }

  #findAbandoned({ addresses }: AnnouncerView): void {
    const now = this.#options.clock.monotonic();
    const before = this.#abandoned;
    const lonely = addresses.filter(one => one.candidates.length === 0);
    this.#abandoned = new Map(lonely.map(({ address }) => [address, before.get(address) ?? now]));
    const isNew = lonely.some(({ address }) => !before.has(address));
    if (isNew) this.#options.clock.after(abandonedAfterMs, () => this.#tellAbandoned());
    this.#tellAbandoned();
  }

  /** Every speaker knows it; the first of those that are alive tells it. */
  #tellAbandoned(): void {
    const { clock, node } = this.#options;
    const teller = this.#view?.nodes.find(({ lease }) => lease === 'fresh');
    if (teller !== undefined && teller.node !== node) return this.#watch.takeAbandoned([]);
    const until = clock.monotonic() - abandonedAfterMs;
    const settled = [...this.#abandoned].filter(([, since]) => since <= until).map(([address]) => address);
    this.#watch.takeAbandoned(settled);
    this.#writes.notify();
  }

  #nodeSubject(): EventSubject | undefined {
    const { node } = this.#options.source;
    return node && { kind: 'Node', apiVersion: 'v1', metadata: node.metadata };
  }
}
