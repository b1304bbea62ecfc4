import type { ProviderClock } from '../../../../src/provider/provider.ts';
import { ProviderError } from '../../../../src/provider/provider-error.ts';
import { type Priority, priorities } from '../actions.ts';
import { reasonOf } from '../attempt.ts';
import type { BucketLimit } from '../lane-limits.ts';
import { AdaptiveBucket } from './adaptive-bucket.ts';

/** What would wait longer than this is told to come back: it would only use up the deadline of its call. */
const mostWaitMs = 30_000;

/** A place in the queue; what was throttled comes back with the one that it had. */
export interface Ticket {
  readonly priority: Priority;
  readonly order: number;
}

interface Waiter extends Ticket {
  readonly grant: () => void;
}

export interface LaneOptions {
  readonly clock: ProviderClock;
  readonly limit: BucketLimit;
  /** Told whenever another number of requests waits. */
  readonly waiting: (requests: number) => void;
}

/** Requests that share a token bucket: the most urgent first, then the oldest. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #bucket: AdaptiveBucket;
  readonly #queues: ReadonlyMap<Priority, Waiter[]> = new Map(priorities.map(priority => [priority, []]));
  #waiting = 0;
  #orders = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#bucket = new AdaptiveBucket(options.limit, options.clock.monotonic());
  }

  /** Throws `throttled` at once where the queue is too long for anybody's patience. */
  ticket(priority: Priority): Ticket {
    const ahead = priorities.slice(0, priorities.indexOf(priority) + 1).map(one => this.#queues.get(one)?.length ?? 0);
    const waitMs = (ahead.reduce((sum, one) => sum + one, 0) * 1_000) / this.#bucket.perSecond;
    if (waitMs <= mostWaitMs) return { priority, order: ++this.#orders };
    throw new ProviderError(
      'throttled',
      'AWS takes requests more slowly than they come: more will be sent in a while',
      {
        retryAfterMs: waitMs - mostWaitMs / 2,
      },
    );
  }

  /** Resolves when the request may go; rejects with the signal's reason. */
  enter(ticket: Ticket, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(reasonOf(signal));
      const queue = this.#queues.get(ticket.priority) ?? [];
      const abort = (): void => {
        queue.splice(queue.indexOf(waiter), 1);
        this.#count(-1);
        reject(reasonOf(signal));
      };
      const waiter: Waiter = {
        ...ticket,
        grant() {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      const later = queue.findLastIndex(({ order }) => order < ticket.order);
      queue.splice(later + 1, 0, waiter);
      signal.addEventListener('abort', abort, { once: true });
      this.#count(1);
      this.#serve();
    });
  }

  succeeded(): void {
    this.#bucket.succeeded();
  }

  throttled(sentAt: number): void {
    this.#bucket.throttled(sentAt, this.#options.clock.monotonic());
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#serve();
  }

  close(): void {
    this.#cancelTimer?.();
  }

  #serve(): void {
    const { clock } = this.#options;
    while (this.#waiting > 0 && this.#cancelTimer === undefined) {
      const waitMs = this.#bucket.waitMs(clock.monotonic());
      if (waitMs > 0) {
        this.#cancelTimer = clock.after(waitMs, () => {
          this.#cancelTimer = undefined;
          this.#serve();
        });
        return;
      }
      this.#bucket.take(clock.monotonic());
      const next = this.#next();
      this.#count(-1);
      next?.grant();
    }
  }

  #next(): Waiter | undefined {
    for (const queue of this.#queues.values()) if (queue.length > 0) return queue.shift();
    return undefined;
  }

  #count(change: 1 | -1): void {
    this.#waiting += change;
    this.#options.waiting(this.#waiting);
  }
}
