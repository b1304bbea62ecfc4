import type { EventContent, EventSubject } from '../../kube/event-body.ts';
import type { WriteSource } from './paced-writes.ts';

/** An Event that waits for its turn. */
export interface Notice {
  /** What is told of several at once is told under this name. */
  readonly reason: string;
  readonly type: EventContent['type'];
  readonly message: string;
  readonly about: EventSubject;
  /** Asked when its turn has come: what is not so any more is not told. */
  readonly isStill: () => boolean;
}

export interface NoticesOptions {
  readonly record: (about: EventSubject, event: EventContent) => void;
  /** This node's, for summaries; undefined: there is none. */
  readonly nodeSubject: () => EventSubject | undefined;
  /** For so many that are not told one by one. */
  readonly summary: (reason: string, count: number) => string;
}

/** Of one reason: a failover of thousands would otherwise be told for hours, one Event in some seconds. */
const mostWaiting = 20;

interface Group {
  readonly waiting: Notice[];
  readonly type: EventContent['type'];
  /** Told of together. */
  omitted: number;
}

/**
 * Events in the order of their reasons' first waiting, one at each turn. Of one reason at most twenty wait; how many more there were is
 * told once, on the Node.
 */
export class Notices implements WriteSource {
  readonly #options: NoticesOptions;
  readonly #groups = new Map<string, Group>();

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  add(notice: Notice): void {
    const { reason, type } = notice;
    const group = this.#groups.get(reason) ?? { waiting: [], type, omitted: 0 };
    this.#groups.set(reason, group);
    if (group.waiting.length < mostWaiting) group.waiting.push(notice);
    else group.omitted += 1;
  }

  hasWork(): boolean {
    for (const [reason, group] of this.#groups) {
      while (group.waiting[0]?.isStill() === false) group.waiting.shift();
      if (group.waiting.length + group.omitted > 0) return true;
      this.#groups.delete(reason);
    }
    return false;
  }

  /** The summary of a reason goes before its single ones; reasons take turns. */
  write(): Promise<void> {
    const [entry] = this.#groups;
    if (entry === undefined) return Promise.resolve();
    const [reason, group] = entry;
    this.#groups.delete(reason);
    this.#groups.set(reason, group);
    if (group.omitted > 0) this.#summarise(reason, group);
    else {
      const notice = group.waiting.shift();
      if (notice?.isStill() === true) this.#record(notice.about, notice);
    }
    return Promise.resolve();
  }

  #summarise(reason: string, group: Group): void {
    const about = this.#options.nodeSubject();
    const message = this.#options.summary(reason, group.omitted);
    group.omitted = 0;
    if (about !== undefined) this.#record(about, { type: group.type, reason, message });
  }

  #record(about: EventSubject, { type, reason, message }: EventContent): void {
    this.#options.record(about, { type, reason, message });
  }
}
