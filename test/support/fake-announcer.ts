import type {
  Announcer,
  AnnouncerCounts,
  AnnouncerReport,
  AnnouncerView,
  NodeContext,
} from '../../src/provider/announcer.ts';

const silent: AnnouncerReport = { claims: [], conflicts: [], refusals: [], occupied: [], warnings: [] };

/** An announcer that touches no wire: shows what it is told, and says what a test wants it to. */
export class FakeAnnouncer implements Announcer {
  readonly context: NodeContext;
  readonly views: AnnouncerView[] = [];
  /** What a test wants of `ping` and `leave`. */
  isAnswering = true;
  onLeave: (deadlineMs: number) => Promise<void> = async () => {};
  readonly done: string[] = [];
  #report = silent;

  constructor(context: NodeContext) {
    this.context = context;
  }

  get view(): AnnouncerView | undefined {
    return this.views.at(-1);
  }

  update(view: AnnouncerView): void {
    this.views.push(view);
  }

  report(): AnnouncerReport {
    return this.#report;
  }

  counts(): AnnouncerCounts {
    return { heartbeatsSent: 7, heartbeatsHeard: 5, heartbeatsRejected: 3, membershipChanges: 2 };
  }

  /** Changes part of the report, and says so. */
  say(part: Partial<AnnouncerReport>): void {
    this.#report = { ...this.#report, ...part };
    this.context.changed();
  }

  /** Announces these, and no others. */
  claim(...addresses: readonly string[]): void {
    this.say({ claims: addresses.map(address => ({ address, interface: 'eth0', since: 1_767_225_600_123 })) });
  }

  async ping(): Promise<void> {
    if (!this.isAnswering) await new Promise(() => {});
  }

  async leave(deadlineMs: number): Promise<void> {
    this.done.push('leave');
    await this.onLeave(deadlineMs);
    this.claim();
  }

  async close(): Promise<void> {
    this.done.push('close');
  }
}
