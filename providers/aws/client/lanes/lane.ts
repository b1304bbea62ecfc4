import { reasonOf } from '../../../../src/provider/adapter/unless-aborted.ts';
import type { ProviderClock } from '../../../../src/provider/provider.ts';
import { ProviderError } from '../../../../src/provider/provider-error.ts';
import { type Priority, priorities } from '../actions.ts';
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
  readonly refuse: (error: Error) => void;
}

export interface LaneOptions {
  readonly clock: ProviderClock;
  readonly limit: BucketLimit;
  /** Told whenever another number of requests waits, and how long one that comes now would. */
  readonly waiting: (requests: number, waitMs: number) => void;
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
    const ahead = priorities.slice(0, priorities.indexOf(priority) + 1).map(one => this.#queueOf(one).length);
    const waitMs = this.#waitMsBehind(ahead.reduce((sum, one) => sum + one, 0));
    if (waitMs > mostWaitMs) throw tooLong(waitMs);
    return { priority, order: ++this.#orders };
  }

  /** Resolves when the request may go; rejects with the signal's reason, or with `throttled` where AWS has become too slow meanwhile. */
  enter(ticket: Ticket, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(reasonOf(signal));
      const abort = (): void => {
        this.#leave(waiter);
        reject(reasonOf(signal));
      };
      const settled = (): void => signal.removeEventListener('abort', abort);
      const waiter: Waiter = {
        ...ticket,
        grant() {
          settled();
          resolve();
        },
        refuse(error) {
          settled();
          reject(error);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#join(waiter);
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
    this.#shed();
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
      const next = this.#first();
      if (next === undefined) return;
      this.#bucket.take(clock.monotonic());
      this.#leave(next);
      next.grant();
    }
  }

  /** The rate has fallen: those at the end would wait for longer than their calls last. */
  #shed(): void {
    for (const priority of priorities.toReversed()) {
      for (const waiter of this.#queueOf(priority).toReversed()) {
        const waitMs = this.#waitMsBehind(this.#waiting - 1);
        if (waitMs <= mostWaitMs) return;
        this.#leave(waiter);
        waiter.refuse(tooLong(waitMs));
      }
    }
  }

  #waitMsBehind(requests: number): number {
    return (requests * 1_000) / this.#bucket.perSecond;
  }

  #first(): Waiter | undefined {
    for (const queue of this.#queues.values()) if (queue.length > 0) return queue[0];
    return undefined;
  }

  #join(waiter: Waiter): void {
    const queue = this.#queueOf(waiter.priority);
    queue.splice(queue.findLastIndex(({ order }) => order < waiter.order) + 1, 0, waiter);
    this.#count(1);
  }

  #leave(waiter: Waiter): void {
    const queue = this.#queueOf(waiter.priority);
    queue.splice(queue.indexOf(waiter), 1);
    this.#count(-1);
  }

  #queueOf(priority: Priority): Waiter[] {
    return this.#queues.get(priority) ?? [];
  }

  #count(change: 1 | -1): void {
    this.#waiting += change;
    this.#options.waiting(this.#waiting, this.#waitMsBehind(this.#waiting));
  }
}

function tooLong(waitMs: number): ProviderError {
  return new ProviderError('throttled', 'AWS takes requests more slowly than they come: this one comes again later', {
    retryAfterMs: waitMs - mostWaitMs / 2,
  });
}
