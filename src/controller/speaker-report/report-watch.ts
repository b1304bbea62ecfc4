import type { EventContent, EventSubject } from '../../kube/event-body.ts';
import type { AnnouncedService } from '../../plan/announce/announced-service.ts';
import { announcementObstacles, type EventReason } from '../../plan/words.ts';
import type { AnnouncerReport } from '../../provider/announcer.ts';
import type { AnnounceIndex } from '../speaker-view/announce-index.ts';
import type { Notices } from './notices.ts';

export interface ReportWatchOptions {
  readonly node: string;
  readonly index: AnnounceIndex;
  readonly notices: Notices;
  readonly nodeSubject: () => EventSubject | undefined;
  /** Addresses that have come to this node, and gone from it. */
  readonly moved: (gained: number, lost: number) => void;
}

type ToldReason = Extract<
  EventReason,
  'nodeAssigned' | 'announceFailed' | 'AddressConflict' | 'SpeakerWarning' | 'NobodyAnnounces'
>;

const nothing: AnnouncerReport = { claims: [], conflicts: [], refusals: [], occupied: [], warnings: [] };

/** Compares each report with the one before, and tells people of what is new. */
export class ReportWatch {
  readonly #options: ReportWatchOptions;
  #last = nothing;
  #claimed: ReadonlySet<string> = new Set();
  /** UIDs of the Services at those addresses. */
  #assigned = new Set<string>();
  #conflicts: ReadonlySet<string> = new Set();
  #refused: ReadonlyMap<string, string> = new Map();
  #warned: ReadonlySet<string> = new Set();
  readonly #abandoned = new Set<string>();

  constructor(options: ReportWatchOptions) {
    this.#options = options;
  }

  get last(): AnnouncerReport {
    return this.#last;
  }

  take(report: AnnouncerReport): void {
    this.#last = report;
    this.#takeClaims(report);
    this.#takeConflicts(report);
    this.#takeRefusals(report);
    this.#takeWarnings(report);
  }

  /** Addresses that no node may announce, and that have been so for a while. Told by one speaker for all. */
  takeAbandoned(addresses: readonly string[]): void {
    const now = new Set(addresses);
    for (const address of this.#abandoned) if (!now.has(address)) this.#abandoned.delete(address);
    for (const address of now) {
      if (this.#abandoned.has(address)) continue;
      this.#abandoned.add(address);
      this.#tell(address, 'NobodyAnnounces', 'Warning', this.#whyNobody(address), () => this.#abandoned.has(address));
    }
  }

  #takeClaims({ claims }: AnnouncerReport): void {
    const before = this.#claimed;
    this.#claimed = new Set(claims.map(one => one.address));
    const gained = [...this.#claimed].filter(address => !before.has(address)).length;
    this.#options.moved(gained, before.size + gained - this.#claimed.size);
    this.takeServices();
  }

  /** The Services at the claimed addresses may be others: each is told of once, while anything of it is announced here. */
  takeServices(): void {
    const before = this.#assigned;
    this.#assigned = new Set();
    for (const address of this.#claimed) {
      for (const service of this.#options.index.servicesAt(address)) {
        const { uid } = service;
        if (!before.has(uid) && !this.#assigned.has(uid)) this.#tellAssigned(service);
        this.#assigned.add(uid);
      }
    }
  }

  #tellAssigned(service: AnnouncedService): void {
    const isStill = (): boolean => this.#assigned.has(service.uid);
    this.#add(subjectOf(service), 'nodeAssigned', 'Normal', this.#assignedWords(), isStill);
  }

  /** MetalLB's own words: tools read them. */
  #assignedWords(): string {
    return `announcing from node "${this.#options.node}" with protocol "layer2"`;
  }

  #takeConflicts({ conflicts }: AnnouncerReport): void {
    const before = this.#conflicts;
    this.#conflicts = new Set(conflicts.map(keyOfConflict));
    for (const conflict of conflicts) {
      const key = keyOfConflict(conflict);
      if (before.has(key)) continue;
      const { address, mac, isFirst } = conflict;
      const state = isFirst ? 'and had it first: it is not announced' : 'while it is announced';
      const message = `${address} is answered for by another host, ${mac}, ${state}; heard by node "${this.#options.node}". Take the address from that host, or out of the pool`;
      this.#tell(address, 'AddressConflict', 'Warning', message, () => this.#conflicts.has(key));
    }
  }

  #takeRefusals({ refusals }: AnnouncerReport): void {
    const before = this.#refused;
    this.#refused = new Map(refusals.map(({ address, reason }) => [address, reason]));
    for (const { address, reason, message } of refusals) {
      if (before.get(address) === reason) continue;
      const text = `${address} is not announced from node "${this.#options.node}": ${reason}: ${message}`;
      this.#tell(address, 'announceFailed', 'Warning', text, () => this.#refused.get(address) === reason);
    }
  }

  #takeWarnings({ warnings }: AnnouncerReport): void {
    const before = this.#warned;
    this.#warned = new Set(warnings.map(({ reason, message }) => `${reason}: ${message}`));
    const about = this.#options.nodeSubject();
    for (const text of this.#warned) {
      if (before.has(text) || about === undefined) continue;
      this.#add(about, 'SpeakerWarning', 'Warning', text, () => this.#warned.has(text));
    }
  }

  #whyNobody(address: string): string {
    const { index } = this.#options;
    const counts = new Map<string, number>();
    for (const node of index.nodeNames()) {
      const obstacle = index.whyNot(address, node);
      if (obstacle !== undefined) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
    }
    if (counts.has('NoEndpoint')) return `no node announces ${address}: ${announcementObstacles.NoEndpoint}`;
    const reasons = [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} × ${reason}`);
    return `no node may announce ${address}: ${reasons.join(', ') || 'there are no nodes'}`;
  }

  #tell(
    address: string,
    reason: ToldReason,
    type: EventContent['type'],
    message: string,
    isStill: () => boolean,
  ): void {
    for (const service of this.#options.index.servicesAt(address))
      this.#add(subjectOf(service), reason, type, message, isStill);
  }

  #add(
    about: EventSubject,
    reason: ToldReason,
    type: EventContent['type'],
    message: string,
    isStill: () => boolean,
  ): void {
    this.#options.notices.add({ about, reason, type, message, isStill });
  }
}

function keyOfConflict({ address, mac }: AnnouncerReport['conflicts'][number]): string {
  return `${address} ${mac}`;
}

function subjectOf({ namespace, name, uid }: AnnouncedService): EventSubject {
  return { kind: 'Service', apiVersion: 'v1', metadata: { namespace, name, uid, resourceVersion: '' } };
}
